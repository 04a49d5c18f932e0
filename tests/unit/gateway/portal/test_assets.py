"""Static files: small, named by content, and within what Chromium 86 understands."""

import gzip
import re
from pathlib import Path

import pytest

from gateway.portal.assets import FOLDER, Assets
from tests.unit.gateway.portal.village import village

TOO_NEW = (
    r":is\(",
    r":where\(",
    r":has\(",
    r"\binset\s*:",
    r"aspect-ratio",
    r"@layer",
    r"@container",
    r"\d[ds]vh",
    r"color-mix",
    r"accent-color",
    r"text-wrap",
    r"^\s*&",
    r"@import",
    r"url\(",
)


def zipped(*files: str) -> int:
    assets = Assets()
    return sum(len(assets.by_file[file].zipped) for file in files)


def test_budgets_hold() -> None:
    assert zipped("portal.css") <= 15_000
    assert zipped("htmx.min.js", "portal.js") <= 30_000
    assert zipped("icons.svg") <= 6_000


@pytest.mark.parametrize("pattern", TOO_NEW)
def test_the_style_sheet_is_within_chromium_86(pattern: str) -> None:
    sheet = re.sub(r"/\*.*?\*/", "", (FOLDER / "portal.css").read_text("utf-8"), flags=re.DOTALL)
    assert not re.search(pattern, sheet, re.MULTILINE)


def test_every_icon_that_a_template_names_is_there() -> None:
    sprite = (FOLDER / "icons.svg").read_text("utf-8")
    templates = FOLDER.with_name("templates")
    named = {
        name
        for file in templates.rglob("*.html")
        for name in re.findall(r'icon\("([a-z-]+)"\)', file.read_text("utf-8"))
    }
    assert named
    assert all(f'id="{name}"' in sprite for name in named)


def test_no_template_holds_style_or_script_or_handlers() -> None:
    for file in FOLDER.with_name("templates").rglob("*.html"):
        text = file.read_text("utf-8")
        assert not re.search(r"<style|\sstyle=|\son\w+=|hx-on|hx-vals=.js|javascript:|\|\s*safe", text), file


def test_vendored_files_bear_their_licences() -> None:
    vendor = FOLDER / "vendor"
    told = (vendor / "THIRD_PARTY.md").read_text("utf-8")
    for file, licence in (("htmx.min.js", "LICENSE.htmx"), ("icons.svg", "LICENSE.lucide")):
        assert file in told
        assert licence in told
        assert (vendor / licence).exists()
    assert 'version:"2.0.11"' in (vendor / "htmx.min.js").read_text("utf-8")


async def test_files_are_kept_for_a_year_under_their_hash(tmp_path: Path) -> None:
    address = Assets().address("portal.css")
    async with village(tmp_path) as town:
        browser = await town.browser(None)
        file = await browser.get(address)
        plain = await browser.get(address, **{"Accept-Encoding": "identity"})
        other = await browser.get("/static/portal.0000000000.css")
        mark = await (await town.browser()).get("/watermark.svg")
    assert file.status_code == 200
    assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert file.headers["Content-Encoding"] == "gzip"
    assert plain.content == file.content
    assert gzip.decompress(gzip.compress(plain.content)) == (FOLDER / "portal.css").read_bytes()
    assert other.status_code == 404
    assert "lu某 · lu · 今天 08:12" in mark.text
    assert mark.headers["Cache-Control"] == "no-store"
