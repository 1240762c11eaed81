"""Calls as the page of a call gets them: a record with everything in it, and sound that fits it.

`cancelled_order` is what `rehearsal/scripts/cancel_order.yaml` leads to, `long_call` lasts a
quarter of an hour. `sound_of` hums wherever a turn is heard, caller left and agent right.
"""

import numpy as np
from numpy.typing import NDArray

from records.outcome import CallOutcome
from records.recording.opus import RATE_HZ, OpusStream
from records.view import (
    CallView,
    Consent,
    CostLine,
    FollowUp,
    Gap,
    Latency,
    Recording,
    Tokens,
    ToolUse,
    Turn,
)

ANSWERED = 1795636800.25
# Where each turn lies, in seconds after the answer: speaker, begin, end, words, response in ms.
SAID = (
    ("clip", 0.3, 2.4, "This call is recorded so that we can get better.", None),
    ("agent", 2.6, 5.4, "Hello, this is Acme. How can I help you?", None),
    ("caller", 6.3, 9.9, "hi, i'd like to cancel order number four three zero two please", None),
    ("agent", 10.7, 14.0, "I can do that. What is your zip code?", 812),
    ("caller", 15.2, 17.5, "it's nine four one zero seven", None),
    ("agent", 19.4, 24.2, "Shall I cancel order 4 3 0 2 for you? Please say yes or no.", 1870),
    ("caller", 23.6, 24.6, "yes please", None),
    ("agent", 25.2, 29.9, "Order 4 3 0 2 is cancelled. Is there anything else?", 640),
    ("caller", 30.8, 32.4, "no thanks, goodbye", None),
    ("agent", 33.0, 35.1, "Thank you for calling. Goodbye.", 590),
)


def cancelled_order() -> CallView:
    """A call of 36 s in which every part of a record holds something."""
    return CallView(
        call_id="20261125T200000-2f9e1eb6",
        sip_call_id="8714f2df7206e72988b49432@192.0.2.7",
        trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
        profile="acme",
        model="gpt-realtime",
        dialled="+15557654321",
        caller="+15550001111",
        worker="desk-3",
        pid=4711,
        resumes="20261125T195801-1b3d5f70",
        started_at=ANSWERED - 1.4,
        answered_at=ANSWERED,
        greeted_at=ANSWERED + 0.31,
        ended_at=ANSWERED + 35.9,
        outcome=CallOutcome.COMPLETED,
        reason="agent_said_goodbye",
        turns=[_turn(*one, interrupted=one[1] == 19.4) for one in SAID],
        tools=_tools(),
        latencies=[
            Latency(at=ANSWERED - 1.4, what="answer", ms=1400),
            Latency(at=ANSWERED, what="greeting", ms=310),
            Latency(at=ANSWERED + 9.9, what="model_first_audio", ms=455),
            Latency(at=ANSWERED + 17.5, what="dead_air", ms=1870),
        ],
        tokens=[
            Tokens(
                model="gpt-realtime",
                input_text=2794,
                input_audio=355,
                input_cached_text=2112,
                input_cached_audio=128,
                output_text=142,
                output_audio=507,
                transcribed_ms=8900,
            )
        ],
        cost=_cost(),
        consent=Consent(
            at=ANSWERED + 0.3, policy="announce", jurisdiction="US-CA", answer="announced"
        ),
        recording=Recording(
            name="2026/11/25/20261125T200000-2f9e1eb6.ogg",
            began_at=ANSWERED + 0.1,
            seconds=35.8,
            bytes=150_204,
            sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            stored_at=ANSWERED + 37.2,
        ),
        gaps=[Gap(began_at=ANSWERED + 15.0, ended_at=ANSWERED + 15.15, reason="card_heard")],
        follow_ups=[
            FollowUp(kind="call_back", promised_for=ANSWERED + 3600, done_at=ANSWERED + 5400)
        ],
        interruptions=1,
        dtmf_digits=4,
        apologised=True,
    )


