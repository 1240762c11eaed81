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
BESIDE = ("bench", "dashboards", "setup")
MODULES = sorted(file for root in (*ROOTS, *BESIDE) for file in (REPO / root).rglob("*.py"))
# Written against other libraries, which are not installed here.
MODULES = [file for file in MODULES if (REPO / "bench" / "peers") not in file.parents]
TESTING = sorted((REPO / "tests").rglob("*.py"))
TESTS = [file for file in TESTING if file.name.startswith("test_")]

MAX_LINES, MAX_FUNCTION_LINES, MAX_PUBLIC = 400, 40, 8
# More public names than eight, each with its reason.
MANY_NAMES = {
    "agent/metrics.py": "every series of the worker stands in one place",
    "agent/reports.py": "one class per kind of report, and the union of them",
    "records/view.py": "one class per part of a record, and the record of them",
}
# What keeps a pace, or is never meant to end, waits for nothing.
MAY_SLEEP = {
    "tests/integration/model/calling.py pieces": "sends audio at its pace",
    "tests/integration/realtime/sound.py _next": "sends audio at its pace",
    "tests/integration/recording/talking.py talk": "sends audio at its pace",
    "tests/unit/desk_tools/fake_office.py hang": "never answers, in virtual time",
    "tests/e2e/desk.py _begin": "looks again until the call that it watches has its own end",
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


@pytest.mark.parametrize("file", TESTING, ids=name_of)
def test_nothing_in_tests_sleeps_to_wait(file: Path) -> None:
    """A sleep is either too short for a busy machine or too long for everybody.

    A helper may look again and again at what another process does, until a deadline.
    """
    functions = [
        n for n in ast.walk(tree_of(file)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    asleep = [f"{name_of(file)} {f.name}" for f in functions if sleeps(f)]
    polls = [f"{name_of(file)} {f.name}" for f in functions if looks_until_a_deadline(f)]
    allowed = set(MAY_SLEEP) if file in TESTS else set(MAY_SLEEP) | set(polls)

    assert not set(asleep) - allowed


def sleeps(node: ast.AST) -> bool:
    """Whether it sleeps, by name or by an event that nobody sets."""
    asleep = r"(time|asyncio)\.sleep\b|\bEvent\(\)\.wait\b(?!\(\))"
    return re.search(asleep, ast.unparse(node)) is not None


def looks_until_a_deadline(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether all its sleeping is done in loops, and the loops have an end in time."""
    loops = [n for n in ast.walk(function) if isinstance(n, ast.While) and sleeps(n)]
    within = {id(inner) for loop in loops for inner in ast.walk(loop)}
    calls = [n for n in ast.walk(function) if isinstance(n, ast.Call)]
    outside = [call for call in calls if sleeps(call.func) and id(call) not in within]
    ends = re.search(r"asyncio\.timeout\(|time\.monotonic\(\) >", ast.unparse(function))
    return bool(loops) and not outside and ends is not None


def test_every_exception_is_still_needed() -> None:
    """A list of exceptions that nobody cleans becomes a list of rules that nobody keeps."""
    asleep = {
        f"{name_of(file)} {n.name}"
        for file in TESTING
        for n in ast.walk(tree_of(file))
        if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) and sleeps(n)
    }

    assert not set(MAY_SLEEP) - asleep


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


@pytest.mark.parametrize("page", ["settings.md", "profile.md", "metrics.md"])
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


@pytest.mark.parametrize("file", ["requirements.lock", "bench/peers/requirements.lock"])
def test_nothing_committed_names_a_package_registry(file: str) -> None:
    """A lock holds versions and hashes; where they come from is the machine's business."""
    lock = (REPO / file).read_text(encoding="utf-8")

    assert not re.search(r"https?://|--index-url|--find-links", lock)
