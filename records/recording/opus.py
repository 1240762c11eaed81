"""Sound to Ogg Opus and back, by PyAV.

`records.recording.writing` encodes with it as the call goes; whoever shows or plays a recording
decodes with it. LiveKit has loaded PyAV into every job already, so it costs no memory of its own.
"""

import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO, TypeAlias

import av
import numpy as np
from numpy.typing import NDArray

RATE_HZ = 24_000
"""What models speak and callers are heard in; Opus takes it as it is."""
CHANNELS = 2
# Both sides together. Telephone speech stays plain at 16 kbit/s a side.
BIT_RATE = 32_000
# Complexity 0 takes less than half the processor time of 5 and needs hardly more bits for it.
_OPTIONS = {"application": "voip", "compression_level": "0", "frame_duration": "20"}
# A page is what a killed job may lose, and what is sealed at once.
_PAGE_US = 1_000_000
_PAGE = b"OggS"
_GRANULE = struct.Struct("<q")
_GRANULE_AT = 6
# Whatever it carries, Ogg Opus counts in 48 kHz.
_GRANULES_PER_S = 48_000

Sound: TypeAlias = NDArray[np.int16]
"""Samples: (n,) of one side, (n, 2) of both, the caller left and the agent right."""


class _Pages:
    """Takes what the muxer writes: whole pages."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    def write(self, page: bytes) -> int:
        """PyAV gives whole pages, since each is flushed."""
        self.taken.append(bytes(page))
        return len(page)


class OpusStream:
    """Encodes one recording. Belongs to one thread."""

    def __init__(self) -> None:
        self._pages = _Pages()
        self._container = av.open(
            self._pages, "w", format="ogg", options={"page_duration": str(_PAGE_US)}
        )
        self._stream = self._container.add_stream(
            "libopus", rate=RATE_HZ, layout="stereo", options=dict(_OPTIONS)
        )
        self._stream.bit_rate = BIT_RATE
        self._samples = 0
        self.written_s = 0.0
        """Up to where the pages that were handed out reach."""

    def encode(self, sound: Sound) -> bytes:
        """The pages that are full with `sound`, of shape (n, 2); often none."""
        frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate, frame.pts = RATE_HZ, self._samples
        self._samples += len(sound)
        self._container.mux(self._stream.encode(frame))
        return self._full()

    def close(self) -> bytes:
        """The last pages."""
        self._container.mux(self._stream.encode(None))
        self._container.close()
        return self._full()

    def _full(self) -> bytes:
        pages, self._pages.taken = self._pages.taken, []
        self.written_s = max(self.written_s, recorded_s(pages))
        return b"".join(pages)


def _samples(part: av.AudioFrame) -> Sound:
    return part.to_ndarray().reshape(-1, CHANNELS).astype(np.int16, copy=False)


def recorded_s(pages: Iterable[bytes]) -> float:
    """How long the sound of an Ogg Opus file is, to within 10 ms, without decoding it.

    Args:
        pages: the file in pieces that hold whole pages, as it is sealed and read.
    """
    latest = 0
    for piece in pages:
        if (at := piece.rfind(_PAGE)) >= 0:
            latest = max(latest, _GRANULE.unpack_from(piece, at + _GRANULE_AT)[0])
    return latest / _GRANULES_PER_S


def decoded(ogg: BinaryIO) -> Iterator[Sound]:
    """The sound of an Ogg Opus file at 24 kHz, in blocks of shape (n, 2).

    A file that breaks off is decoded as far as it goes.
    """
    resampler = av.AudioResampler(format="s16", layout="stereo", rate=RATE_HZ)
    with av.open(ogg, "r", format="ogg") as container:
        for frame in container.decode(audio=0):
            for part in resampler.resample(frame):
                yield _samples(part)
        for part in resampler.resample(None):
            yield _samples(part)
