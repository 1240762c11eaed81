"""Puts the page of a call together: `page_of` for `python -m records report` and `make call`.

Everything that callers, models and offices have said is escaped by the template engine, without
exception. Should that fail, the page's own policy still runs no script but ours and fetches
nothing: the two must stay independent of each other.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import BaseLoader, Environment, StrictUndefined, Template
from markupsafe import Markup

from records.page import amounts, facts, figures, lanes, transcript, words
from records.page import clock as clocks
from records.page.sound import Heard, Undecodable, heard_in, why_silent
from records.view import CallView

# A response over the first is slow, one over the second breaks the promise of no dead line.
SLOW_MS, TOO_SLOW_MS = 1500, 3000
# Controls, halves of characters, and what is no character at all.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def page_of(call: CallView, sound: bytes | None) -> str:
    """The page of one call, complete in itself: UTF-8 text of an HTML file.

    `sound` is the recording as Ogg Opus in stereo, the caller left and the agent right. Without it,
    or where it cannot be decoded, the page says why. It tells of a person: write it readable by its
    owner only, where erasure will find it.
    """
    heard, silent_because = _listen(call, sound)
    clock = clocks.clock_of(call)
    drawn = lanes.lanes_of(call, clock)
    begins, ends = lanes.span_of(call, clock, drawn)
    style, script = _asset("page.css"), _asset("page.js")
    embedded = base64.b64encode(sound).decode() if sound and heard else ""
    return _template().render(
        call=call,
        begins=begins,
        ends=ends,
        lanes=drawn,
        data=_for_the_script(call, clock, heard, begins, ends),
        sound=Markup(embedded),  # noqa: S704 - base64 holds no markup
        heard=heard,
        silent_because=silent_because,
        breaks_off=_breaks_off(call, heard),
        policy=_policy(style, script),
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        **_told(call, clock),
    )


def file_name_of(call: CallView) -> str:
    """The name of the page's file: `call-20261125T195640-2f9e1eb6.html`, of one plain word.

    An id that is no such word is replaced by its digest.
    """
    plain = call.call_id.isascii() and call.call_id.replace("-", "").replace("_", "").isalnum()
    if plain and len(call.call_id) <= 100:
        return f"call-{call.call_id}.html"
    digest = hashlib.sha256(call.call_id.encode(errors="surrogatepass")).hexdigest()
    return f"call-{digest[:32]}.html"


def _listen(call: CallView, sound: bytes | None) -> tuple[Heard | None, str]:
    """How the recording sounds, or why there is none on the page."""
    because = why_silent(call, sound)
    if because or sound is None:
        return None, because
    try:
        return heard_in(sound), ""
    except Undecodable as error:
        return None, f"The recording cannot be played ({len(sound)} bytes): {error}."


def _breaks_off(call: CallView, heard: Heard | None) -> str:
    """What is missing at the end of a recording, in a sentence; empty if nothing is."""
    if heard is None or call.recording is None or call.recording.seconds - heard.seconds < 1:
        return ""
    there, wanted = clocks.label_of(heard.seconds), clocks.label_of(call.recording.seconds)
    return f"The sound breaks off after {there} of {wanted}; the rest cannot be decoded."


def _told(call: CallView, clock: clocks.CallClock) -> dict[str, Any]:
    tone, meaning = words.meaning_of(call.outcome)
    return {
        "clock": clock,
        "title": facts.title_of(call),
        "tone": tone,
        "meaning": meaning,
        "tiles": facts.tiles_of(call),
        "facts": list(facts.facts_of(call, clock)),
        "notices": list(facts.notices_of(call, clock)),
        "rows": transcript.rows_of(call),
        "wordless": transcript.why_wordless(call),
        "follow_ups": facts.follow_ups_of(call),
        "responses": figures.responses(call),
        "spreads": figures.spreads(call),
        "totals": figures.totals(call.cost),
        "slow_ms": SLOW_MS,
        "too_slow_ms": TOO_SLOW_MS,
    }


def _for_the_script(
    call: CallView, clock: clocks.CallClock, heard: Heard | None, begins: float, ends: float
) -> Mapping[str, object]:
    """Numbers only: what people said is in the page's text and nowhere else."""
    return {
        "begins": begins,
        "ends": ends,
        "sound_begins": clock.since(call.recording.began_at) if call.recording else 0,
        "peaks": heard.drawn() if heard else None,
        "gaps": [[mark.begins, mark.ends] for mark in lanes.not_kept(call, clock)],
        "over": None if call.ended_at is None else clock.since(call.ended_at),
    }


def _policy(style: str, script: str) -> str:
    """Nothing is fetched, sent or framed, and no script or style but these two is obeyed."""
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "media-src data:; img-src data:; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _asset(name: str) -> str:
    return (files("records.page") / name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    environment = Environment(
        loader=BaseLoader(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    environment.filters.update(
        utc=clocks.in_utc,
        machine=clocks.machine,
        mmss=clocks.label_of,
        money=amounts.money,
        quantity=amounts.quantity,
        wait=amounts.wait_of,
        plain=words.plain,
        as_json=_as_json,
    )
    environment.globals.update(words=words)
    return environment.from_string(_asset("page.html.j2"))


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _visible(value: object) -> object:
    """Characters that no HTML file can hold become the sign for one that is missing."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return _UNWRITABLE.sub("\ufffd", value)
