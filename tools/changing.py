"""What a tool that changes something at the office needs, unless its own policy says otherwise.

Areas take it with `dataclasses.replace`, so that beside each tool stands only what is its own.
"""

from tools.policy import Assurance, Effect, Fallback, Policy

CALL_BACK = Fallback("Shall I have somebody call you back about it?", tool="promise_callback")

CHANGE = Policy(
    effect=Effect.WRITE,
    # A try that fails, the question what became of it, another try and its fence.
    deadline_s=8.0,
    try_s=2.0,
    assurance=Assurance.KNOWLEDGE,
    spoken_yes=True,
    times_per_call=5,
    fallback=CALL_BACK,
)
