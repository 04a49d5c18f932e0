"""Pictures of every page and state at both widths: `make screenshots`, then look at each."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from playwright.async_api import async_playwright

from tests.browser.guest import CHROMIUM, DESK, PHONE, Guest, guest, launch
from tests.flow.place import TTL_S, found_place, open_place
from tests.flow.running import start_demo
from tests.flow.town import Town

FOLDER = Path("build/screenshots")
Play = Callable[[Guest, Town], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scene:
    """What somebody sees."""

    play: Play
    user: str | None
    ageing: bool
    """Seen where answers are fresh for a second only, else at the demo."""


SCENES: dict[str, Scene] = {}


def scene(user: str | None, *, ageing: bool = False) -> Callable[[Play], Play]:
    """Register a scene that this user sees; it is named by its function."""

    def add(play: Play) -> Play:
        SCENES[play.__name__.replace("_", "-")] = Scene(play, user, ageing)
        return play

    return add


async def open_file(one: Guest, query: str) -> None:
    """Find and open the first of those found."""
    await one.go("/")
    await one.find(query)
    if "/find/" in one.page.url:
        await one.page.click("main .row >> nth=0")
    await one.page.wait_for_selector(".file")


@scene(None)
async def login(one: Guest, town: Town) -> None:
    await one.go("/login")


@scene(None)
async def login_wrong(one: Guest, town: Town) -> None:
    await one.sign_in("cadre9", "not-the-password")


@scene(None)
async def login_after_idle(one: Guest, town: Town) -> None:
    await one.go("/systems")


@scene("cadre")
async def today(one: Guest, town: Town) -> None:
    await one.go("/")


@scene("auditor")
async def today_auditor(one: Guest, town: Town) -> None:
    await one.go("/")


@scene("resident")
async def today_resident(one: Guest, town: Town) -> None:
    await one.go("/")


@scene("cadre")
async def typing(one: Guest, town: Town) -> None:
    await one.go("/")
    await one.page.type("#q", town.people()[3]["name"][0])
    await one.page.wait_for_selector("#found .row")


@scene("cadre")
async def typing_tail(one: Guest, town: Town) -> None:
    await one.go("/")
    await one.page.type("#q", "1204")
    await one.page.wait_for_selector("#found .hint")


@scene("cadre")
async def found(one: Guest, town: Town) -> None:
    await one.go("/")
    await one.find("90岁以上")
    await one.page.wait_for_selector("main .row")


@scene("cadre")
async def found_nobody(one: Guest, town: Town) -> None:
    await one.go("/")
    await one.find("鑫淼焱垚")


@scene("street")
async def found_wide(one: Guest, town: Town) -> None:
    await one.go("/")
    await one.find("3-502")


@scene("cadre")
async def find_over(one: Guest, town: Town) -> None:
    await one.go("/")
    await one.find("90岁以上")
    await one.page.wait_for_selector("main .row")
    address = one.page.url.removeprefix(one.base_url)
    await one.context.clear_cookies()
    await one.sign_in("cadre")
    await one.go(address)


@scene("cadre")
async def person(one: Guest, town: Town) -> None:
    await open_file(one, "90岁以上")


@scene("cadre")
async def person_asked(one: Guest, town: Town) -> None:
    await open_file(one, "90岁以上")
    await one.page.click("#f-id_number summary")


@scene("cadre")
async def person_opened(one: Guest, town: Town) -> None:
    await open_file(one, "90岁以上")
    await one.page.click("#f-id_number summary")
    await one.page.click("#f-id_number .sheet button >> nth=0")
    await one.page.wait_for_selector("#f-id_number.opened")


@scene("cadre")
async def person_refused(one: Guest, town: Town) -> None:
    await open_file(one, "90岁以上")
    await one.page.eval_on_selector(
        "#f-id_number .sheet button >> nth=0", "button => { button.value = 'daily_service'; }"
    )
    await one.page.click("#f-id_number summary")
    await one.page.click("#f-id_number .sheet button >> nth=0")
    await one.page.wait_for_selector("#f-id_number .refused")


@scene("cadre")
async def person_differing(one: Guest, town: Town) -> None:
    other = next(
        person
        for person in town.people()
        if person["disagreements"] == ["phone_differs"]
        and person["alive"]
        and person["residence_committee"] == "310109010003"
    )
    await open_file(one, other["id_number"])


@scene("cadre")
async def person_poor(one: Guest, town: Town) -> None:
    poor = next(person for person in town.people() if person["relief_status"] and person["alive"])
    await open_file(one, poor["id_number"])


@scene("secretary")
async def person_large(one: Guest, town: Town) -> None:
    await one.go("/")
    await one.page.click("form[action='/large'] button")
    await open_file(one, "90岁以上")


@scene("cadre")
async def found_large(one: Guest, town: Town) -> None:
    await one.go("/")
    await one.page.click("form[action='/large'] button")
    await found(one, town)


@scene("guard")
async def today_guard(one: Guest, town: Town) -> None:
    await one.go("/")


@scene("cadre")
async def person_printed(one: Guest, town: Town) -> None:
    await open_file(one, "90岁以上")
    await one.page.emulate_media(media="print")


@scene("cadre")
async def person_waiting(one: Guest, town: Town) -> None:
    await one.go("/")
    await one.find("80岁以上")
    await one.page.wait_for_selector("main .row")
    links = await one.page.eval_on_selector_all(
        "main .row", "rows => rows.map(row => row.getAttribute('href'))"
    )
    town.systems["elderly"].hurt(hang=True)
    # Somebody whom no scene has opened: of others the cache still knows.
    await one.go(links[next(_UNSEEN)])


_UNSEEN = count(30)


@scene("cadre")
async def person_without_source(one: Guest, town: Town) -> None:
    await person_waiting(one, town)
    await one.page.wait_for_selector("#card-services .down a", timeout=40_000)


@scene("wang", ageing=True)
async def person_stale(one: Guest, town: Town) -> None:
    await open_file(one, "90岁以上")
    await look_later(one, town)
    await one.page.wait_for_selector(".src .stopped")


@scene("wang", ageing=True)
async def household_stale(one: Guest, town: Town) -> None:
    await household(one, town)
    await look_later(one, town)
    await one.page.wait_for_selector(".strip")


async def look_later(one: Guest, town: Town) -> None:
    """Look once more when the answers are old: where a system does not answer, its old one stands in."""
    town.systems["elderly"].hurt(hang=True)
    await one.page.wait_for_timeout(1_500 * TTL_S)
    await one.page.reload()


@scene("cadre")
async def household(one: Guest, town: Town) -> None:
    await open_file(one, "90岁以上")
    await one.page.click(".acts a")
    await one.page.wait_for_selector("main .row")


@scene("cadre")
async def systems(one: Guest, town: Town) -> None:
    await one.go("/systems")


@scene("auditor")
async def audit(one: Guest, town: Town) -> None:
    await one.go("/audit")


@scene("auditor")
async def audit_one_person(one: Guest, town: Town) -> None:
    await one.go("/audit?action=resident:read")
    await one.page.click(".t-same a >> nth=0")


@scene("auditor")
async def audit_empty(one: Guest, town: Town) -> None:
    await one.go("/audit?actor=nobody")


@scene("cadre")
async def denied(one: Guest, town: Town) -> None:
    await one.go("/audit")


@scene("cadre")
async def not_found(one: Guest, town: Town) -> None:
    await one.go("/nowhere")


async def main(names: list[str]) -> int:
    """Take all pictures, or those named; return the exit code."""
    if not CHROMIUM.exists():
        sys.stderr.write("No Chromium here. On Debian: apt-get install chromium fonts-noto-cjk\n")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    scenes = {name: one for name, one in SCENES.items() if name in names or not names}
    folder = Path(tempfile.mkdtemp())
    with ExitStack() as closing:
        closing.callback(shutil.rmtree, folder, ignore_errors=True)
        async with async_playwright() as playwright:
            browser = await launch(playwright)
            for ageing in (False, True):
                stage = {name: one for name, one in scenes.items() if one.ageing is ageing}
                if not stage:
                    continue
                base_url, town = ageing_place(folder, closing) if ageing else demo(folder, closing)
                for name, one in stage.items():
                    for width in (DESK, PHONE):
                        town.heal()
                        async with guest(browser, base_url, user=one.user, width=width) as visitor:
                            await one.play(visitor, town)
                            await picture(visitor, name, width)
            await browser.close()
    return 0


def demo(folder: Path, closing: ExitStack) -> tuple[str, Town]:
    """Start the demo; return its address and the town behind it."""
    started = start_demo(folder / "data")
    closing.callback(started.running.clear_away)
    return started.base_url, Town.of(started.addresses)


def ageing_place(folder: Path, closing: ExitStack) -> tuple[str, Town]:
    """Start a gateway whose answers are fresh for a second; return its address and the town behind it."""
    place = open_place(folder / "place", found_place(folder / "founded"), closing, ttl=TTL_S)
    return place.gateway.base_url, place.town


async def picture(visitor: Guest, name: str, width: int) -> None:
    """Write what the window shows."""
    await visitor.page.wait_for_timeout(150)
    # What lies over the page lies over the window, not over the whole length.
    whole = not name.startswith(("person-asked", "typing"))
    await visitor.page.screenshot(path=FOLDER / f"{name}-{width}.png", full_page=whole)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
