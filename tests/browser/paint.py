"""When a page stands before the eyes on a slow machine: `python -m tests.browser.paint` prints a table."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.async_api import Browser, async_playwright

from tests.browser.guest import CHROMIUM, DESK, PHONE, Guest, guest, launch
from tests.flow.running import start_demo

SLOWDOWN = 4
VISITS = 7
_SEEN = """
() => new Promise(resolve => {
  const seen = {largest: 0, shifted: 0};
  new PerformanceObserver(list => {
    for (const one of list.getEntries()) seen.largest = one.startTime;
  }).observe({type: "largest-contentful-paint", buffered: true});
  new PerformanceObserver(list => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) seen.shifted += one.value;
  }).observe({type: "layout-shift", buffered: true});
  // Two frames and a pause: observers hear of what was painted after it was.
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve({
    largest: seen.largest,
    shifted: seen.shifted,
    answered: performance.getEntriesByType("navigation")[0].responseEnd,
    elements: document.getElementsByTagName("*").length,
  }), 100)));
})
"""


@dataclass(frozen=True, slots=True)
class Paint:
    """How a page came up; times in ms from the start of the navigation."""

    largest: float
    """Largest Contentful Paint (W3C): when the largest text or picture stood there."""
    shifted: float
    """Cumulative Layout Shift (W3C): how much moved under the reader's eyes, no unit."""
    answered: float
    """When the last byte of the page itself had come."""
    elements: int


async def painted(one: Guest, path: str) -> Paint:
    """Open a page on a processor that is SLOWDOWN times slower, and tell how it came up."""
    devtools = await one.context.new_cdp_session(one.page)
    await devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    await one.go(path)
    seen = await one.page.evaluate(_SEEN)
    await devtools.detach()
    return Paint(**seen)


async def pages(one: Guest) -> dict[str, str]:
    """Return the paths of a list of people found and of the first one's file."""
    await one.go("/")
    await one.find("90岁以上")
    await one.page.wait_for_selector("main .row")
    file = await one.page.get_attribute("main .row >> nth=0", "href")
    assert file is not None
    return {"found": one.page.url.removeprefix(one.base_url), "person": file}


async def measure(browser: Browser, base_url: str) -> list[str]:
    """Return a table: each page at both widths, on the browser's first visit and on the second."""
    lines = [
        f"{'page':8} {'width':>5} {'visit':7} {'LCP ms':>7} {'most':>7} {'answer':>7} {'CLS':>6} {'DOM':>5}"
    ]
    for width in (DESK, PHONE):
        seen: dict[tuple[str, str], list[Paint]] = {}
        for _ in range(VISITS):
            async with guest(browser, base_url, user="cadre", width=width) as one:
                paths = await pages(one)
                session = await one.context.cookies()
            for name, path in paths.items():
                async with guest(browser, base_url, width=width) as one:
                    await one.context.add_cookies(session)  # type: ignore[arg-type]  # as it gave them
                    for visit in ("first", "again"):
                        seen.setdefault((name, visit), []).append(await painted(one, path))
        for (name, visit), many in seen.items():
            times = [each.largest for each in many]
            lines.append(
                f"{name:8} {width:5} {visit:7} {median(times):7.0f} {max(times):7.0f}"
                f" {median(each.answered for each in many):7.0f}"
                f" {max(each.shifted for each in many):6.3f} {many[0].elements:5}"
            )
    return lines


async def main() -> int:
    """Print the table; return the exit code."""
    if not CHROMIUM.exists():
        sys.stderr.write("No Chromium here. On Debian: apt-get install chromium fonts-noto-cjk\n")
        return 1
    folder = Path(tempfile.mkdtemp())
    with ExitStack() as closing:
        closing.callback(shutil.rmtree, folder, ignore_errors=True)
        demo = start_demo(folder / "data")
        closing.callback(demo.running.clear_away)
        async with async_playwright() as playwright:
            browser = await launch(playwright)
            sys.stdout.write(f"Processor {SLOWDOWN} times slower, {VISITS} visits each, median and most\n")
            sys.stdout.write("\n".join([*await measure(browser, demo.base_url), ""]))
            await browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
