"""What is kept of a call: redacted words, silenced sound, use and cost; nothing before consent."""

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from agent.budget import CallBudget
from agent.keeping import AGENT, Keeper, Recording
from agent.profile import Profile
from agent.question import Answer, Settled
from agent.reports import Consented, Happened, Report, Spent
from agent.terms import terms_of
from records.consent import Owed, Policy
from records.consent import Recording as Terms
from records.prices import load_prices
from records.recording import Gap, Kept
from records.redaction import Listener, Redactor, Secrets
from tests.journals import in_memory, lines
from tools.keypad import Secret

CARD = "my card is 4111 1111 1111 1111"
ASKED = Owed(Policy.ASK, "US-CA", "for a test")
PROFILE = Profile(name="acme", recording=Terms(audio=True), model="gpt-realtime")
USED = {"input_tokens": 10, "input_token_details": {"text_tokens": 4, "audio_tokens": 6}}


@dataclass
class FakeRecorder:
    """Notes what it is told."""

    told: list[Any] = field(default_factory=list)
    began_at: float | None = None
    fails: bool = False

    def start(self) -> None:
        """From now on."""
        self.told.append("start")
        self.began_at = 77.0

    def turn_began(self, at: float, item: str) -> None:
        """Held back."""
        self.told.append(("began", item))

    def turn_over(self, item: str, card: bool, ended_at: float | None = None) -> None:
        """Let go, or silenced."""
        self.told.append(("over", item, card))

    def turn_lost(self, item: str, ended_at: float | None = None) -> None:
        """Silenced for want of words."""
        self.told.append(("lost", item))

    def pause(self, reason: str) -> None:
        """Heard by nobody."""
        self.told.append(("pause", reason))

    def resume(self, reason: str) -> None:
        """Heard again."""
        self.told.append(("resume", reason))

    async def close(self) -> Kept | None:
        """At the end."""
        self.told.append("close")
        if self.fails:
            raise TimeoutError
        return Kept("c1.opus", 77.0, 12.5, 900, "ab", whole=True)

    async def discard(self) -> None:
        """Nothing is left."""
        self.told.append("discard")


class Kit:
    """A keeper and everything around it."""

    def __init__(
        self, *, limit_micro: int | None = None, profile: Profile = PROFILE, sound: bool = True
    ) -> None:
        self.journal, self.recorder, self.secrets = in_memory(), FakeRecorder(), Secrets()
        self.told: list[Report] = []
        self.keeper = Keeper(
            journal=self.journal,
            tell=self.told.append,
            profile=profile,
            listener=Listener(Redactor(secrets=self.secrets)),
            budget=CallBudget(
                book=load_prices(),
                terms=terms_of(profile, in_a_folder=True, kept_days=0),
                limit_micro=limit_micro,
                started_at=1_790_000_000.0,
            ),
            recording=cast("Recording", self.recorder) if sound else None,
        )

    def settled(self, answer: Answer) -> None:
        """What the caller said to the question."""
        self.keeper.answered(0.0)
        self.keeper.settled(Settled(ASKED, answer))

    def lines(self, *kinds: str) -> list[dict[str, Any]]:
        """What is in the journal."""
        return lines(self.journal.waiting, *kinds)


def test_nothing_is_kept_before_the_caller_has_agreed() -> None:
    """Neither words nor sound; that is a gap with its reason."""
    kit = Kit()
    kit.keeper.answered(0.0)
    kit.keeper.turn("caller", "hello there", "i1")
    assert kit.lines("turn")[0]["text"] == ""
    assert kit.recorder.told == [("over", "i1", False)]

    kit.settled(Answer.GRANTED)
    kit.keeper.turn("caller", "where is my order", "i2")

    assert [line["reason"] for line in kit.lines("gap")] == ["before_consent"]
    assert kit.lines("turn")[1]["text"] == "where is my order"
    assert kit.recorder.told[1] == "start"
    assert kit.lines("recording")[0]["began_at"] == 77.0
    assert Consented(policy="ask", answer="granted") in kit.told


