"""What a profile says of MCP servers: where they are, which tools are used, and by which policy.

Pure. A tool that is not listed does not exist here; one that is listed without a policy is a
mistake of the profile.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from tools.changing import CALL_BACK
from tools.heard import contains, normal_words
from tools.policy import Assurance, Effect, Policy

PLACE = re.compile(r"\{([^{}]*)\}")

Scalar: TypeAlias = str | int | float | bool


def _stated(value: object) -> object:
    if value is None:
        raise ValueError("has no policy: write at least its effect, read, write or irreversible")
    return value


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class RemoteTool(_Written):
    """The policy of one tool, and what the gate has to know that its schema does not say."""

    effect: Literal["read", "write", "irreversible"]
    """What it does to the world. What the server says of that counts for nothing."""
    assurance: Literal["none", "number", "knowledge", "code"] = "knowledge"
    """How sure we must be of who is calling, as in docs/adding-a-tool.md."""
    spoken_yes: bool | None = None
    """Whether the caller must say yes first. Required for `write`; `irreversible` needs a yes."""
    read_back: str = ""
    """The question to that yes, with arguments in braces: "Shall I open a ticket about {title}?".
    It names every required argument; optional ones are added when they are given."""
    action_words: tuple[Annotated[str, Field(pattern=r"^[a-z]+$")], ...] = ()
    """Words of that question that mean doing it ("open"), at least one: the agent must have said
    them, and in the answer they are no refusal ("cancel")."""
    done: str = "That is done."
    """What the caller hears when a write was done."""
    subject: str = ""
    """The argument that says whom it is about: filled with the caller's customer number, and never
    shown to the model."""
    fixed: Mapping[str, Scalar] = Field(default_factory=dict)
    """Arguments that always have this value, never shown to the model."""
    from_model: tuple[str, ...] = ()
    """Arguments that the model may fill although their names sound like whom it is about."""
    argument_max_chars: int = Field(400, ge=1, le=2000)
    """The longest text that an argument may hold."""
    errors_change_nothing: bool = False
    """Whether an error that the server answers to a write means that nothing was changed. Otherwise
    such a write is in doubt, and the staff look it up."""
    deadline_s: float = Field(6.0, gt=0, le=30)
    """Seconds for the whole use."""
    try_s: float = Field(2.5, gt=0, le=30)
    """Seconds for one request."""
    tries: int | None = Field(None, ge=1, le=3)
    """Requests at most; 2 for reads. A write is sent once, since the server knows no once-key."""
    times_per_call: int = Field(10, ge=1)
    """Runs in one call."""
    times_per_day: int | None = Field(None, ge=1)
    """Doings for one caller in a day, over all calls."""
    once_s: float = Field(86_400.0, gt=0)
    """Seconds for which one doing of a write answers the same wish, on whatever call."""
    topic: str = ""
    """Writes with the same topic undo each other."""
    topic_argument: str = ""
    """The argument that says which thing they are about."""
    freshness_s: float = Field(0.0, ge=0)
    """How old a read's answer may be, on one call, before it is fetched again."""
    in_hours: bool = False
    """Only while the company is open."""
    escalate_after: int = Field(2, ge=1)
    """After how many failures on one call the caller is offered a person."""
    answer_bytes: int = Field(8192, ge=1, le=65_536)
    """The largest answer that is passed on to the model."""

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return self.effect != "read"

    @property
    def policy(self) -> Policy:
        """As the gate enforces it."""
        return Policy(
            effect=Effect(self.effect),
            assurance=Assurance[self.assurance.upper()],
            spoken_yes=bool(self.spoken_yes),
            action_words=frozenset(self.action_words),
            deadline_s=self.deadline_s,
            try_s=self.try_s,
            tries=self.tries or (1 if self.writes else 2),
            honours_key=False,
            times_per_call=self.times_per_call,
            times_per_day=self.times_per_day,
            answer_bytes=self.answer_bytes,
            once_s=self.once_s,
            topic=self.topic,
            topic_argument=self.topic_argument,
            freshness_s=self.freshness_s,
            in_hours=self.in_hours,
            fallback=CALL_BACK if self.writes else None,
            escalate_after=self.escalate_after,
        )

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        if self.writes and self.spoken_yes is None:
            raise ValueError(
                "it changes something: write spoken_yes: true, or false if nobody has to agree"
            )
        asks = bool(self.spoken_yes)
        if asks is not bool(self.read_back) or asks is not bool(self.action_words):
            raise ValueError("spoken_yes, read_back and action_words belong together")
        literal = normal_words(PLACE.sub(" ", self.read_back))
        if missing := [word for word in self.action_words if not contains(literal, word)]:
            raise ValueError(f"action_words: {', '.join(missing)} is no word of read_back")
        if self.subject and self.assurance == "none":
            raise ValueError("subject needs a caller who is known: assurance number or more")
        if self.subject in self.fixed:
            raise ValueError(f"{self.subject} is both subject and fixed")
        # It tells what else cannot be kept.
        _ = self.policy
        return self


Stated: TypeAlias = Annotated[RemoteTool, BeforeValidator(_stated)]


class Server(_Written):
    """One MCP server; `tools` are those that the gate may offer, by the server's names."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,19}$")
    """Its name here; the model sees its tools as `name_tool`."""
    url: str | None = Field(None, pattern=r"^https?://[^\s/@?#]+(/[^\s?#]*)?$")
    """Where it answers over streamable HTTP, without a query: its key goes into `key_variable`. One
    of `url` and `command`."""
    command: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Program and arguments of a server that is started for each call and spoken to by stdio."""
    key_variable: str | None = Field(None, pattern=r"^[A-Z][A-Z0-9_]*$")
    """Name of the environment variable with its bearer token; a `command` gets it by that name."""
    connect_timeout_s: float = Field(3.0, gt=0, le=30)
    """Seconds for a connection to be opened and its tools to be compared with the pinned ones."""
    tools: Mapping[str, Stated] = Field(default_factory=dict)
    """The tools that are used, each with its policy. Others are not offered."""

    @model_validator(mode="after")
    def _is_one_place(self) -> Self:
        if bool(self.url) is bool(self.command):
            raise ValueError("write one of url and command")
        return self

    def offered_name(self, tool: str) -> str:
        """What the model calls a tool of this server."""
        return re.sub(r"[^a-z0-9]+", "_", f"{self.name}_{tool}".lower()).strip("_")
