"""The contest: everybody's turn comes, and no call that fails costs the others."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from bench import machine
from bench.contest import OURS, Contestant, Taken, in_turns, measured, talk
from rehearsal.model.brain import load_brain
from rehearsal.phone.call import CallFailed, CallResult
from rehearsal.phone.caller import CallerResult
from rehearsal.phone.timeline import Timeline
from rehearsal.stack import StackError


def a_call(*, stalls: int = 0, complaint: str = "") -> Taken:
    """A call that was answered after 400 ms and heard silence."""
    timeline = Timeline(0.0)
    timeline.add_sent(0.0, np.zeros(8000, dtype=np.int16))
    result = CallResult(200, None, None, 0.4, "", (), (), timeline, stalls)
    return Taken(CallerResult(result, 1, None), complaint=complaint)


def taking(*calls: Taken | Exception) -> Contestant:
    """A contestant whose calls come out like this, one after the other."""
    left = iter(calls)

    async def take() -> Taken:
        call = next(left)
        if isinstance(call, Exception):
            raise call
        return call

    return take


async def no_turns() -> Sequence[Mapping[str, Any]]:
    """The ledger of a session in which nothing was said."""
    return []


def test_contestants_take_turns() -> None:
    """A noisy minute hits all alike, so the peers' calls lie among ours and not after them."""
    order = in_turns(6, ("a", "b"), 2)

    assert order == [OURS, OURS, "a", "b", OURS, OURS, "a", "b", OURS, OURS]


@pytest.mark.parametrize(("calls", "peer_calls"), [(1, 3), (20, 3), (21, 4), (5, 0)])
def test_everybody_gets_as_many_calls_as_asked_for(calls: int, peer_calls: int) -> None:
    """However unevenly they divide."""
    order = in_turns(calls, ("a", "b"), peer_calls)

    assert [order.count(name) for name in (OURS, "a", "b")] == [calls, peer_calls, peer_calls]


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (CallFailed("no answer within 30 s"), "no answer within 30 s"),
        (httpx.ReadTimeout(""), "ReadTimeout"),
        (StackError("pipecat-2 is not ready"), "pipecat-2 is not ready"),
    ],
)
async def test_a_call_that_fails_is_counted_said_and_followed_by_the_next(
    failure: Exception, why: str
) -> None:
    """One lost call must not cost a run of ten minutes."""
    said: list[str] = []
    ours = taking(failure, a_call())

    found = await measured({OURS: ours}, [OURS, OURS], no_turns, said.append)

    assert (found[OURS].calls, found[OURS].failures) == (1, [why])
    assert f"ours: a call went wrong: {why}" in said


async def test_a_call_that_missed_its_goal_is_measured_and_counted_as_failed() -> None:
    """Its gaps were waited all the same."""
    found = await measured({OURS: taking(a_call(complaint="gave up"))}, [OURS], no_turns, print)

    assert (found[OURS].calls, found[OURS].failures) == (1, ["gave up"])
    assert found[OURS].answer_ms == [400.0]


async def test_a_call_that_the_phone_could_not_keep_up_with_measures_nothing() -> None:
    """It would blame the worker for this machine."""
    found = await measured({OURS: taking(a_call(stalls=1))}, [OURS], no_turns, print)

    assert (found[OURS].calls, found[OURS].stalled, found[OURS].failures) == (0, 1, [])


async def test_each_contestants_calls_are_kept_apart() -> None:
    """And the rest of the run is told after each."""
    said: list[str] = []
    both = {OURS: taking(a_call(), a_call()), "a": taking(a_call())}

    found = await measured(both, [OURS, "a", OURS], no_turns, said.append)

    assert {name: samples.calls for name, samples in found.items()} == {OURS: 2, "a": 1}
    assert said[-1] == "call 3 of 3, ours: 0 turns; 0.0 min left"


def test_the_model_understands_every_word_of_the_call() -> None:
    """A question it has no answer for would be measured as a turn all the same."""
    script = talk()
    rules = load_brain(script.brain).states["talk"].rules

    assert {step.say for step in script.caller.steps if step.say} == {
        phrase for rule in rules for phrase in rule.hears
    }


def test_a_run_says_which_code_it_measured(tmp_path: Path) -> None:
    """A figure without its commit cannot be compared with another."""
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    assert machine.revision(tmp_path / "nowhere") == {"commit": None, "dirty": None}
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "first"], check=True)

    found = machine.revision(tmp_path)
    (tmp_path / "new.py").touch()

    assert re.fullmatch("[0-9a-f]{7,}", str(found["commit"]))
    assert (found["dirty"], machine.revision(tmp_path)["dirty"]) == (False, True)