@pytest.mark.parametrize("answer", [Answer.REFUSED, Answer.NO_ANSWER])
async def test_who_does_not_agree_leaves_facts_only(answer: Answer) -> None:
    """No sound, no word; the gap lasts to the end."""
    kit = Kit()
    kit.settled(answer)
    kit.keeper.turn("caller", "zebra pyjamas", "i1")
    kit.keeper.turn("agent", "zebra pyjamas", AGENT, response_ms=700)
    await kit.keeper.close()

    assert [(line["text"], line.get("response_ms")) for line in kit.lines("turn")] == [
        ("", None),
        ("", 700),
    ]
    assert [line["reason"] for line in kit.lines("gap")] == ["before_consent", "refused"]
    assert "start" not in kit.recorder.told
    assert kit.recorder.told[-1] == "discard"


def test_a_card_is_neither_written_nor_heard() -> None:
    """The turn is silenced, the words say that there was one, and it is counted."""
    kit = Kit()
    kit.settled(Answer.GRANTED)
    kit.keeper.turn("caller", CARD, "i1")

    assert kit.lines("turn")[0]["text"] == "my card is [card]"
    assert kit.recorder.told[-1] == ("over", "i1", True)
    assert Happened(what="redaction", why="card") in kit.told


def test_a_card_that_comes_in_pieces_is_taken_out_of_all_of_them() -> None:
    """What was let through is written once more."""
    kit = Kit()
    kit.settled(Answer.GRANTED)
    for item, words in (("i1", "four one one one one one one one"), ("i2", "1111 1111")):
        kit.keeper.turn("caller", words, item)

    texts = {e.number: e.fields["text"] for e in kit.journal.waiting if e.kind == "turn"}
    texts |= {line["of"]: line["text"] for line in kit.lines("reworded")}
    assert list(texts.values()) == ["[card]", "[card]"]
    assert kit.recorder.told[-1] == ("over", "i2", True)


def test_what_the_office_confided_is_taken_out() -> None:
    """Wherever it turns up in what is said."""
    kit = Kit()
    kit.settled(Answer.GRANTED)
    kit.secrets.add("mellon")
    kit.keeper.turn("agent", "your word is mellon", AGENT)

    assert kit.lines("turn")[0]["text"] == "your word is [secret]"


def test_what_a_model_uses_is_written_and_told_as_it_goes() -> None:
    """A job that is killed has said what it spent."""
    kit = Kit()
    kit.keeper.model_event({"type": "response.done", "response": {"usage": USED}})

    assert kit.lines("usage")[0]["input_audio"] == 6
    assert kit.lines("spent")[0]["micro"] > 0
    assert Spent(by="speech", input_text=4, input_audio=6) in kit.told


def test_a_spent_budget_is_told_once() -> None:
    """The call then ends politely."""
    kit = Kit(limit_micro=1)
    assert not kit.keeper.budget_is_spent()
    kit.keeper.model_event({"type": "response.done", "response": {"usage": USED}})

    assert [kit.keeper.budget_is_spent() for _ in range(2)] == [True, False]
    assert Happened(what="budget_stop", why="call") in kit.told


@pytest.mark.parametrize(
    ("secret", "reason"), [(Secret.PIN, "keys_awaited"), (Secret.CARD, "card_entry")]
)
def test_while_keys_are_awaited_nobody_listens(secret: Secret, reason: str) -> None:
    """The gap says why."""
    kit = Kit()
    kit.keeper.keys_awaited(secret)
    kit.keeper.keys_awaited(None)

    assert kit.recorder.told == [("pause", reason), ("resume", reason)]


def test_without_a_recording_the_transcript_tells_of_the_pause() -> None:
    """Nobody heard what was said meanwhile."""
    kit = Kit(sound=False)
    kit.settled(Answer.GRANTED)
    kit.keeper.keys_awaited(Secret.PIN)
    kit.keeper.keys_awaited(None)

    assert [line["reason"] for line in kit.lines("gap")] == ["before_consent", "keys_awaited"]


