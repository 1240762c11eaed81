"""Debian's baresip as a second, independent phone: configured, started, driven and ended.

What our own phone believes of SIP it also wrote; baresip did not. Tests call it, are called by it
and let it call the whole stack. Driven through its `ctrl_tcp` module: netstrings of JSON.
"""

import asyncio
import json
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from rehearsal.stack.ports import Ports, choose, free

MODULES = Path("/usr/lib/baresip/modules")
START_TIMEOUT_S = 15.0
COMMAND_TIMEOUT_S = 5.0
STOP_TIMEOUT_S = 3.0

_CONFIG = """\
sip_listen {host}:{sip_port}
net_interface {host}
audio_source aufile,{says}
audio_player aufile,{folder}/unused.wav
ausrc_srate 8000
auplay_srate 8000
rtp_ports {rtp_port}-{rtp_last}
module_path {modules}
module g711.so
module aufile.so
module sndfile.so
snd_path {folder}/recorded
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {host}:{control_port}
"""


class BaresipFailed(Exception):
    """baresip is missing, did not start, or refused a command; the message says which."""


class Baresip:
    """One running baresip; made by `open_baresip`."""

    def __init__(
        self, user: str, address: tuple[str, int], recorded: Path, writer: asyncio.StreamWriter
    ) -> None:
        self.user = user
        self.address = address
        """Where it takes calls: host and SIP port."""
        self.events: list[dict[str, Any]] = []
        """Everything it told, in order, as baresip words it (`type`, `param`, ...)."""
        self._recorded = recorded
        self._changed = asyncio.Event()
        self._replies: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._writer = writer

    async def dial(self, uri: str) -> None:
        """Call a SIP URI."""
        await self._command("dial", uri)

    async def accept(self) -> None:
        """Answer the call that rings."""
        await self._command("accept")

    async def hang_up(self) -> None:
        """End the call."""
        await self._command("hangup")

    async def press(self, key: str) -> None:
        """Press and release one key."""
        await self._command("sndcode", key)
        await self._command("sndcode", "\x04")

    async def happens(self, kind: str, *, timeout_s: float = 10.0) -> dict[str, Any]:
        """Wait for an event such as CALL_ESTABLISHED, also an earlier one.

        Raises:
            BaresipFailed: it did not come in time; the message lists what did.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while not (found := [e for e in self.events if e.get("type") == kind]):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError as error:
            told = ", ".join(str(e.get("type")) for e in self.events) or "nothing"
            raise BaresipFailed(f"no {kind} within {timeout_s:g} s; it told {told}") from error
        return found[0]

    def recording(self, direction: str) -> Path:
        """The WAV of the last call: `enc` is what it sent, `dec` what it heard.

        Raises:
            BaresipFailed: it recorded none.
        """
        found = sorted(self._recorded.glob(f"*-{direction}.wav"))
        if not found:
            raise BaresipFailed(f"baresip recorded no {direction}")
        return found[-1]

    async def _command(self, command: str, params: str = "") -> None:
        token = secrets.token_hex(4)
        reply: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._replies[token] = reply
        asked = json.dumps({"command": command, "params": params, "token": token}).encode()
        self._writer.write(f"{len(asked)}:".encode() + asked + b",")
        try:
            async with asyncio.timeout(COMMAND_TIMEOUT_S):
                await self._writer.drain()
                said = await reply
        except TimeoutError as error:
            raise BaresipFailed(f"no reply to {command} within {COMMAND_TIMEOUT_S:g} s") from error
        finally:
            self._replies.pop(token, None)
        if not said.get("ok"):
            raise BaresipFailed(f"{command} was refused: {said.get('data')}")

    async def listen(self, reader: asyncio.StreamReader) -> None:
        """Take in what it tells until its end; `open_baresip` runs this."""
        while True:
            try:
                length = await reader.readuntil(b":")
                said = json.loads((await reader.readexactly(int(length[:-1]) + 1))[:-1])
            except asyncio.IncompleteReadError:
                return
            if said.get("response"):
                reply = self._replies.get(str(said.get("token")))
                if reply is not None and not reply.done():
                    reply.set_result(said)
            else:
                self.events.append(said)
                self._changed.set()


@asynccontextmanager
async def open_baresip(
    folder: Path,
    *,
    user: str,
    says: Path,
    codec: str = "PCMU",
    answers: bool = True,
    host: str = "127.0.0.1",
) -> AsyncIterator[Baresip]:
    """Run a baresip with the number `user` until the block is left.

    Args:
        folder: an empty folder for its configuration, log and recordings.
        user: its number; it only takes calls to this one.
        says: WAV it plays, 8 kHz 16-bit mono. At its end baresip hangs up.
        codec: "PCMU" or "PCMA".
        answers: take calls at once; otherwise they ring until `accept`.
        host: address to bind.

    Raises:
        BaresipFailed: it is not installed or did not come up.
    """
    program = shutil.which("baresip")
    if program is None:
        raise BaresipFailed("baresip is not installed: run `make setup`")
    ports = _ports()
    mode = "auto" if answers else "manual"
    account = (
        f"<sip:{user}@{host}:{ports.sip};transport=udp>"
        f";regint=0;audio_codecs={codec}/8000/1;answermode={mode}\n"
    )
    _configure(folder, account, host=host, ports=ports, says=says)
    with (folder / "baresip.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            program, "-f", str(folder), stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        reader, writer = await _connect(host, ports.office, process, folder)
        phone = Baresip(user, (host, ports.sip), folder / "recorded", writer)
        listening = asyncio.create_task(phone.listen(reader))
        try:
            yield phone
        finally:
            listening.cancel()
            writer.close()
    finally:
        await _end(process)


def _configure(folder: Path, account: str, *, host: str, ports: Ports, says: Path) -> None:
    (folder / "recorded").mkdir(parents=True)
    (folder / "accounts").write_text(account)
    (folder / "config").write_text(
        _CONFIG.format(
            host=host,
            sip_port=ports.sip,
            control_port=ports.office,
            rtp_port=ports.rtp,
            rtp_last=ports.rtp_end,
            says=says.absolute(),
            folder=folder.absolute(),
            modules=MODULES,
        )
    )


async def _connect(
    host: str, port: int, process: asyncio.subprocess.Process, folder: Path
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    deadline = asyncio.get_running_loop().time() + START_TIMEOUT_S
    while asyncio.get_running_loop().time() < deadline and process.returncode is None:
        with suppress(OSError):
            return await asyncio.open_connection(host, port)
        await asyncio.sleep(0.05)
    tail = (folder / "baresip.log").read_text(errors="replace")[-500:]
    raise BaresipFailed(f"baresip did not come up: {tail}")


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_TIMEOUT_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _ports() -> Ports:
    """Ports that no outgoing connection is given by chance; baresip binds the one after SIP too."""
    while not free((ports := choose()).sip + 1):
        continue
    return ports
