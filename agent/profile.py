"""What a dialled number means: who answers there, in which voice, with which tools and limits.

Profiles are YAML files that a business writes; a call gets its profile from the number that was
dialled and from nothing that the caller sent. Read by `agent.worker` at start, so that a mistake
stops the worker and not a call.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias, get_args
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    field_validator,
    model_validator,
)

from configs import ConfigError, Mistake, load
from records.consent import Recording
from sip import normalise
from tools.hours import OpeningHours
from tools.knowledge import Knowledge, load_knowledge
from tools.remote import Pins, Server, Unpinned, read_pins

NOT_IN_SERVICE = "not_in_service"
# Fields that had another name once, and what to write now.
RENAMED = {
    "record_audio": "is a part of `recording` now: write `recording: {audio: true, jurisdiction:"
    " US-NY}` with the place of your company, and see docs/privacy.md on consent",
}
Weekday: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEK: tuple[Weekday, ...] = get_args(Weekday)


def _hours(value: str) -> str:
    opens, _, closes = value.partition("-")
    if not time.fromisoformat(opens) < time.fromisoformat(closes):
        raise ValueError("it opens before it closes")
    return value


CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
Hours: TypeAlias = Annotated[str, Field(pattern=f"^{CLOCK}-{CLOCK}$"), AfterValidator(_hours)]


def _office_days() -> Mapping[Weekday, str]:
    days = OpeningHours().days.items()
    return {WEEK[day]: f"{opens:%H:%M}-{closes:%H:%M}" for day, (opens, closes) in days}


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class TurnTaking(_Written):
    """When the model takes a pause for the end of the caller's turn (server VAD)."""

    threshold: float = Field(0.5, ge=0.0, le=1.0)
    """How sure the model must be that it hears speech, 0 to 1."""
    prefix_padding_ms: int = Field(300, ge=0, le=2000)
    """Audio kept from before the detected start of speech, milliseconds."""
    silence_ms: int = Field(500, ge=100, le=3000)
    """Silence that ends the caller's turn, milliseconds. The caller waits this long every turn."""


class Limits(_Written):
    """How long a call may be silent and how long it may be."""

    caller_silence_s: float = Field(8.0, ge=2.0, le=60.0)
    """Seconds of silence from both sides before the caller is asked whether they are there."""
    silence_prompts: int = Field(2, ge=1, le=5)
    """How often they are asked before the call ends with a sentence."""
    max_duration_s: float = Field(900.0, ge=5.0, le=14400.0)
    """Seconds after the answer at which the call is ended, with a sentence."""


class Emergency(_Written):
    """Words after which the caller hears one fixed sentence, whatever the model does."""

    words: tuple[Annotated[str, Field(pattern=r"\w")], ...] = ()
    """Words or phrases, matched whole and without regard to case, in the caller's transcript."""

    def is_in(self, text: str) -> bool:
        """Whether `text` holds one of them."""
        return any(re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE) for word in self.words)


class Costs(_Written):
    """By which prices of the [price book](cost.md) calls are paid."""

    telephony: str | None = None
    """The carrier, for example `twilio`. None: what its minutes cost is told as unpriced."""
    platform: str | None = "self_hosted"
    """Where LiveKit runs: `self_hosted` costs nothing a minute, `livekit_cloud_ship` does."""
    storage: str | None = None
    """Where recordings are kept, for example `s3_standard_us_east_1`. None: `own_disk`, which costs
    nothing, for a folder; what any other storage costs is told as unpriced."""


class Budget(_Written):
    """What a call may cost, in the currency of the price book."""

    call: Decimal | None = Field(None, gt=0, le=10_000)
    """When a call has cost so much, it ends with a sentence as soon as the agent has finished
    speaking. None: no limit."""


