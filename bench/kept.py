"""What keeping a call adds to it: record and recording together, on and off at the same time.

Two processes hold the same call in real time (`bench.holding`); only one keeps it, with what a job
keeps it with: journal, spool, SQLite, redaction, encoder. `kept_cost` starts them and compares.
`python -m bench.kept FILE` prints it for a call that lies there as `CallView`'s JSON.
"""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from bench.holding import WARM_UP_S, Taken, record_in
from records import CallView
from records.upgrade import upgrade

CALL_S = 25.0
MARGIN_S = 60.0

app = typer.Typer(add_completion=False, help=__doc__)


class KeptCost(BaseModel):
    """What keeping adds to one call."""

    cores: float
    """Seconds of processor time for each second of the call."""
    pss_mb: float
    entries_per_minute: float
    """How much happens in the call: entries of its record."""


async def kept_cost(call: CallView, call_s: float = CALL_S) -> KeptCost:
    """Have one process keep `call` and another one not, and compare; takes `call_s` and a start."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "call.json"
        file.write_text(call.model_dump_json(), encoding="utf-8")
        # The parent's work, before there are calls.
        await upgrade(record_in(file.parent))
        without, keeping = await asyncio.gather(
            _taken(file, call_s, keeps=False), _taken(file, call_s, keeps=True)
        )
    return KeptCost(
        cores=round((keeping.cpu_s - without.cpu_s) / call_s, 4),
        pss_mb=round(keeping.pss_mb - without.pss_mb, 1),
        entries_per_minute=round(keeping.entries / call_s * 60, 1),
    )


@app.command()
def main(
    file: Annotated[Path, typer.Argument(help="A call, as JSON.", exists=True)],
    call_s: Annotated[float, typer.Option(min=1, help="How long it is held.")] = CALL_S,
) -> None:
    """Print what keeping a call adds to it, as JSON."""
    call = CallView.model_validate_json(file.read_text(encoding="utf-8"))
    typer.echo(asyncio.run(kept_cost(call, call_s)).model_dump_json())


async def _taken(file: Path, call_s: float, *, keeps: bool) -> Taken:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.holding", str(file), f"--call-s={call_s}"),
        "--keeps" if keeps else "--no-keeps",
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(call_s + WARM_UP_S + MARGIN_S):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return Taken.model_validate_json(said)


if __name__ == "__main__":
    app()
