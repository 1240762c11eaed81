"""One Chromium for all tests of this folder, and pages that are opened in it from a file."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, Route, async_playwright

from records.page import file_name_of, page_of
from records.view import CallView
from setup.system import browser

# What a page of one file may take on a machine that is busy with other tests.
PATIENCE_MS = 20_000


@dataclass
class Opened:
    """A page in the browser, from `file`, and what it did that it should not.

    `made_s` is processor time: that of the wall is shared with other tests. `asked` holds every
    address besides its own that it wanted, `complaints` what its console said, `dialogs` what it
    asked people.
    """

    page: Page
    file: Path
    made_s: float
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    async def times(self) -> dict[str, Any]:
        """Where the player stands: seconds into the sound, and whether it plays."""
        told = await self.page.evaluate(
            "(s => ({at: s.currentTime, of: s.duration, paused: s.paused}))(sound)"
        )
        return dict(told)

    async def until(self, what: str) -> None:
        """Wait until an expression is true on the page.

        Playwright's own way evaluates text within the page, which its policy forbids.
        """
        async with asyncio.timeout(PATIENCE_MS / 1000):
            # A page has no event that this process could wait for.
            while not await self.page.evaluate(what):  # noqa: ASYNC110
                await asyncio.sleep(0.02)


Opener: TypeAlias = Callable[..., Coroutine[Any, Any, Opened]]


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The system's own Chromium, without a window."""
    program = browser()
    assert program, "no Chromium: make setup installs it"
    # Its sandbox refuses to work for root, who runs tests in containers.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=program,
            args=[*flags, "--autoplay-policy=no-user-gesture-required", "--mute-audio"],
            timeout=60_000,
        )
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def opened(chromium: Browser, tmp_path: Path) -> AsyncIterator[Opener]:
    """Opens the page of a call as its reader does: from a file, with every request watched."""
    async with AsyncExitStack() as contexts:

        async def open_page(
            call: CallView,
            sound: bytes | None,
            *,
            spoilt: Callable[[str], str] = str,
            **look: Any,
        ) -> Opened:
            file, began = tmp_path / file_name_of(call), time.process_time()
            made = page_of(call, sound)
            made_s = time.process_time() - began
            file.write_text(spoilt(made), encoding="utf-8")
            context = await chromium.new_context(**look)
            contexts.push_async_callback(context.close)
            one = Opened(await context.new_page(), file, made_s)
            await _watch(one, file.as_uri())
            await one.page.goto(file.as_uri(), timeout=PATIENCE_MS)
            if sound:
                await one.until("document.getElementById('sound').readyState >= 2")
            return one

        yield open_page


async def _watch(one: Opened, own: str) -> None:
    async def requested(route: Route) -> None:
        # What the policy stops, or the page holds in itself, does not come this far.
        if route.request.url == own:
            await route.continue_()
            return
        one.asked.append(route.request.url)
        await route.abort()

    def said(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            one.complaints.append(message.text)

    async def asked(dialog: Any) -> None:
        one.dialogs.append(dialog.message)
        await dialog.dismiss()

    await one.page.route("**/*", requested)
    one.page.on("console", said)
    one.page.on("pageerror", lambda error: one.complaints.append(str(error)))
    one.page.on("dialog", asked)
    await one.page.add_init_script(
        "window.__violations = []; document.addEventListener('securitypolicyviolation',"
        " e => window.__violations.push(e.violatedDirective + ' ' + e.blockedURI));"
    )