class Profile(_Written):
    """One line of a business. `numbers` are E.164; a number belongs to one profile only."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    """Its name in records and logs: small letters, digits and `_`."""
    numbers: tuple[Annotated[str, AfterValidator(normalise)], ...] = ()
    """The numbers it answers, E.164; at least one. Only a file whose name is `not_in_service` has
    none: it answers every number that is in no file."""
    language: Literal["en"] = "en"
    """Language of the fixed clips; `agent/clips/<language>/` holds them."""
    clips: Path | None = None
    """Folder with WAV files that replace fixed clips of the same name, relative to the file."""
    only_says: str | None = None
    """Name of a clip that is all the caller gets: it is played, then the line closes."""
    persona: str = ""
    """Instructions to the model: who it is, what it may and may not say."""
    opening: str = ""
    """The first sentence the caller hears, spoken by the model word for word. Required, unless
    `only_says` is set."""
    model: str = "gpt-realtime"
    """The speech-to-speech model."""
    voice: str = "marin"
    """The model's voice."""
    transcription_model: str | None = "gpt-4o-mini-transcribe"
    """Model that writes down the caller's words: for the record, and for the gate, which finds a
    yes, a ZIP code and every other number that was said in them. None leaves them out."""
    timezone: str = "UTC"
    """Zone of the business, for example `Europe/Berlin`: what "today" means to its callers."""
    opening_hours: Mapping[Weekday, Hours] = Field(default_factory=_office_days)
    """When people of the business can be reached, on its clock, for each of `mon` to `sun`; days
    that are left out are closed. What a caller is promised is promised for then."""
    knowledge: Path | None = None
    """File with the company's answers to common questions, relative to the file and not itself
    named `*.yaml`; what the tool `answer_question` may say."""
    tools: tuple[str, ...] = ()
    """Names of business tools that the model is offered; any other name is refused."""
    mcp_servers: tuple[Server, ...] = ()
    """MCP servers whose tools are offered as well, each tool with its policy (see
    [Tools of an MCP server](adding-a-tool.md#tools-of-an-mcp-server))."""
    turn: TurnTaking = TurnTaking()
    limits: Limits = Limits()
    emergency: Emergency = Emergency()
    costs: Costs = Costs()
    budget: Budget = Budget()
    recording: Recording = Recording()
    """What is kept of its calls, and whose consent is needed before."""
    _file: Path | None = PrivateAttr(None)
    _known: Knowledge | None = PrivateAttr(None)
    _pins: Pins = PrivateAttr(default_factory=dict)

    @property
    def file(self) -> Path | None:
        """Where it is written; none for a profile that no file holds."""
        return self._file

    @property
    def known(self) -> Knowledge | None:
        """What `knowledge` holds."""
        return self._known

    @property
    def offered(self) -> tuple[str, ...]:
        """Names of all tools that the model is offered."""
        remote = [server.offered_name(n) for server in self.mcp_servers for n in server.tools]
        return (*self.tools, *remote)

    @property
    def pins(self) -> Pins:
        """What the MCP servers told of their tools when somebody looked."""
        return self._pins

    def model_post_init(self, context: Any) -> None:
        """Keep what `configs.load` says of the file, and read what lies beside it."""
        self._file = context["path"] if context else None
        if self._file is not None and self.knowledge is not None:
            self._known = load_knowledge(self._file.parent / self.knowledge)
        if self._file is not None and any(server.tools for server in self.mcp_servers):
            try:
                self._pins = read_pins(self._file)
            except Unpinned as error:
                raise ConfigError([Mistake.at(self._file, "mcp_servers", str(error))]) from error

    @property
    def open_days(self) -> Mapping[int, tuple[time, time]]:
        """From when to when each weekday, 0 is Monday."""
        spans = {WEEK.index(day): hours.split("-") for day, hours in self.opening_hours.items()}
        return {d: (time.fromisoformat(o), time.fromisoformat(c)) for d, (o, c) in spans.items()}

    @field_validator("opening_hours")
    @classmethod
    def _open_some_time(cls, hours: Mapping[Weekday, str]) -> Mapping[Weekday, str]:
        if not hours:
            raise ValueError("a business that never opens can promise nobody a call")
        return hours

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"{name!r} is no time zone like Europe/Berlin")
        return name

    @model_validator(mode="after")
    def _emergency_is_heard(self) -> Self:
        if self.emergency.words and self.transcription_model is None:
            raise ValueError(
                "emergency words are found in the transcript: set transcription_model as well"
            )
        return self

    @model_validator(mode="after")
    def _a_yes_is_heard(self) -> Self:
        asks = self.recording.may_ask and not self.only_says
        if asks and self.transcription_model is None:
            raise ValueError(
                "recording: whoever is asked for consent is heard in the transcript: set"
                " transcription_model as well, or `announce` under recording.consent"
            )
        return self


