"""What the caller heard of a fault, off the phone's waveform: silences, and who spoke. Pure."""

from rehearsal.phone.call import CallResult
from rehearsal.phone.measure import measure
from rehearsal.phone.utterances import Spoken

# Pauses within a sentence of the fixed clips' voice.
BREATH_S = 0.45
# The shortest of the clips that end a call, and the apology; what is shorter is another sentence.
FAREWELL_S, APOLOGY_S = 4.0, 6.26
# No filler is as long as the first sentence of a job that goes on.
BACK_AGAIN_S = 1.4


def silences(call: CallResult, died_s: float | None) -> tuple[float, ...]:
    """How long the caller waited in vain for a voice, each time that was 3 s or more.

    A caller who hangs up by themselves waited for nothing after the agent's last word; what a
    process that died at `died_s` leaves silent is judged by when somebody speaks instead.
    """
    heard = measure(call)
    last = heard.agent[-1].end_s if heard.agent else 0.0
    by_other = call.ended is not None and call.ended.by == "other"
    vain = [s for s in heard.dead_air if by_other or s.start_s < last]
    if died_s is not None:
        vain = [s for s in vain if not s.start_s <= died_s <= s.end_s]
    return tuple(s.end_s - s.start_s for s in vain)


def back_again(call: CallResult, died_s: float) -> float | None:
    """How long after `died_s` another job began to speak; None if nobody did."""
    spoke = (s for s in measure(call).agent if s.end_s - s.start_s >= BACK_AGAIN_S)
    return next((s.start_s - died_s for s in spoke if s.start_s > died_s), None)


def apology(call: CallResult, died_s: float) -> float | None:
    """How long after `died_s` the last sentence began; None if it is too short for an apology."""
    spoke = list(measure(call).agent)
    if not spoke:
        return None
    last = spoke.pop()
    while spoke and last.start_s - spoke[-1].end_s < BREATH_S:
        last = Spoken(spoke.pop().start_s, last.end_s)
    if last.end_s - last.start_s < FAREWELL_S:
        return None
    # What was cut off for it may end less than a breath before.
    return max(last.start_s, last.end_s - APOLOGY_S) - died_s
