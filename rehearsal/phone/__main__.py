"""The phone by hand: `python -m rehearsal.phone dial sip:+15557654321@127.0.0.1:5060 --say Hello`.

Shows the call's events as they come, words and keys included: this is the caller's own terminal.
"""

import asyncio
import ipaddress
import socket
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from rehearsal.phone.call import Call, CallFailed, CallResult
from rehearsal.phone.digest import Credentials
from rehearsal.phone.events import PhoneEvent
from rehearsal.phone.g711 import RATE_HZ
from rehearsal.phone.measure import measure
from rehearsal.phone.phone import open_phone
from rehearsal.phone.torture import datagrams
from rehearsal.speech import CannotSpeak, speak

LISTEN_TIMEOUT_S = 30.0

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)


def _show(event: PhoneEvent) -> None:
    told = {name: value for name, value in vars(event).items() if name != "headers"}
    print(f"{type(event).__name__:14}", *(f"{name}={value}" for name, value in told.items()))


async def _talk(call: Call, texts: list[str], voice: str, keys: str) -> None:
    clips = [(text, await speak(text, voice=voice, rate_hz=RATE_HZ)) for text in texts]
    await call.answered()
    seen = 0
    for text, clip in clips:
        await call.other_finishes(timeout_s=LISTEN_TIMEOUT_S, since=seen)
        await call.say(clip, text=text)
        seen = len(call.events)
    if keys:
        await call.press(keys)


@app.command()
def dial(
    address: Annotated[str, typer.Argument(help="sip:number@host:port")],
    *,
    say: Annotated[list[str] | None, typer.Option(help="said each time the other finished")] = None,
    press: Annotated[str, typer.Option(help="keys pressed after the last text")] = "",
    seconds: Annotated[float, typer.Option(help="how long to listen at the end")] = 10.0,
    caller: Annotated[str, typer.Option(help="the number to call from")] = "+15550001111",
    codec: Annotated[str, typer.Option(help="PCMU or PCMA")] = "PCMU",
    voice: Annotated[str, typer.Option(help="a flite or espeak-ng voice")] = "rms",
    user: Annotated[str, typer.Option(help="name:password, if the other side asks")] = "",
    record: Annotated[Path | None, typer.Option(help="stereo WAV to write")] = None,
    host: Annotated[str, typer.Option(help="address to call from")] = "127.0.0.1",
) -> None:
    """Call, speak, listen and hang up; exit 1 if the call failed or ended before all was said."""
    name, _, password = user.partition(":")
    credentials = Credentials(name, password) if user else None

    async def run() -> None:
        async with open_phone(user=caller, host=host, codec=codec, on_event=_show) as phone:
            call = await phone.dial(address, credentials=credentials)
            try:
                await _talk(call, say or [], voice, press)
                with suppress(CallFailed):
                    # All was said: whoever hangs up now ends the call, and fails nothing.
                    await call.reach(call.now_s + seconds)
            finally:
                _report(await call.hang_up(), record)

    try:
        asyncio.run(run())
    except (CallFailed, CannotSpeak) as failure:
        print(failure)
        raise typer.Exit(1) from failure


def _report(result: CallResult, record: Path | None) -> None:
    if record is not None:
        result.timeline.save(record)
    if result.answered_s is not None:
        for gap in measure(result).gaps:
            print(f"gap {1000 * gap.seconds:.0f} ms after {gap.start_s:.2f} s")


@app.command()
def torture(
    address: Annotated[str, typer.Argument(help="host:port of a SIP socket of your own")],
    number: Annotated[str, typer.Option(help="the number called")] = "+15557654321",
) -> None:
    """Send malformed datagrams to a SIP socket on this machine or a private network."""
    host, _, port = address.rpartition(":")
    if not ipaddress.ip_address(host).is_private:
        raise typer.BadParameter("only addresses of this machine or a private network")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect((host, int(port)))
        for name, data in datagrams(number, (host, int(port)), sender.getsockname()).items():
            sender.send(data)
            print(f"sent {len(data):6} bytes: {name}")


if __name__ == "__main__":
    app()
