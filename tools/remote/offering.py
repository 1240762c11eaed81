"""Makes tools for the gate of what a profile declares and its pins describe.

The model sees the pinned description and schema, less the arguments that are not its to fill. What
a server answers is text of somebody else: it goes to the model as a field that says so, never as a
sentence to speak.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from tools import sentences
from tools.answers import Lost
from tools.call import Call
from tools.catalogue import NAME, Result, Tool, ToolSpec
from tools.claims import is_claim, sounds_like_somebody
from tools.confirm import ReadBack
from tools.errors import BadAnswer, NotAllowed
from tools.remote.declared import PLACE, RemoteTool, Server
from tools.remote.flat import Schema, Unfit, flat, must_be_schema, without
from tools.remote.form import Form
from tools.remote.given import Arguments, arguments_model
from tools.remote.pins import Pin, Pins
from tools.remote.said import as_said, label

DESCRIPTION_CHARS = 1000


@dataclass(frozen=True)
class Answered:
    """What a server answered to a call of a tool."""

    is_error: bool
    text: str
    structured: Any


class FromElsewhere(Result):
    """What another system answered; `note` says what it is worth."""

    answer: Any
    note: str = sentences.FROM_ELSEWHERE


class Reach(Protocol):
    """How a tool's server is asked, as `tools.remote.line` does it."""

    def __call__(
        self, tool: str, arguments: Mapping[str, Any], *, anew: bool
    ) -> Awaitable[Callable[[], Awaitable[Answered]]]:
        """Make sure of the server; what it gives asks once."""


