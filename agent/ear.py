"""The caller's voice on its way to the model: heard by the recorder, and by nobody in a pause.

Put around the session's own input by `agent.call` once the session has started.
"""

import time

from livekit import rtc
from livekit.agents.voice.io import AudioInput

from agent.recorder import Recorder


class Ear(AudioInput):
    """Passes frames on, and silence of the same length while the recorder is paused.

    Silence and not nothing: the turn that a pause cuts short has to end, here and at the model.
    """

    def __init__(self, source: AudioInput, recorder: Recorder) -> None:
        super().__init__(label="Ear", source=source)
        self._recorder = recorder

    async def __anext__(self) -> rtc.AudioFrame:
        """The next frame that may be heard."""
        frame = await super().__anext__()
        self._recorder.caller_heard(frame.data.cast("b"), time.monotonic())
        if not self._recorder.paused:
            return frame
        return rtc.AudioFrame.create(
            frame.sample_rate, frame.num_channels, frame.samples_per_channel
        )
