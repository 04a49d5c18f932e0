"""One Chromium and one demo for all browser tests; without Chromium they are skipped, loudly."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack
from dataclasses import dataclass
from functools import partial

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.browser.guest import CHROMIUM, Guest, guest, launch
from tests.flow.running import Gateway, start_demo
from tests.flow.town import Town

MISSING = "no Chromium; on Debian or Ubuntu: apt-get install chromium fonts-noto-cjk"

Visit = Callable[..., AbstractAsyncContextManager[Guest]]


@dataclass(slots=True)
class Stage:
    """A running demo and its town."""

    gateway: Gateway
    town: Town


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let all browser tests share one loop, for they share one browser; skip them where there is none."""
    here = [item for item in items if item.path.parent.name == "browser"]
    for item in here:
        item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
        if not CHROMIUM.exists():
            item.add_marker(pytest.mark.skip(reason=MISSING))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not CHROMIUM.exists():
        terminalreporter.write_line(f"BROWSER TESTS SKIPPED: {MISSING}", red=True, bold=True)


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Run the demo as a person does."""
    with ExitStack() as running:
        demo = start_demo(tmp_path_factory.mktemp("stage") / "data")
        running.callback(demo.running.clear_away)
        yield Stage(demo, Town.of(demo.addresses))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Run the browser."""
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        yield browser
        await browser.close()


@pytest.fixture
def visit(stage: Stage, chromium: Browser) -> Visit:
    """Open windows: `async with visit(user="cadre", js=False, width=390) as guest`."""
    return partial(guest, chromium, stage.gateway.base_url)


@pytest.fixture
def town(stage: Stage) -> Iterator[Town]:
    """Return the town; what a test hurts is healed after it."""
    stage.town.heal()
    yield stage.town
    stage.town.heal()