def long_call(turns: int = 300, seconds: float = 900.0) -> CallView:
    """A call with `turns` turns, a tool for every ten of them, and a gap in the middle."""
    each = seconds / turns
    words = "and then it told me that the parcel is somewhere between here and there "
    said = [
        _turn(
            "agent" if n % 2 else "caller",
            n * each + 0.7,
            (n + 0.6 + 0.3 * (n % 4 == 0)) * each,
            words * (1 + n % 4),
            350 + n * 37 % 1900 if n % 2 else None,
        )
        for n in range(turns)
    ]
    tools = [
        ToolUse(
            at=ANSWERED + n * each + 0.2,
            tool="order_status",
            outcome=("ok", "ok", "refused", "timeout")[n // 10 % 4],
            duration_ms=40 + n * 31 % 1500,
            arguments={"order": str(4000 + n)},
        )
        for n in range(5, turns, 10)
    ]
    ended = ANSWERED + seconds
    return cancelled_order().model_copy(
        update={
            "call_id": "20261125T200000-900900aa",
            "ended_at": ended,
            "turns": said,
            "tools": tools,
            "latencies": [],
            "gaps": [
                Gap(began_at=ANSWERED + 400, ended_at=ANSWERED + 431.5, reason="card_entry"),
            ],
            "recording": cancelled_order().recording.model_copy(  # type: ignore[union-attr]
                update={"seconds": seconds, "began_at": ANSWERED}
            ),
        }
    )


def sound_of(call: CallView) -> bytes:
    """Ogg Opus in stereo: a hum, louder and quieter like speech, wherever a turn lies."""
    recording = call.recording
    assert recording
    samples = np.zeros((round(recording.seconds * RATE_HZ), 2), np.float32)
    for turn in call.turns:
        assert turn.began_at is not None
        assert turn.ended_at is not None
        first = max(0, round((turn.began_at - recording.began_at) * RATE_HZ))
        count = min(round((turn.ended_at - turn.began_at) * RATE_HZ), len(samples) - first)
        samples[first : first + count, int(turn.speaker != "caller")] = _hum(count, turn.speaker)
    return _encoded(samples)


def _hum(count: int, speaker: str) -> NDArray[np.float32]:
    seconds = np.arange(count, dtype=np.float32) / RATE_HZ
    syllables = 0.35 + 0.65 * np.abs(np.sin(seconds * np.pi * 2.1)) * np.abs(np.sin(seconds * 1.3))
    pitch = {"caller": 210, "agent": 150, "clip": 180}[speaker]
    hummed = 0.4 * syllables * np.sin(seconds * 2 * np.pi * pitch)
    return hummed.astype(np.float32)


def _encoded(samples: NDArray[np.float32]) -> bytes:
    """As the product's own recordings are."""
    stream = OpusStream()
    loud = (samples * 32767).astype(np.int16)
    pages = [stream.encode(loud[at : at + RATE_HZ]) for at in range(0, len(loud), RATE_HZ)]
    return b"".join([*pages, stream.close()])


def _turn(
    speaker: str,
    begins: float,
    ends: float,
    text: str,
    response_ms: int | None,
    *,
    interrupted: bool = False,
) -> Turn:
    return Turn.model_validate(
        {
            "at": ANSWERED + ends + (0.42 if speaker == "caller" else 0.02),
            "began_at": ANSWERED + begins,
            "ended_at": ANSWERED + ends,
            "speaker": speaker,
            "text": text,
            "response_ms": response_ms,
            "interrupted": interrupted,
        }
    )


def _tools() -> list[ToolUse]:
    order = {"order": "4302"}
    return [
        ToolUse(
            at=ANSWERED + 17.9,
            tool="verify_caller",
            outcome="ok",
            duration_ms=329,
            arguments={"zip_code": "94107", "customer_number": None},
        ),
        ToolUse(
            at=ANSWERED + 18.3,
            tool="cancel_order",
            outcome="needs_yes",
            reason="not_asked",
            duration_ms=27,
            arguments=order,
        ),
        ToolUse(
            at=ANSWERED + 24.7,
            tool="cancel_order",
            outcome="unknown",
            settled="ok",
            duration_ms=447,
            tries=2,
            key="fd-ac83c8fd2a6f7aad709b6247e88f18bd",
            arguments=order,
        ),
    ]


def _cost() -> list[CostLine]:
    lines = (
        ("model_input_audio", "gpt-realtime", 355, "tokens", 11_360, "2026-08-28"),
        ("model_output_audio", "gpt-realtime", 507, "tokens", 32_448, "2026-08-28"),
        ("telephony", "example-carrier inbound", 0.6167, "minutes", 5_242, "2026-10-01"),
    )
    return [
        CostLine(
            kind=kind,
            item=item,
            quantity=quantity,
            unit=unit,
            amount_micro=micro,
            currency="USD",
            price_dated=dated,
        )
        for kind, item, quantity, unit, micro, dated in lines
    ]