class Profiles(Mapping[str, Profile]):
    """Profiles by name, and the one that a dialled number leads to."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self._by_name = {profile.name: profile for profile in profiles}
        self._by_name.setdefault(
            NOT_IN_SERVICE, Profile(name=NOT_IN_SERVICE, only_says=NOT_IN_SERVICE)
        )
        self._by_number = {n: p for p in self._by_name.values() for n in p.numbers}

    def __getitem__(self, name: str) -> Profile:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def for_number(self, dialled: str | None) -> Profile:
        """The profile of a dialled number in any spelling; unknown ones are not in service."""
        nobody = self._by_name[NOT_IN_SERVICE]
        return nobody if dialled is None else self._by_number.get(normalise(dialled), nobody)


def load_profiles(
    folder: Path, further: Callable[[Profile], list[Mistake]] = lambda _: []
) -> Profiles:
    """Read every `*.yaml` in `folder`; `further` may find more mistakes in what could be read.

    Raises:
        ConfigError: with every mistake of every file, also names and numbers used twice.
    """
    files = sorted(folder.glob("*.yaml"))
    if not files:
        says = "holds no profile; write one file like docs/profile.md shows"
        if folder.is_file():
            says = "is a file; name the folder that holds it"
        elif not folder.exists():
            says = "there is no such folder; make it, or name another (FRONTDESK_PROFILES)"
        raise ConfigError([Mistake(folder, 1, "", says)])
    found: list[tuple[Path, Profile]] = []
    mistakes: list[Mistake] = []
    for file in files:
        try:
            found.append((file, _with_clips_beside(file, load(file, Profile))))
        except ConfigError as error:
            mistakes += map(_renamed, error.mistakes)
    mistakes += _used_twice(found)
    mistakes += [mistake for file, profile in found for mistake in _incomplete(file, profile)]
    mistakes += [mistake for _, profile in found for mistake in further(profile)]
    if mistakes:
        raise ConfigError(mistakes)
    return Profiles(profile for _, profile in found)


def _renamed(mistake: Mistake) -> Mistake:
    return replace(mistake, says=RENAMED.get(mistake.field, mistake.says))


def _with_clips_beside(file: Path, profile: Profile) -> Profile:
    if profile.clips is None:
        return profile
    folder = (file.parent / profile.clips).resolve()
    if not folder.is_dir():
        raise ConfigError([Mistake.at(file, "clips", f"there is no folder {folder}")])
    return profile.model_copy(update={"clips": folder})


def _incomplete(file: Path, profile: Profile) -> Iterator[Mistake]:
    if not profile.opening.strip() and not profile.only_says:
        yield Mistake(file, 1, "opening", "a caller waits for a greeting: write what they hear")
    if not profile.numbers and profile.name != NOT_IN_SERVICE:
        yield Mistake(file, 1, "numbers", "nobody can call it: write the numbers that it answers")


def _used_twice(found: list[tuple[Path, Profile]]) -> list[Mistake]:
    first: dict[str, Path] = {}
    mistakes = []
    for file, profile in found:
        for word in (profile.name, *profile.numbers):
            owner = first.setdefault(word, file)
            if owner is not file:
                mistakes.append(Mistake(file, 1, "", f"{word} is already used by {owner.name}"))
    return mistakes
