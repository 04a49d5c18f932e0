"""The API's description as a page: all calls, no script, nothing from elsewhere."""

import base64
import re
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from gateway.web.docs import draw
from gateway.web.openapi import describe
from gateway.web.routes import ROUTES
from tests.unit.gateway.web.site import Site, site


@pytest.fixture
def page() -> LexborHTMLParser:
    return LexborHTMLParser(draw(describe(ROUTES)).decode())


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Site]:
    async with site(tmp_path) as running:
        yield running


def test_every_call_and_field_stands_on_it(page: LexborHTMLParser) -> None:
    for route in ROUTES:
        titles = [one.text() for one in page.css("section h2")]
        assert any(route.method in one and route.path in one and route.summary in one for one in titles)
        for model in (route.body, route.query):
            for name, field in model.model_fields.items() if model else ():
                assert (field.alias or name) in {one.text() for one in page.css("th code")}


def test_every_link_leads_somewhere(page: LexborHTMLParser) -> None:
    ids = [one.attributes["id"] for one in page.css("[id]")]
    assert len(set(ids)) == len(ids)
    for link in page.css("a"):
        target = link.attributes["href"]
        assert target is not None
        assert target == "/openapi.json" or target.removeprefix("#") in ids


async def test_it_runs_nothing_and_loads_nothing(place: Site) -> None:
    answer = await place.ask("GET", "/docs")
    text = answer.raw.decode()
    page = LexborHTMLParser(text)
    assert not page.css("script, link, img, iframe, form, [style], [onclick]")
    assert "://" not in re.sub(r"<code>.*?</code>", "", text)
    (style,) = (one.text().encode() for one in page.css("style"))
    policy = answer.headers["Content-Security-Policy"]
    assert f"style-src 'sha256-{base64.b64encode(sha256(style).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_words_are_no_markup() -> None:
    page = draw(describe(ROUTES).replace(b"Who am I", b"<script>alert(1)</script>"))
    assert b"<script>" not in page
    assert b"&lt;script&gt;" in page