def test_turns_are_held_back_until_their_words_are_known() -> None:
    """A noise has none, and is let go."""
    kit = Kit()
    kit.keeper.model_event({"type": "input_audio_buffer.speech_started", "item_id": "i1"})
    done = "conversation.item.input_audio_transcription.completed"
    kit.keeper.model_event({"type": done, "item_id": "i1", "transcript": "hello"})
    assert kit.recorder.told == [("began", "i1")]
    kit.keeper.model_event({"type": done, "item_id": "i1", "transcript": ""})
    kit.keeper.agent_began(1.0)

    assert kit.recorder.told[1:] == [
        ("over", "i1", False),
        ("over", AGENT, False),
        ("began", AGENT),
    ]


def test_a_turn_that_was_lost_with_its_connection_holds_nothing_back() -> None:
    """Its words never come: it is silenced, and what follows is recorded."""
    kit = Kit()
    kit.keeper.model_event({"type": "input_audio_buffer.speech_started", "item_id": "i1"})
    kit.keeper.model_reconnected()
    kit.keeper.model_reconnected()

    assert kit.recorder.told == [("began", "i1"), ("lost", "i1")]


def test_a_turn_whose_words_do_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before what is held back for it is too old; whoever still speaks is waited for."""
    kit, now = Kit(), 100.0
    monkeypatch.setattr("agent.keeping.time.monotonic", lambda: now)
    kit.keeper.model_event({"type": "input_audio_buffer.speech_started", "item_id": "i1"})
    kit.keeper.model_event({"type": "input_audio_buffer.speech_stopped", "item_id": "i1"})
    kit.keeper.model_event({"type": "input_audio_buffer.speech_started", "item_id": "i2"})
    now += 19.0
    kit.keeper.model_event({"type": "response.created"})
    assert ("lost", "i1") not in kit.recorder.told
    now += 2.0
    kit.keeper.model_event({"type": "response.created"})

    assert [told for told in kit.recorder.told if told[0] == "lost"] == [("lost", "i1")]


def test_words_before_consent_are_not_written_down_afterwards() -> None:
    """Not even masked, when a later piece of a card names them."""
    kit = Kit()
    kit.keeper.answered(0.0)
    kit.keeper.turn("caller", "four one one one one one one one", "i1")
    kit.settled(Answer.GRANTED)
    kit.keeper.turn("caller", "1111 1111", "i2")

    assert kit.lines("reworded") == []
    assert [line["text"] for line in kit.lines("turn")] == ["", "[card]"]


def test_what_tools_were_given_is_kept_as_words_are() -> None:
    """Nothing without consent; with it everything but a card, and what an order is called stays."""
    kit = Kit()
    assert kit.keeper.arguments({"order": "A-1042"}) == {}
    kit.settled(Answer.GRANTED)
    given = {"order": "A-1042", "phone": "+15550001111"}
    assert kit.keeper.arguments(given) == given
    assert kit.keeper.arguments({"reason": CARD})["reason"] == "my card is [card]"


def test_without_transcripts_a_turn_is_held_back_for_nobody() -> None:
    """Its words are never known."""
    kit = Kit(profile=PROFILE.model_copy(update={"transcription_model": None}))
    kit.keeper.model_event({"type": "input_audio_buffer.speech_started", "item_id": "i1"})

    assert kit.recorder.told == []


async def test_the_end_of_a_recording_is_written() -> None:
    """How long and how large it has become; a disk that holds it up is counted."""
    kit = Kit()
    kit.settled(Answer.GRANTED)
    kit.keeper.gap(Gap(1.0, 2.0, "overload"))
    await kit.keeper.close()
    assert kit.lines("recorded")[0]["seconds"] == 12.5
    assert kit.lines("gap")[-1]["reason"] == "overload"

    kit = Kit()
    kit.settled(Answer.GRANTED)
    kit.recorder.fails = True
    await kit.keeper.close()
    assert kit.lines("recorded") == []
    assert Happened(what="recording", why="failed") in kit.told
