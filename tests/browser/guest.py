"""Somebody at a browser: one context of Chromium, with all that it asked for and complained of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Browser, BrowserContext, Locator, Page, Playwright

from tests.flow.running import PASSWORD

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
    "--lang=zh-CN",
]
DESK, PHONE = 1280, 390
HEIGHTS = {DESK: 800, PHONE: 844}
AXE = (Path(__file__).with_name("vendor") / "axe.min.js").read_text("utf-8")
_LISTEN = """
window.refusedByPolicy = [];
document.addEventListener("securitypolicyviolation", function (event) {
  window.refusedByPolicy.push(event.violatedDirective + " " + event.blockedURI);
});
"""


async def launch(playwright: Playwright) -> Browser:
    """Start Debian's Chromium."""
    return await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


@dataclass(slots=True)
class Guest:
    """One person with a browser window."""

    base_url: str
    context: BrowserContext
    page: Page
    addresses: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    clicks: int = 0

    async def go(self, path: str) -> None:
        """Open a page of ours."""
        await self.page.goto(self.base_url + path)

    async def act(self, what: Locator) -> None:
        """Click, and count it: what a person does counts, whichever tool the test uses."""
        self.clicks += 1
        await what.click()

    async def sign_in(self, username: str, password: str = PASSWORD) -> None:
        """Fill in the form."""
        await self.go("/login")
        await self.page.fill("#username", username)
        await self.page.fill("#password", password)
        await self.page.click("main form button")

    async def find(self, query: str) -> None:
        """Type and press Enter."""
        await self.page.fill("#q", query)
        await self.page.press("#q", "Enter")

    async def refused(self) -> list[str]:
        """Return what the content security policy refused on this page."""
        found: list[str] = await self.page.evaluate("window.refusedByPolicy")
        return found

    async def axe(self) -> list[dict[str, Any]]:
        """Return axe's findings on this page, of any impact."""
        await self.page.evaluate(AXE)
        result = await self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            {
                "rule": one["id"],
                "nodes": [f"{node['html'][:160]} :: {node['failureSummary']}" for node in one["nodes"][:3]],
            }
            for one in result["violations"]
        ]


@asynccontextmanager
async def guest(
    browser: Browser, base_url: str, *, user: str | None = None, js: bool = True, width: int = DESK
) -> AsyncIterator[Guest]:
    """Open a window; with a user, signed in already."""
    context = await browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        java_script_enabled=js,
        has_touch=width == PHONE,
    )
    context.set_default_timeout(10_000)
    try:
        if user:
            await _carry_session(context, base_url, user)
        await context.add_init_script(_LISTEN)
        page = await context.new_page()
        one = Guest(base_url, context, page)
        page.on("request", lambda request: one.addresses.append(request.url))
        page.on("framenavigated", lambda frame: one.addresses.append(frame.url))
        page.on("pageerror", lambda error: one.complaints.append(str(error)))
        yield one
    finally:
        await context.close()


async def _carry_session(context: BrowserContext, base_url: str, user: str) -> None:
    async with httpx.AsyncClient(base_url=base_url, trust_env=False) as http:
        answer = await http.post("/login", data={"username": user, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        await context.add_cookies([{"name": "session", "value": answer.cookies["session"], "url": base_url}])
