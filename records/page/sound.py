"""The recording as its page needs it: how loud each side was, and why there is none.

Used by `records.page.page`. The sound is decoded a frame at a time, so that an hour of it takes no
more memory than its peaks.
"""

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass

import av
import numpy as np
from numpy.typing import NDArray

from records.page.clock import in_utc
from records.view import CallView

# A column of the waveform at the largest zoom; short enough to see where a word begins.
BUCKET_S = 0.02


class Undecodable(Exception):
    """The bytes are no sound of two sides; the message says what they are."""


@dataclass(frozen=True)
class Heard:
    """How loud each side was in every `BUCKET_S` of the sound: 0 to 255, one byte each."""

    seconds: float
    caller: bytes
    agent: bytes

    def drawn(self) -> dict[str, object]:
        """The same for the page's script."""
        sides = {"caller": self.caller, "agent": self.agent}
        return {
            "bucket_s": BUCKET_S,
            "seconds": self.seconds,
            **{side: base64.b64encode(peaks).decode() for side, peaks in sides.items()},
        }


def heard_in(sound: bytes) -> Heard:
    """How loud both sides of a stereo recording were, left the caller and right the agent.

    Raises:
        Undecodable: it is no such recording, or nothing of it can be decoded.
    """
    try:
        with av.open(io.BytesIO(sound), mode="r", format="ogg") as container:
            return _measured(container)
    except (av.FFmpegError, IndexError) as error:
        raise Undecodable("it is no sound that can be decoded") from error


def _measured(container: av.container.InputContainer) -> Heard:
    stream = container.streams.audio[0]
    if stream.channels != 2:
        raise Undecodable(f"it has {stream.channels} channels and not a left and a right one")
    rate = stream.sample_rate
    per_bucket = round(rate * BUCKET_S)
    # Planar floats whatever the codec gives.
    planar = av.AudioResampler(format="fltp", layout="stereo", rate=rate)
    peaks: list[NDArray[np.uint8]] = []
    left_over = np.zeros((2, 0), np.float32)
    samples = 0
    for frame in _frames(container, stream):
        for even in planar.resample(frame):
            block = np.concatenate([left_over, even.to_ndarray()], axis=1)
            samples += even.samples
            whole = block.shape[1] // per_bucket * per_bucket
            peaks.append(_peaks(block[:, :whole], per_bucket))
            left_over = block[:, whole:]
    if not samples:
        raise Undecodable("it holds no sound")
    if left_over.shape[1]:
        peaks.append(_peaks(left_over, left_over.shape[1]))
    loud = np.concatenate(peaks, axis=1)
    return Heard(round(samples / rate, 3), loud[0].tobytes(), loud[1].tobytes())


def _frames(
    container: av.container.InputContainer, stream: av.AudioStream
) -> Iterator[av.AudioFrame]:
    """What can be decoded, up to where it breaks off: a job that died leaves such a file."""
    decoded = container.decode(stream)
    first = next(decoded, None)
    while first is not None:
        yield first
        try:
            first = next(decoded, None)
        except av.FFmpegError:
            return


def _peaks(block: NDArray[np.float32], per_bucket: int) -> NDArray[np.uint8]:
    loud: NDArray[np.float32] = np.abs(block).reshape(2, -1, per_bucket).max(axis=2, initial=0)
    return np.minimum(np.ceil(loud * 255), 255).astype(np.uint8)


def why_silent(call: CallView, sound: bytes | None) -> str:
    """Why the page holds no sound, in a sentence; empty if it may hold `sound`.

    What was erased or refused is never embedded, whatever the caller of this has in hand.
    """
    if call.erased_at is not None:
        return f"Sound and words of this call were destroyed on {in_utc(call.erased_at)}."
    if call.consent is not None and call.consent.answer in ("refused", "no_answer"):
        return "The call was not recorded: the caller did not agree to it."
    if call.recording is None:
        return "The call was not recorded."
    if sound:
        return ""
    if call.recording.stored_at is None:
        return "The recording still waits on the worker's machine; write this page again later."
    return "The recording could not be fetched when this page was written; write it again."
