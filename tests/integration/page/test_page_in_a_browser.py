"""The page of a call in a real browser: drawn, played, clicked, attacked."""

import time

import pytest
from playwright.async_api import expect

from records.view import CallView, Consent
from tests.hostile_words import HOSTILE, hostile_call
from tests.integration.page.conftest import Opened, Opener
from tests.recorded_call import ANSWERED, SAID, cancelled_order, long_call, sound_of

pytestmark = pytest.mark.asyncio(loop_scope="session")
CALL = cancelled_order()
# Where the sound begins on the call's clock, in seconds after the answer.
SOUND_BEGINS = 0.1


@pytest.fixture(scope="module")
def sound() -> bytes:
    """The recording of `CALL`."""
    return sound_of(CALL)


async def quiet(one: Opened) -> None:
    """Nothing left the page, nothing failed on it, and nothing struck at it."""
    assert one.asked == []
    assert one.complaints == []
    assert one.dialogs == []
    assert await one.page.evaluate("window.__violations") == []


async def colours_of(one: Opened, canvas: str) -> int:
    """How many points of a canvas are drawn on."""
    return int(
        await one.page.evaluate(
            "id => { const c = document.getElementById(id);"
            " const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
            " let n = 0; for (let i = 3; i < d.length; i += 4) if (d[i]) n++; return n; }",
            canvas,
        )
    )


async def test_it_renders_without_a_complaint(opened: Opener, sound: bytes) -> None:
    """Facts, lanes, waveform and lists are there; the console is empty, no request was made."""
    one = await opened(CALL, sound)

    await expect(one.page.get_by_role("heading", level=1)).to_have_text("Call from +15550001111")
    names = await one.page.locator(".lane .name").all_inner_texts()
    assert names == [
        *("Since answer", "Caller", "Agent", "Caller says", "Agent says", "Clips"),
        *("Tools", "Response", "Waits", "Cut off", "Not kept"),
    ]
    assert await one.page.locator(".turn").count() == len(SAID)
    assert await colours_of(one, "ground") > 10_000
    await quiet(one)


async def test_it_plays(opened: Opener, sound: bytes) -> None:
    """The sound decodes, its time goes on, the playhead and the list go with it."""
    one = await opened(CALL, sound)
    assert (await one.times())["of"] == pytest.approx(35.8, abs=0.1)

    await one.page.evaluate("sound.playbackRate = 0.5")
    await one.page.get_by_role("button", name="Play", exact=True).click()
    await one.until("sound.currentTime > 0.4")

    assert not (await one.times())["paused"]
    await expect(one.page.locator(".turn.now")).to_have_attribute("data-number", "0")
    await one.page.get_by_role("button", name="Pause").click()
    assert (await one.times())["paused"]
    await quiet(one)


@pytest.mark.parametrize("kind", [".turn", ".mark.caller, .mark.agent, .mark.clip"])
async def test_a_click_on_a_turn_leads_to_its_begin(
    opened: Opener, sound: bytes, kind: str
) -> None:
    """In the transcript and on the timeline, to a fifth of a second; it plays from there."""
    one = await opened(CALL, sound)
    for number in (5, 2, 8):
        attribute = "number" if kind == ".turn" else "turn"
        wanted = one.page.locator(kind).and_(one.page.locator(f'[data-{attribute}="{number}"]'))
        await one.page.evaluate("sound.pause(); sound.playbackRate = 0.0625")

        await wanted.click(position={"x": 6, "y": 6})

        times = await one.times()
        assert times["at"] + SOUND_BEGINS == pytest.approx(SAID[number][1], abs=0.2)
        assert not times["paused"]
        await expect(one.page.locator(".turn.now")).to_have_attribute("data-number", str(number))
    await quiet(one)


async def test_a_click_on_the_waveform_leads_there(opened: Opener, sound: bytes) -> None:
    """Also when it is looked at closely."""
    one = await opened(CALL, sound)
    await one.page.get_by_role("button", name="Look closer").click()
    await one.page.evaluate("sound.playbackRate = 0.0625")
    track = one.page.locator('[data-scrub="agent"]')
    box = await track.bounding_box()
    view = await one.page.locator("#view").bounding_box()
    assert box
    assert view
    middle = view["x"] + view["width"] / 2

    await one.page.mouse.click(middle, box["y"] + 20)

    share = (middle - box["x"]) / box["width"]
    wanted = -1.4 + share * (35.9 + 1.4)
    assert (await one.times())["at"] + SOUND_BEGINS == pytest.approx(wanted, abs=0.2)


async def test_the_keyboard_does_it_all(opened: Opener, sound: bytes) -> None:
    """Space plays and stops, arrows move in time and from turn to turn, signs zoom."""
    one = await opened(CALL, sound)
    press = one.page.keyboard.press

    await press("ArrowDown")
    await press("ArrowDown")
    second = (await one.times())["at"]
    await press("ArrowRight")
    later = (await one.times())["at"]
    await press("ArrowUp")
    before = (await one.times())["at"]
    await press(" ")
    await one.until("!sound.paused")
    await press(" ")
    await one.until("sound.paused")
    await press("+")

    assert second + SOUND_BEGINS == pytest.approx(SAID[1][1], abs=0.05)
    assert later == pytest.approx(second + 5, abs=0.05)
    assert before + SOUND_BEGINS == pytest.approx(SAID[1][1], abs=0.05)
    wide = await one.page.evaluate("[strip.offsetWidth, view.clientWidth]")
    assert wide[0] > 1.3 * wide[1]
    await quiet(one)


