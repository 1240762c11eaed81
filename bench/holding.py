"""One process that holds a call without a line, and keeps it or not; started by `bench.kept`.

It has loaded what a job has. Frames come in real time, and what the worker once wrote of a call,
each thing at its moment and by the way it took in the call: what is said through the redactor and
the recorder, all of it into journal, spool and database. The call begins again when it is over.
"""

import asyncio
import base64
import importlib
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from pydantic import BaseModel

from agent.keeping import Keeper, open_keeper
from agent.profile import Profile, load_profiles
from agent.question import Answer, Settled
from agent.recorder import Recorder
from agent.terms import terms_here
from bench.recording import FRAME_S, pss_mb, speech
from records import CallView, Journal, keep
from records.prices import PriceBook, load_prices
from records.redaction import Secrets
from records.settings import PriceSettings, RecordsAccess
from records.view import Turn

# Caches have filled, the encoder has done its first work.
WARM_UP_S = 8.0
# Between the call and the same call again.
PAUSE_S = 1.0
PROFILES = Path(__file__).parent / "profiles"
# A response of five seconds, as the provider counts it.
USED = {
    "input_token_details": {"text_tokens": 900, "audio_tokens": 300, "cached_tokens": 800},
    "input_tokens": 1200,
    "output_token_details": {"text_tokens": 30, "audio_tokens": 100},
    "output_tokens": 130,
}

app = typer.Typer(add_completion=False, help=__doc__)


class Taken(BaseModel):
    """What it took."""

    cpu_s: float
    pss_mb: float
    entries: int = 0
    """Entries that were written meanwhile."""


def record_in(folder: Path) -> RecordsAccess:
    """The record that is kept in `folder`, for whoever makes its tables."""
    key = base64.b64encode(bytes(32)).decode()
    url = f"sqlite+aiosqlite:///{folder}/records.db"
    return RecordsAccess.model_validate({"url": url, "key": key, "spool": folder / "spool"})


@dataclass
class _Held:
    """Who keeps the call, and how much of it there is so far."""

    journal: Journal
    keeper: Keeper
    recorder: Recorder
    written: int = 0


Happening = tuple[float, Callable[[_Held], object]]
"""When in the call, seconds, and what is told then."""


@app.command()
def main(
    file: Annotated[Path, typer.Argument(help="A call, as JSON; its record is made beside it.")],
    call_s: Annotated[float, typer.Option(help="How long it is held.")],
    keeps: Annotated[bool, typer.Option(help="Whether it is kept.")],
) -> None:
    """Hold it and print what that took, as JSON."""
    # What a job inherits from the server that it is forked from.
    importlib.import_module("agent.warm")
    call = CallView.model_validate_json(file.read_text(encoding="utf-8"))
    typer.echo(asyncio.run(_take_part(call, file.parent, call_s, keeps=keeps)).model_dump_json())


async def _take_part(call: CallView, folder: Path, call_s: float, *, keeps: bool) -> Taken:
    profile = load_profiles(PROFILES)["bench"]
    # The line that is measured keeps no sound.
    all_of_it = profile.recording.model_copy(update={"audio": True, "transcript": True})
    profile = profile.model_copy(update={"recording": all_of_it})
    book, voices = load_prices(PriceSettings().prices), (speech(1), speech(2))
    happens = sorted(_happenings(call), key=lambda one: one[0])
    async with _keeping(profile, folder, book) if keeps else nullcontext() as held:
        await _hold(held, happens, voices, WARM_UP_S)
        before, began = held.written if held else 0, time.process_time()
        await _hold(held, happens, voices, call_s)
        cpu_s, entries = time.process_time() - began, held.written - before if held else 0
        return Taken(cpu_s=cpu_s, pss_mb=pss_mb(), entries=entries)


@asynccontextmanager
async def _keeping(profile: Profile, folder: Path, book: PriceBook) -> AsyncIterator[_Held]:
    os.environ["FRONTDESK_RECORDINGS_WAITING"] = str(folder / "waiting")
    keeping = await keep(record_in(folder), "bench")
    journal = keeping.journal
    keeper, recorder = open_keeper(
        profile,
        keeping,
        terms=terms_here(profile),
        book=book,
        secrets=Secrets(),
        tell=lambda _: None,
    )
    assert recorder is not None
    held, filed = _Held(journal, keeper, recorder), journal.on_entry

    def count() -> None:
        held.written += 1
        filed()

    journal.on_entry = count
    journal.write("started", profile=profile.name, model=profile.model, caller="+15550001111")
    keeper.answered(time.monotonic())
    keeper.settled(Settled(profile.recording.owed_to("+15550001111"), Answer.NOT_NEEDED))
    yield held
    await keeper.close()
    if not await keeping.close():
        raise SystemExit("a measured record did not reach its database")


async def _hold(
    held: _Held | None,
    happens: Sequence[Happening],
    voices: tuple[list[bytes], list[bytes]],
    seconds: float,
) -> None:
    """Frames of both sides in real time, what is late in a heap; and what happens, in its time."""
    caller, agent = voices
    lasts_s = happens[-1][0] + PAUSE_S
    began, told = time.monotonic(), 0
    for number in range(round(seconds / FRAME_S)):
        due = number * FRAME_S
        if (wait_s := began + due - time.monotonic()) > 0:
            await asyncio.sleep(wait_s)
        over, of_call = divmod(told, len(happens))
        happens_now = due >= over * lasts_s + happens[of_call][0]
        told += happens_now
        if held is None:
            continue
        held.recorder.caller_heard(caller[number % len(caller)], time.monotonic())
        held.recorder.agent_sent(agent[number % len(agent)], began + due)
        if happens_now:
            happens[of_call][1](held)


def _happenings(call: CallView) -> Iterator[Happening]:
    began = call.answered_at or call.started_at
    for number, turn in enumerate(call.turns):
        if turn.speaker != "clip":
            yield from _turn(turn, f"item_{number}", began)
    for latency in call.latencies:
        yield latency.at - began, _written("latency", latency.model_dump(exclude={"at"}))
    for use in call.tools:
        told = use.model_dump(include={"tool", "outcome", "duration_ms", "arguments"})
        yield use.at - began, _written("tool", told)


def _written(kind: str, told: Mapping[str, Any]) -> Callable[[_Held], object]:
    return lambda held: held.journal.write(kind, **told)


def _turn(turn: Turn, item: str, began: float) -> Iterator[Happening]:
    """The voice begins; it ends, and what the model used is told; then its words are known."""
    begins, known = (turn.began_at or turn.at) - began, turn.at - began

    def starts(held: _Held) -> None:
        if turn.speaker == "agent":
            held.keeper.agent_began(time.monotonic())
        else:
            started = {"type": "input_audio_buffer.speech_started", "item_id": item}
            held.keeper.model_event(started)

    def is_known(held: _Held) -> None:
        if turn.speaker == "agent":
            held.keeper.model_event({"type": "response.done", "response": {"usage": USED}})
        facts = turn.model_dump(include={"began_at", "ended_at", "response_ms", "interrupted"})
        speaker: Literal["caller", "agent"] = "agent" if turn.speaker == "agent" else "caller"
        held.keeper.turn(speaker, turn.text, item, **facts)

    yield begins, starts
    yield known, is_known


if __name__ == "__main__":
    app()
