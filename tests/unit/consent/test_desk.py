"""How consent is asked for on a call: every way to answer, and none at all."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.consent import ConsentDesk
from agent.question import Answer, Settled
from agent.watch import Line
from records.consent import Policy
from tests.unit.consent.caller import ENGLISH, Counter, Heard, Presses, Says, at_the_desk, owing
from tests.unit.desk_tools.virtual_time import VirtualTimeLoop

# The question is heard from 0.5 to 1.84 s, how to answer it until 3.7 s.
ASKED_S = 1.9
TOLD_HOW_S = 3.8


@pytest.mark.parametrize(
    ("does", "answer", "by"),
    [
        ([Says("Yes, please.", TOLD_HOW_S)], Answer.GRANTED, "voice"),
        ([Says("Yes.", ASKED_S)], Answer.GRANTED, "voice"),
        ([Says("One.", TOLD_HOW_S)], Answer.GRANTED, "voice"),
        ([Presses("1", TOLD_HOW_S)], Answer.GRANTED, "key"),
        ([Says("No.", TOLD_HOW_S)], Answer.REFUSED, "voice"),
        ([Says("no no no", 1.0)], Answer.REFUSED, "voice"),
        ([Says("No, you may not.", ASKED_S)], Answer.REFUSED, "voice"),
        ([Presses("2", 1.0)], Answer.REFUSED, "key"),
        ([Says("Yes.", ASKED_S), Says("no, wait", 3.0)], Answer.REFUSED, "voice"),
        ([Says("Yes.", ASKED_S), Says("it is about my order", 2.8, 3)], Answer.GRANTED, "voice"),
        ([], Answer.NO_ANSWER, ""),
        ([Presses("7", TOLD_HOW_S)], Answer.NO_ANSWER, ""),
    ],
)
async def test_an_answer_is_taken_at_its_word(
    does: list[Says | Presses], answer: Answer, by: str
) -> None:
    """Spoken or pressed, as soon as the question has been heard; a no at any time."""
    heard = await at_the_desk(does)

    assert (heard.answer, heard.settled[0].by) == (answer, by)
    assert heard.desk.keeps_words is (answer is Answer.GRANTED)
    assert heard.said.count("recording_again") == 0


async def test_a_yes_before_the_question_was_heard_agrees_to_nothing() -> None:
    """Neither spoken nor pressed: nobody agrees to what they do not know."""
    spoken = await at_the_desk([Says("Yes?", 0.2)])
    pressed = await at_the_desk([Presses("1", 0.2)])

    assert (spoken.answer, pressed.answer) == (Answer.NO_ANSWER, Answer.NO_ANSWER)
    assert "recording_again" in spoken.said


async def test_a_yes_that_was_said_before_counts_for_the_question_then_asked_whole() -> None:
    """Whoever says hello over the question is asked anew, and their yes is one."""
    heard = await at_the_desk([Says("Hello, yes?", 0.8), Says("Yes.", 8.0)])

    assert heard.said == ["recording_question", "recording_again"]
    assert heard.answer is Answer.GRANTED
    assert heard.settled[0].asked == 2


@pytest.mark.parametrize("text", ["Where is my order?", "Ah.", "I guess so, but why?"])
async def test_whoever_is_not_understood_is_asked_once_more_and_then_let_go(text: str) -> None:
    """What is not clearly a yes is none."""
    heard = await at_the_desk([Says(text, TOLD_HOW_S), Says(text, 12.0)])

    assert heard.said[-2:] == ["recording_again", "recording_refused"]
    assert heard.answer is Answer.NO_ANSWER


async def test_a_noise_is_neither_an_answer_nor_a_reason_to_ask_again() -> None:
    """A cough has no words; the yes after it counts."""
    heard = await at_the_desk([Says("", TOLD_HOW_S, 0.3), Says("Yes.", 5.0)])

    assert heard.answer is Answer.GRANTED
    assert "recording_again" not in heard.said


async def test_words_that_come_late_count_while_the_question_is_asked_again() -> None:
    """Whoever said yes to it need not say it twice, nor hear the question out."""
    heard = await at_the_desk([Says("Yes.", TOLD_HOW_S, words_after_s=2.5)])

    assert "recording_again" in heard.said
    assert heard.answer is Answer.GRANTED
    assert heard.took_s < TOLD_HOW_S + 0.6 + 0.25 + 2.5 + 0.3


async def test_whoever_says_nothing_is_told_that_nothing_is_recorded() -> None:
    """They are not asked twice: they heard it."""
    heard = await at_the_desk()

    assert heard.said == ["recording_question", "recording_how", "recording_refused"]
    assert heard.took_s < 9


async def test_whoever_talks_on_and_on_is_not_waited_for() -> None:
    """Their words are no answer, and they are owed a greeting."""
    heard = await at_the_desk([Says("so listen ...", 3.0, lasts_s=60)])

    assert heard.answer is Answer.NO_ANSWER
    assert heard.took_s < 15


async def test_the_model_is_held_back_until_it_is_settled() -> None:
    """It hears the yes and does not answer it; afterwards it answers again."""
    assert (await at_the_desk([Says("Yes.", ASKED_S)])).held == [False, True]


async def test_an_announcement_is_heard_whole_and_nothing_is_waited_for() -> None:
    """Also by whoever talks over it; only then are words kept."""
    heard = await at_the_desk([Says("hello?", 1.0)], policy=Policy.ANNOUNCE)

    assert heard.said == ["recording_announced", "recording_announced"]
    assert heard.answer is Answer.ANNOUNCED
    assert heard.desk.keeps_words


async def test_where_nothing_is_owed_nothing_is_said() -> None:
    """Words are kept from the start."""
    heard = await at_the_desk(policy=Policy.NONE)

    assert (heard.said, heard.held, heard.took_s) == ([], [], 0.0)
    assert heard.answer is Answer.NOT_NEEDED
    assert heard.desk.keeps_words


@pytest.mark.parametrize("policy", [Policy.ASK, Policy.ANNOUNCE])
async def test_what_is_graver_goes_first(policy: Policy) -> None:
    """An emergency, or a model that is gone: no further clip, and nothing is kept."""
    heard = await at_the_desk([Says("it is an emergency", 1.0, 2)], policy=policy, gives_up_at=3)

    assert heard.answer is Answer.NO_ANSWER
    assert not heard.desk.keeps_words
    assert "recording_refused" not in heard.said


@pytest.mark.parametrize("policy", [Policy.ASK, Policy.ANNOUNCE])
async def test_what_could_not_be_played_tells_and_asks_nothing(policy: Policy) -> None:
    """A yes to a question that nobody heard is not taken."""
    loop = asyncio.get_running_loop()
    settled: list[Settled] = []
    desk = ConsentDesk(
        owed=owing(policy),
        speaker=Counter(loop, [], unheard=True),
        line=Line(answered_at=loop.time()),
        lexicon=ENGLISH,
        model_answers=lambda _: None,
        told=settled.append,
        clock=loop.time,
    )
    loop.call_later(1.0, desk.key_pressed, "1")

    assert await desk.settle() is Answer.NO_ANSWER
    assert [told.answer for told in settled] == [Answer.NO_ANSWER]


@pytest.mark.parametrize("before", [Answer.GRANTED, Answer.REFUSED])
async def test_a_call_that_goes_on_with_another_job_is_not_asked_twice(before: Answer) -> None:
    """What the caller said to the first one holds."""
    loop = asyncio.get_running_loop()
    speaker = Counter(loop, [])
    desk = ConsentDesk(
        owed=owing(Policy.ASK),
        speaker=speaker,
        line=Line(),
        lexicon=ENGLISH,
        model_answers=lambda _: None,
        told=lambda _: None,
        before=before,
        clock=loop.time,
    )

    assert await desk.settle() is before
    assert speaker.said == []
    assert desk.keeps_words is (before is Answer.GRANTED)


async def test_a_caller_who_leaves_settles_nothing() -> None:
    """The call ends, and nothing of it was kept."""
    loop = asyncio.get_running_loop()
    told: list[Settled] = []
    desk = ConsentDesk(
        owed=owing(Policy.ASK),
        speaker=Counter(loop, []),
        line=Line(answered_at=loop.time()),
        lexicon=ENGLISH,
        model_answers=lambda _: None,
        told=told.append,
        clock=loop.time,
    )
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await desk.settle()

    assert desk.answer is None
    assert not desk.keeps_words
    assert not desk.has_the_floor
    assert told == []


WORDS = st.sampled_from(["yes", "no", "what?", "ah", "", "hello", "yes but why", "one"])
SAYING = st.builds(
    Says,
    WORDS,
    at=st.floats(0, 14),
    lasts_s=st.floats(0.1, 6),
    words_after_s=st.none() | st.floats(0.1, 4),
)
PRESSING = st.builds(Presses, st.sampled_from("0123*#"), at=st.floats(0, 14))


@given(st.lists(SAYING | PRESSING, max_size=6))
def test_whatever_a_caller_does_the_line_is_never_dead_nor_held_up(
    does: list[Says | Presses],
) -> None:
    """Nobody hears 3 s of silence, waits 15 s, or is recorded without a yes."""
    heard = _in_virtual_time(does)

    assert heard.silence_s < 3.0
    assert heard.took_s < 15
    assert heard.held == [False, True]
    words = {d.text if isinstance(d, Says) else d.key for d in does}
    assert not heard.desk.keeps_words or words & {"yes", "one", "1"}


def _in_virtual_time(does: list[Says | Presses]) -> Heard:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(at_the_desk(_one_after_another(does)))


def _one_after_another(does: list[Says | Presses]) -> list[Says | Presses]:
    """Nobody says two things at once."""
    spoken = sorted((d for d in does if isinstance(d, Says)), key=lambda d: d.at)
    kept: list[Says | Presses] = [d for d in does if isinstance(d, Presses)]
    free_at = 0.0
    for saying in spoken:
        if saying.at >= free_at:
            kept.append(saying)
            free_at = saying.at + saying.lasts_s + 0.6
    return kept
