"""`python -m dashboards generate|draw`: write what is committed; draw the boards on one page.

`make dashboards` and `make dashboard` call it.
"""

import os
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from dashboards.answers import Span
from dashboards.boards import BOARDS
from dashboards.generated import RUNBOOK, files
from dashboards.openmetrics import write
from dashboards.page import page
from dashboards.prometheus import NoPrometheus, Prometheus, blocks, serving

REPO = Path(__file__).resolve().parent.parent
HERE = REPO / "dashboards"
PAGE = REPO / ".run" / "dashboard.html"

app = typer.Typer(add_completion=False, help=__doc__)
_err = Console(stderr=True)


@app.command()
def generate(
    runbook: Annotated[
        str, typer.Option(help="Address of docs/runbook.md where people on call can open it.")
    ] = RUNBOOK,
    into: Annotated[Path, typer.Option(help="Folder to write grafana/ and rules/ into.")] = HERE,
) -> None:
    """Write Grafana's JSON and Prometheus' rules from the panels, promises and alarms."""
    for name, text in files(runbook).items():
        file = into / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        print(file)


@app.command()
def draw(
    prometheus: Annotated[
        str, typer.Option(help="Address of a Prometheus; without one, a simulated hour is drawn.")
    ] = "",
    hours: Annotated[
        float, typer.Option(min=0.1, help="How much of the past; with an address.")
    ] = 1,
    to: Annotated[Path, typer.Option(help="The page.")] = PAGE,
) -> None:
    """Draw all panels on one static page and print its path."""
    ends = time.time()
    try:
        if prometheus:
            with closing(Prometheus(prometheus)) as theirs:
                text = _drawn(theirs, Span(ends - hours * 3600, ends), to, prometheus)
        else:
            with tempfile.TemporaryDirectory(prefix="frontdesk-hour-") as folder:
                _err.print("a busy hour is simulated and loaded into a Prometheus of its own")
                hour, data = Path(folder) / "hour.om", Path(folder) / "data"
                write(hour, ends_at=ends)
                blocks(hour, data)
                with serving(data) as ours:
                    text = _drawn(ours, Span(ends - 3600, ends), to, "")
    except NoPrometheus as reason:
        _err.print(str(reason), style="red", markup=False)
        raise typer.Exit(1) from reason
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(text, encoding="utf-8")
    print(to)


def _drawn(prometheus: Prometheus, span: Span, to: Path, source: str) -> str:
    # An address that does not answer would fail on every panel: tell it once, before.
    prometheus.now("vector(1)", span.ends)
    runbook = os.path.relpath(REPO / RUNBOOK, to.resolve().parent)
    total = sum(1 for board in BOARDS for _ in board.panels())
    columns = (
        *Progress.get_default_columns()[:3],
        TimeElapsedColumn(),
        TextColumn("{task.fields[now]}"),
    )
    with Progress(*columns, console=_err) as progress:
        task = progress.add_task("drawing", total=total, now="")
        return page(
            prometheus,
            span,
            source=source,
            runbook=runbook,
            tell=lambda title: progress.update(task, advance=1, now=title),
        )


if __name__ == "__main__":
    app()