async def test_one_side_can_be_heard_alone(opened: Opener, sound: bytes) -> None:
    """Through the browser's own mixer, and it plays on."""
    one = await opened(CALL, sound)
    await one.page.get_by_role("button", name="Play", exact=True).click()

    for side in ("mixed", "caller", "agent", "stereo"):
        await one.page.get_by_label("Listen to").select_option(side)
        reached = (await one.times())["at"]
        await one.until(f"sound.currentTime > {reached} + 0.1")

    await quiet(one)


async def test_what_people_say_stays_text(opened: Opener, sound: bytes) -> None:
    """No dialog, no element, no request, and every word of it can be read."""
    one = await opened(hostile_call(), sound)
    await one.page.get_by_role("button", name="Play", exact=True).click()
    await one.until("sound.currentTime > 0.2")
    for number in range(0, len(HOSTILE), 9):
        await one.page.locator(f'.turn[data-number="{number}"]').click()

    await quiet(one)
    assert not await one.page.evaluate("'struck' in document.documentElement.dataset")
    strangers = await one.page.locator(
        "iframe, img, object, embed, form, base, link[rel=stylesheet], a, math, details, video"
    ).count()
    assert strangers == 0
    read = await one.page.locator(".turn p").all_text_contents()
    seen = [text.replace("\ufffd", "") for text in read]
    for text in HOSTILE:
        kept = "".join(c for c in text if not _dropped(c)).replace("\r\n", "\n")
        assert kept in seen


def _dropped(character: str) -> bool:
    code = ord(character)
    shown = character in "\t\n\r" or 0x20 <= code < 0x7F or code >= 0xA0
    return not shown or 0xD800 <= code < 0xE000 or (code >= 0xFFFE and code <= 0xFFFF)


# No policy of a page keeps it from being left by a refresh: escaping alone does.
ATTACK = "".join(text for text in HOSTILE if "<" in text and "http-equiv" not in text)
SAYS = "hi, i&#39;d like to cancel"


async def test_markup_that_got_in_could_run_and_fetch_nothing(opened: Opener) -> None:
    """The page's policy holds by itself: escaping is taken away, and still nothing runs."""
    one = await opened(CALL, None, spoilt=lambda page: page.replace(SAYS, ATTACK))
    await one.until("document.readyState === 'complete'")

    assert one.dialogs == []
    assert one.asked == []
    assert not await one.page.evaluate("'struck' in document.documentElement.dataset")
    assert any("Content Security Policy" in text for text in one.complaints)


async def test_the_attack_would_strike_without_escaping_and_policy(opened: Opener) -> None:
    """What the tests before this one watch for is there to be seen."""
    one = await opened(
        CALL,
        None,
        spoilt=lambda page: page.replace(SAYS, ATTACK).replace("Content-Security-Policy", "none"),
    )
    await one.until("'struck' in document.documentElement.dataset")

    assert one.dialogs
    assert one.asked


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_can_be_read_on_a_telephone(opened: Opener, sound: bytes, scheme: str) -> None:
    """Nothing but the timeline and wide tables scrolls sideways, in either colour."""
    one = await opened(CALL, sound, viewport={"width": 390, "height": 800}, color_scheme=scheme)

    widths = await one.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1]
    await quiet(one)


async def test_without_script_the_browser_plays_it_itself(opened: Opener, sound: bytes) -> None:
    """Words and tables are there; what would have to be drawn is not shown half done."""
    one = await opened(CALL, sound, java_script_enabled=False)

    await expect(one.page.locator("audio")).to_be_visible()
    await expect(one.page.locator("#view")).to_be_hidden()
    await expect(one.page.locator(".turn").last).to_contain_text("Thank you for calling.")
    assert one.asked == []


def silent(**change: object) -> CallView:
    """The call without its sound."""
    return CALL.model_copy(update={"recording": None, **change})


@pytest.mark.parametrize(
    ("call", "because"),
    [
        (silent(), "was not recorded."),
        (
            silent(consent=Consent(at=ANSWERED, policy="ask", jurisdiction="DE", answer="refused")),
            "did not agree",
        ),
        (
            silent(
                erased_at=ANSWERED + 9000,
                caller=None,
                turns=[turn.model_copy(update={"text": ""}) for turn in CALL.turns],
            ),
            "were destroyed",
        ),
    ],
    ids=["not recorded", "refused", "erased"],
)
async def test_without_sound_it_says_why_and_still_serves(
    opened: Opener, call: CallView, because: str
) -> None:
    """A click on a turn still leads the eye there."""
    one = await opened(call, None)

    await expect(one.page.locator("#silent")).to_contain_text(because)
    await one.page.locator('.turn[data-number="5"]').click()
    await expect(one.page.locator("#now")).to_have_text("00:19.4")
    await expect(one.page.locator(".mark.now")).to_have_count(1)
    assert await colours_of(one, "whole") > 500
    await quiet(one)


async def test_a_quarter_of_an_hour_is_no_trouble(opened: Opener) -> None:
    """300 turns: made and shown in seconds, zoomed to any depth, the end as near as the begin."""
    call = long_call()
    began = time.monotonic()
    one = await opened(call, sound_of(call))
    both_s, size = time.monotonic() - began, one.file.stat().st_size
    made = f"{size / 1e6:.1f} MB, made in {one.made_s:.1f} s of a core"
    told = f"{made}; with its sound and in the browser {both_s:.1f} s"
    print(told)  # noqa: T201 - read with `pytest -s`

    await one.page.get_by_role("button", name="Show the whole call").click()
    for _ in range(8):
        await one.page.get_by_role("button", name="Look closer").click()
    await one.page.locator('.turn[data-number="299"]').click()
    last = call.turns[-1].began_at
    assert last
    assert (await one.times())["at"] == pytest.approx(last - ANSWERED, abs=0.2)
    assert await colours_of(one, "ground") > 3_000
    assert size < 20e6
    assert one.made_s < 6
    await quiet(one)
