"""Consent before recording, as a caller hears it: told, asked, and taken at their word.

Owned by `agent.conversation`, and done before the agent's opening. Nothing that is said is kept
until `keeps_words` is true. While a question is open the model hears the caller, since the
transcript is its own, and does not answer them; nobody else speaks. What an answer is, and when to
ask again or give up, is decided in `agent.question`. Whoever does not answer has not agreed.
"""

import asyncio
import time
from collections.abc import Callable

import structlog

from agent.question import MAY_BE_KEPT, Answer, Question, Settled, Step, decide
from agent.speaking import Speaker
from agent.watch import Line
from records.consent import Owed, Policy
from tools.lexicon import Lexicon

TICK_S = 0.1
log = structlog.get_logger(__name__)


class ConsentDesk:
    """The consent of one call.

    Args:
        owed: what the caller is owed.
        speaker: plays the clips.
        line: what both ends are doing; kept up to date by its owner.
        lexicon: how a yes sounds in the profile's language.
        model_answers: whether the model is to answer what the caller says.
        told: hears once what was settled.
        before: what was settled on this call by a job that died, if one did.
        clock: the clock of `line`, in seconds.
    """

    def __init__(
        self,
        *,
        owed: Owed,
        speaker: Speaker,
        line: Line,
        lexicon: Lexicon,
        model_answers: Callable[[bool], None],
        told: Callable[[Settled], None],
        before: Answer | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._owed, self._speaker, self._line, self._lexicon = owed, speaker, line, lexicon
        self._model_answers, self._told, self._clock = model_answers, told, clock
        self._question: Question | None = None
        self._putting = False
        self._given_up = False
        self.answer: Answer | None = before
        """None until it is settled."""
        if owed.policy is Policy.NONE and before is None:
            self.answer = Answer.NOT_NEEDED
        self.has_the_floor = False
        """Whether it is being settled: nobody but the desk speaks to the caller meanwhile, and
        keys are its own."""
        self.settled_at: float | None = None
        """When the greeting became due, where that was not at the answer."""

    @property
    def keeps_words(self) -> bool:
        """Whether what is said now may be kept, as sound and as text."""
        return self.answer in MAY_BE_KEPT

    # What happens, told by the conversation.

    def turn_began(self, item: str) -> None:
        """The model hears the caller begin."""
        if self._question is not None:
            self._question.turn_began(item)

    def heard(self, text: str, item: str) -> None:
        """The transcript of a turn; "" for a noise."""
        if self._question is not None:
            self._question.said(text, item, self._lexicon)
            # Cut off before it sounds, it would leave a silence to begin anew.
            if self._speaker.clip_is_heard:
                self._hush_once_answered(self._question)

    def key_pressed(self, key: str) -> None:
        """The caller pressed a key; one for yes and one for no end the sentence that asks."""
        if self._question is None:
            return
        self._question.pressed(key, self._lexicon)
        self._hush_once_answered(self._question)

    def _hush_once_answered(self, question: Question) -> None:
        """Words may come while it is said once more: nobody is asked what they have answered."""
        if self._putting and question.reply is not None and not question.awaited:
            self._speaker.hush()

    def give_up(self) -> None:
        """Something graver is to be said, or nobody is there to hear an answer: nothing is kept."""
        self._given_up = True

    # What is done about it.

    async def settle(self) -> Answer:
        """Do what is owed, on the answered line; the opening is to follow at once.

        The session must have been started. Cancelled with the call, it settles nothing.
        """
        if self.answer is not None:
            self._settled(self.answer)
            return self.answer
        self.has_the_floor = True
        try:
            answer = await self._dealt_with()
        finally:
            self.has_the_floor = False
        # The greeting is owed from here on, and its watch begins anew.
        self.settled_at = self._clock()
        self._line.voice_ended_at = max(self._line.voice_ended_at, self._speaker.sound_ended_at)
        self._line.turn_ended(self.settled_at)
        self.answer = answer
        self._settled(answer)
        return answer

    async def _dealt_with(self) -> Answer:
        self._model_answers(False)
        while self._line.answered_at is None and not self._given_up:  # noqa: ASYNC110
            # The line is looked at, here as by its watch; a caller who never comes ends the call.
            await asyncio.sleep(TICK_S)
        answer = await (self._announce() if self._owed.policy is Policy.ANNOUNCE else self._ask())
        self._model_answers(True)
        return answer

    def _settled(self, answer: Answer) -> None:
        question = self._question
        by, asked = (question.by, question.asked) if question else ("", 0)
        clear = answer in (Answer.GRANTED, Answer.REFUSED)
        log.info("consent", policy=self._owed.policy.value, answer=answer.value)
        self._told(Settled(self._owed, answer, by if clear else "", asked))

    async def _announce(self) -> Answer:
        """It is heard to its end, also by a caller who talks over it."""
        if not self._given_up:
            await self._speaker.say_whole("recording_announced")
        return Answer.NO_ANSWER if self._given_up or self._speaker.unheard else Answer.ANNOUNCED

    async def _ask(self) -> Answer:
        question = self._question = Question(began_at=self._clock())
        step = Step.ASK_AGAIN
        while not self._given_up:
            if step is Step.ASK_AGAIN:
                self._putting = True
                await self._put(question)
                self._putting = False
            step = self._step(question)
            if step is Step.GRANTED:
                return Answer.GRANTED
            if step in (Step.REFUSED, Step.NO_ANSWER):
                await self._speaker.say("recording_refused")
                return Answer.REFUSED if step is Step.REFUSED else Answer.NO_ANSWER
            if step is Step.WAIT:
                await asyncio.sleep(TICK_S)
        return Answer.NO_ANSWER

    async def _put(self, question: Question) -> None:
        """Say the question, and the first time how to answer it, unless they answer already."""
        again = question.asked > 0
        question.asked_again()
        whole = await self._speaker.say("recording_again" if again else "recording_question")
        question.put |= whole and not self._speaker.unheard
        if whole and not again and self._step(question) is Step.WAIT and not self._answers_now:
            await self._speaker.say("recording_how")

    @property
    def _answers_now(self) -> bool:
        question = self._question
        return self._line.caller_speaking or bool(question and question.awaited)

    def _step(self, question: Question) -> Step:
        return decide(
            question,
            caller_speaking=self._line.caller_speaking,
            quiet_since=max(self._line.voice_ended_at, self._speaker.sound_ended_at),
            now=self._clock(),
        )
