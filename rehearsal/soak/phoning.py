"""Makes one call by telephone, short, as a caller of `rehearsal.phone` does."""

from typing import Any

from rehearsal.phone.call import CallFailed
from rehearsal.phone.caller import run_caller
from rehearsal.phone.steps import CallerPart
from rehearsal.soak.plan import GOODBYE, Kind, Plan
from rehearsal.soak.texting import CALL_WITHIN_S, WentWrong
from rehearsal.stack import Stack

# Long enough not to take a bridged wait for the answer.
PATIENCE_S = 1.5


async def phone(stack: Stack, plan: Plan) -> str:
    """Make one call to its end; its id as the carrier has it.

    Raises:
        WentWrong: it went otherwise than planned.
    """
    part = CallerPart.model_validate(
        {
            "from": plan.caller,
            "dial": plan.dialled,
            "silence_s": PATIENCE_S,
            "deadline_s": CALL_WITHIN_S,
            "steps": _steps(plan),
        }
    )
    try:
        result = await run_caller(part, proxy=stack.sip_address)
    except (CallFailed, OSError) as error:
        raise WentWrong(f"{type(error).__name__}: {error}") from error
    if result.gave_up is not None:
        raise WentWrong(f"the caller gave up: {result.gave_up}")
    return result.call.sip_call_id


def _steps(plan: Plan) -> list[dict[str, Any]]:
    says: list[dict[str, Any]] = [{"say": words} for words in plan.says]
    if plan.says[-1:] == (GOODBYE,) or plan.kind is Kind.UNKNOWN:
        return [*says, {"wait_for_hang_up": True, "within_s": CALL_WITHIN_S}]
    return [*says, {"hang_up": True, "after": "other"}]
