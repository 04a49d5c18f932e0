"""One Chromium and one demo for all browser tests; without Chromium they are skipped, loudly."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack
from dataclasses import dataclass
from functools import partial

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.browser.guest import CHROMIUM, Guest, guest, launch
from tests.flow.running import PASSWORD, Gateway, start_demo, wait_until
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
        _warm(demo.base_url)
        yield Stage(demo, Town.of(demo.addresses))


def _warm(base_url: str) -> None:
    """Wait until the lists are loaded: on a busy machine the first search can be told to come back."""

    def finds() -> bool:
        with httpx.Client(base_url=base_url, trust_env=False, timeout=30) as http:
            token = http.post("/api/v1/session", json={"username": "cadre", "password": PASSWORD})
            http.headers["X-CSRF-Token"] = token.json()["csrf_token"]
            found = http.post("/api/v1/residents/search", json={"query": "90岁以上"})
            return found.status_code == httpx.codes.OK and bool(found.json()["complete"])

    wait_until(finds, 60, "a complete search")


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