def mistakes(
    servers: Collection[Server], pins: Pins, known: Collection[str]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What keeps declared tools from being offered: where in the profile, and a sentence.

    `known` are names that are taken.
    """
    names = [server.name for server in servers]
    taken = set(known)
    for place, server in enumerate(servers):
        if names.index(server.name) != place:
            yield ("mcp_servers", place, "name"), f"{server.name} is another server's name already"
        for name, declared in server.tools.items():
            field = ("mcp_servers", place, "tools", name)
            offered = server.offered_name(name)
            if not NAME.fullmatch(offered):
                yield field, f"{offered} is no name for a tool: 3 to 64 of a-z, 0-9 and _"
            if offered in taken:
                yield field, f"{offered} is another tool's name already"
            taken.add(offered)
            pin = pins.get(server.name, {}).get(name)
            if pin is None:
                yield field, "it is not pinned: run `python -m tools import mcp` on this file"
                continue
            yield from ((field, says) for says in misfits(declared, pin))


def misfits(declared: RemoteTool, pin: Pin) -> list[str]:
    """What of a declaration does not fit the tool's schema."""
    try:
        must_be_schema(pin.input_schema)
        schema = flat(pin.input_schema, max_chars=declared.argument_max_chars)
        if pin.output_schema is not None:
            must_be_schema(pin.output_schema)
            Form(pin.output_schema)
    except Unfit as unfit:
        return [str(unfit)]
    properties = schema["properties"]
    filled = {*declared.fixed, *([declared.subject] if declared.subject else [])}
    named = {*filled, *declared.from_model, declared.topic_argument} - {""}
    found = [f"it has no argument {name}" for name in sorted(named - set(properties))]
    if properties.get(declared.subject, {}).get("type", "string") != "string":
        found.append(f"subject: {declared.subject} is no text, as a customer number is")
    found += [
        f"{name} sounds like whom it is about or whether they agreed, which no model may say:"
        " write it as subject or fixed, or in from_model if it is neither"
        for name in schema["required"]
        if _is_not_the_models(name, declared) and name not in filled
    ]
    offered = _offered(schema, declared)
    places = set(PLACE.findall(declared.read_back))
    if declared.topic_argument not in {"", *offered["required"], *declared.fixed}:
        found.append(f"topic_argument: {declared.topic_argument} is no required argument")
    unknown = sorted(places - set(offered["required"]))
    found += [f"read_back: {{{name}}} is no required argument" for name in unknown]
    if declared.spoken_yes:
        found += [f"read_back leaves out {{{n}}}" for n in offered["required"] if n not in places]
    fixed = {**without(schema, set(properties) - set(declared.fixed))}
    if not Arguments(fixed).is_valid(dict(declared.fixed)):
        found.append("fixed: its values do not fit the tool's schema")
    return found


def as_tool(offered: str, name: str, declared: RemoteTool, pin: Pin, reach: Reach) -> Tool:
    """The tool as the gate uses it."""
    schema = offered_schema(pin, declared)
    policy = declared.policy
    form = None if pin.output_schema is None else Form(pin.output_schema)
    read = partial(_read, declared, form)

    async def run(call: Call, root: Mapping[str, Any]) -> Result:
        about = {declared.subject: call.customer.customer_number} if declared.subject else {}
        arguments = {**root, **declared.fixed, **about}

        async def reached() -> Callable[[], Awaitable[Any]]:
            # A tool that became another one during the call must not be used to change anything.
            ask = await reach(name, arguments, anew=policy.writes)

            async def asked() -> Any:
                # Apart from the call: a long answer takes a moment to be looked through.
                return await asyncio.to_thread(read, await ask())

            return asked

        say = declared.done if policy.writes else ""
        return FromElsewhere(say=say, answer=await call.office.elsewhere(reached))

    async def read_back(call: Call, root: Mapping[str, Any]) -> ReadBack:
        del call
        return _question(declared, root)

    return Tool(
        ToolSpec(offered, pin.description[:DESCRIPTION_CHARS], schema),
        policy,
        arguments_model(schema, sayable=policy.spoken_yes),
        run,
        read_back if policy.spoken_yes else None,
    )


def offered_schema(pin: Pin, declared: RemoteTool) -> Schema:
    """What the model may fill of a tool that has no `misfits`."""
    return _offered(flat(pin.input_schema, max_chars=declared.argument_max_chars), declared)


def _offered(schema: Schema, declared: RemoteTool) -> Schema:
    """Without the arguments that are filled here, or that nobody may fill."""
    hidden = {*declared.fixed, declared.subject}
    guessed = {name for name in schema["properties"] if _is_not_the_models(name, declared)}
    return without(schema, hidden | guessed)


def _is_not_the_models(name: str, declared: RemoteTool) -> bool:
    claims = is_claim(name) or sounds_like_somebody(name)
    return claims and name not in declared.from_model


def _question(declared: RemoteTool, given: Mapping[str, Any]) -> ReadBack:
    said = {name: as_said(name, value) for name, value in given.items()}
    asks = PLACE.sub(lambda place: said.get(place[1], ""), declared.read_back)
    further = [name for name in given if f"{{{name}}}" not in declared.read_back]
    more = "".join(
        f" With {said[name] if isinstance(given[name], bool) else f'{label(name)}: {said[name]}'}."
        for name in further
    )
    return ReadBack(f"{asks}{more}", (*declared.action_words, *said.values()))


def _read(declared: RemoteTool, form: Form | None, answered: Answered) -> Any:
    """What of an answer may be passed on. A write that was done stays done, whatever it says."""
    if answered.is_error:
        if declared.writes and not declared.errors_change_nothing:
            raise Lost("remote_failed")
        raise NotAllowed("remote_refused", sentences.ELSEWHERE_SAID_NO)
    try:
        return _content(declared, form, answered)
    except BadAnswer:
        if declared.writes:
            return None
        raise


def _content(declared: RemoteTool, form: Form | None, answered: Answered) -> Any:
    if form is not None:
        told: Any = answered.structured
    else:
        told = answered.text or answered.structured
    if told is None or told == "":
        # Nothing but pictures: a model that is told nothing invents something.
        raise BadAnswer("no_text")
    if len(json.dumps(told)) > declared.answer_bytes:
        raise BadAnswer("answer_too_large")
    if form is not None and not form.has(told):
        raise BadAnswer("wrong_form")
    return told
