"""One recording as it is written: timeline, encoder and sealed file together.

Belongs to one thread, which `agent.recorder` gives it; nothing in it waits for anything but the
disk. Times are seconds of the recording. A disk that takes nothing for half a minute ends the
recording there, and never the call.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import structlog

from records.recording.arrivals import Arrivals
from records.recording.files import PART, WHOLE, Kept, bytes_waiting, name_of
from records.recording.opus import OpusStream, Sound
from records.recording.sealed import SealedWriter
from records.recording.timeline import AGENT, CALLER, Gap, Reason, Timeline

# Half a minute of sound that the disk would not take; then it is given up.
MOST_UNWRITTEN_BYTES = 128 * 1024

log = structlog.get_logger(__name__)


class Writing:
    """A recording that has begun. `told` hears of each gap once it has ended.

    Args:
        most_backlog_bytes: begin nothing while more than that waits for the storage.
    """

    def __init__(
        self,
        folder: Path,
        call_id: str,
        key: bytes,
        *,
        began_at: float,
        most_backlog_bytes: int,
        told: Callable[[Gap], None],
    ) -> None:
        self._name, self._began_at, self._told = name_of(call_id), began_at, told
        self._part = folder / f"{self._name}{PART}"
        self.timeline = Timeline()
        self._arrivals: dict[str, Arrivals] = {}
        self._opus = OpusStream()
        self._unwritten = b""
        self._sealed_s = 0.0
        self._refused: Reason | None = None
        self._file: SealedWriter | None = None
        self._begun = False
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if bytes_waiting(folder) >= most_backlog_bytes:
                self._refused = "backlog_full"
                log.error(
                    "a call is not recorded: too many recordings wait on this machine;"
                    " mend their storage or raise FRONTDESK_RECORDINGS_MOST_BACKLOG_MB"
                )
            else:
                self._file = SealedWriter(self._part, key, call_id)
                self._begun = True
        except OSError as error:
            self._give_up(error)

    def heard(self, source: str, pcm: bytes, ends_at: float) -> None:
        """Sound of `caller`, or of a source on the agent's side; see `Arrivals.add`."""
        if self._refused is None:
            self._arrivals.setdefault(source, Arrivals()).add(pcm, ends_at)

    def work(self, now: float) -> None:
        """Place what has arrived, encode and write what is old enough."""
        if self._refused is None:
            self._place(now)
            self._encode(self.timeline.take(now))
        for gap in self.timeline.gaps():
            self._tell(gap)

    def close(self, now: float) -> Kept | None:
        """Write what is left, and the end. None if there is no recording."""
        self.timeline.finish(now)
        if self._refused is None:
            # Everything has arrived: nothing is waited for.
            self._place(float("inf"))
            self._encode(self.timeline.rest(now))
            self._write(self._opus.close())
        if self._refused is None and self._unwritten:
            self._give_up(OSError("the disk takes nothing"))
        for gap in self.timeline.gaps():
            self._tell(gap)
        if self._refused is None:
            return self._closed(now)
        self._told(Gap(self._sealed_s, now, self._refused))
        return self._closed(self._sealed_s)

    def abandon(self) -> float:
        """Leave it without an end, as a killed job would; up to where it was written."""
        if self._file is not None:
            self._file.abandon()
            self._file = None
        return self._sealed_s

    def discard(self) -> None:
        """Leave nothing of it."""
        if self._begun:
            self._part.unlink(missing_ok=True)
        self.abandon()

    def _place(self, now: float) -> None:
        for source, arrivals in self._arrivals.items():
            for run in arrivals.settled(now):
                self.timeline.place(CALLER if source == "caller" else AGENT, run)

    def _encode(self, blocks: Iterable[Sound]) -> None:
        for block in blocks:
            self._write(self._opus.encode(block))

    def _write(self, pages: bytes) -> None:
        self._unwritten += pages
        if self._file is None or not self._unwritten:
            return
        try:
            self._file.write(self._unwritten)
        except OSError as error:
            if len(self._unwritten) > MOST_UNWRITTEN_BYTES:
                self._give_up(error)
        else:
            self._unwritten, self._sealed_s = b"", self._opus.written_s

    def _give_up(self, error: OSError) -> None:
        self._refused = "storage"
        self._unwritten = b""
        self._arrivals.clear()
        log.error(
            "a recording ends here: its disk takes nothing, the call goes on; mend the disk of"
            " FRONTDESK_RECORDINGS_WAITING",
            error=error.strerror or str(error),
        )

    def _tell(self, gap: Gap) -> None:
        """What lies behind the end of a recording that was given up is told by that gap."""
        end = gap.ended_at if self._refused is None else min(gap.ended_at, self._sealed_s)
        if gap.began_at < end:
            self._told(gap._replace(ended_at=end))

    def _closed(self, seconds: float) -> Kept | None:
        if self._file is None:
            return None
        whole = True
        try:
            self._file.close()
            self._part.rename(self._part.with_suffix(WHOLE))
        except OSError as error:
            whole = False
            log.warning("a recording could not be closed", error=error.strerror or str(error))
        return Kept(
            self._name, self._began_at, seconds, self._file.size, self._file.sha256, whole=whole
        )
