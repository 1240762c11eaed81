"""The budgets of our style and the promises of our docs, checked over the whole tree."""

import ast
import importlib
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

REPO = Path(__file__).parents[2]
ROOTS = ("agent", "tools", "sip", "records", "evals", "rehearsal", "configs")
MODULES = sorted(file for root in (*ROOTS, "bench") for file in (REPO / root).rglob("*.py"))
MODULES = [file for file in MODULES if "peers" not in file.parts]
TESTS = sorted((REPO / "tests").rglob("test_*.py"))

MAX_LINES, MAX_FUNCTION_LINES, MAX_PUBLIC = 400, 40, 8
# More public names than eight, each with its reason.
MANY_NAMES = {
    "agent/metrics.py": "every series of the worker stands in one place",
    "agent/reports.py": "one class per kind of report, and the union of them",
}


def tree_of(file: Path) -> ast.Module:
    """The syntax tree of one module."""
    return ast.parse(file.read_text(encoding="utf-8"))


def name_of(file: Path) -> str:
    """The path of a file as people write it."""
    return str(file.relative_to(REPO))


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_a_module_is_small_and_says_why_it_exists(file: Path) -> None:
    """Budgets of lines, functions and public names, and a docstring at the top."""
    tree, lines = tree_of(file), file.read_text(encoding="utf-8").splitlines()
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    too_long = [f.name for f in functions if length_of(f) > MAX_FUNCTION_LINES]
    public = [name for name in map(public_name, tree.body) if name]

    assert ast.get_docstring(tree), "open with why the module exists"
    assert len(lines) <= MAX_LINES
    assert not too_long, f"longer than {MAX_FUNCTION_LINES} lines: {too_long}"
    assert len(public) <= MAX_PUBLIC or name_of(file) in MANY_NAMES, f"{len(public)}: {public}"


def length_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function's body, its docstring left out."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def public_name(node: ast.stmt) -> str | None:
    """The name that a statement offers to other modules; HTTP routes and commands offer none."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return None
    hung_up = any(re.match(r"(router|app)\.", ast.unparse(d)) for d in node.decorator_list)
    return None if node.name.startswith("_") or hung_up else node.name


@pytest.mark.parametrize("file", [f for f in MODULES if f.name == "__init__.py"], ids=name_of)
def test_a_package_names_what_it_offers(file: Path) -> None:
    """`__all__` stands in every package."""
    names = [t.id for n in tree_of(file).body for t in targets_of(n) if isinstance(t, ast.Name)]

    assert "__all__" in names


def targets_of(node: ast.stmt) -> list[ast.expr]:
    """What an assignment assigns to."""
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AnnAssign) else []


@pytest.mark.parametrize("file", TESTS, ids=name_of)
def test_a_test_is_a_sentence(file: Path) -> None:
    """Every test says in its docstring which behaviour it holds."""
    tests = [
        n for n in ast.walk(tree_of(file)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    mute = [t.name for t in tests if t.name.startswith("test_") and not ast.get_docstring(t)]

    assert not mute


@pytest.mark.parametrize("file", TESTS, ids=name_of)
def test_no_test_sleeps_to_wait(file: Path) -> None:
    """A sleep is either too short for a busy machine or too long for everybody."""
    calls = [ast.unparse(n.func) for n in ast.walk(tree_of(file)) if isinstance(n, ast.Call)]

    assert not {"time.sleep", "asyncio.sleep"} & set(calls)


@pytest.mark.parametrize("root", ROOTS)
def test_every_root_is_ours(root: str) -> None:
    """A stranger's package of the same name never shadows one of ours."""
    found = Path(importlib.import_module(root).__file__ or "")

    assert found.is_relative_to(REPO), f"{root} was imported from {found}"


def test_no_test_folder_bears_the_name_of_a_root() -> None:
    """Such a folder can replace the real package while tests run."""
    folders = {p.name for p in (REPO / "tests").rglob("*") if p.is_dir()}

    assert not folders & set(ROOTS)


def test_there_is_no_agent_tools() -> None:
    """Run as a script, `agent/` is first on the path, and `import tools` would find that file."""
    assert not (REPO / "agent" / "tools.py").exists()


def pages() -> ModuleType:
    """docs/reference.py, which is a script and no package."""
    spec = importlib.util.spec_from_file_location("reference", REPO / "docs" / "reference.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["settings.md", "metrics.md"])
def test_every_setting_and_metric_is_documented(page: str) -> None:
    """The reference pages say what the code says; `make docs` writes them anew."""
    written = (REPO / "docs" / page).read_text(encoding="utf-8")

    assert written == pages().PAGES[page]()


@pytest.mark.parametrize("package", ["agent", "tools", "sip", "rehearsal"])
def test_every_setting_says_what_it_does(package: str) -> None:
    """A field without a docstring would be an empty row."""
    silent = [
        f"{settings.__name__}.{name}"
        for settings in pages().settings_classes(package)
        for name, field in settings.model_fields.items()
        if not field.description
    ]

    assert not silent


def test_nothing_committed_names_a_package_registry() -> None:
    """The lock holds versions and hashes; where they come from is the machine's business."""
    lock = (REPO / "requirements.lock").read_text(encoding="utf-8")

    assert not re.search(r"https?://|--index-url|--find-links", lock)
