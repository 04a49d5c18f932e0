"""The quick way in goes where the application would go, or leaves it to the application."""

import asyncio
import re
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.http_parser import HttpRequestParser
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.logs import RequestLog
from gateway.portal.assets import ROUTE
from gateway.portal.routes import PAGES
from gateway.web.front import Front, Request
from gateway.web.middleware import edge
from gateway.web.routes import ROUTES

TOKEN = "BRiBeIwdzegPWEyvVUgapa9-J_co"
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")

WORDS = {part for route in (*ROUTES, *PAGES) for part in route.path.split("/") if "{" not in part}
ODD = ("", ".", "..", "%41", "%2F", "%", "x%20y", "x y", "a+b", "é", "{resident}", "~", "static", "search")

NOBODY: Any = SimpleNamespace(ssl_context=None, peername=None, sockname=None, transport=None)
"""Protocol, writer and task of a request that nobody answers."""

parts = st.sampled_from((*sorted(WORDS), *ODD, TOKEN))
known = st.tuples(st.sampled_from([route.path for route in (*ROUTES, *PAGES)]), parts).map(
    lambda pair: re.sub(r"\{\w+\}", lambda _: pair[1], pair[0])
)
paths = known | st.lists(parts, min_size=1, max_size=6).map(lambda some: "/" + "/".join(some))
targets = st.tuples(paths, st.sampled_from(["", "", "?", "?purpose=x", "#x", ";v=1", "/"])).map("".join)


async def answered(_request: web.Request) -> web.StreamResponse:
    raise AssertionError("nobody calls this")


async def made() -> tuple[web.Application, Front, web.Server]:
    app = web.Application(middlewares=[edge(RequestLog(None, on=False))])
    app.router.add_get(ROUTE, answered)
    for route in (*ROUTES, *PAGES):
        app.router.add_route(route.method, route.path, answered)
    runner = web.AppRunner(app)
    await runner.setup()
    assert runner.server is not None
    return app, Front(app, runner.server), runner.server


def parsed(front: Front, method: str, target: str) -> Request | None:
    """Return a request as it comes from the wire, None for what is no HTTP."""
    parser = HttpRequestParser(NOBODY, asyncio.get_running_loop(), 2**16)
    try:
        messages, _, _ = parser.feed_data(f"{method} {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    except Exception:  # noqa: BLE001  # whatever the parser refuses reaches nobody
        return None
    return front.request(messages[0][0], messages[0][1], NOBODY, NOBODY, NOBODY)


@given(method=st.sampled_from(METHODS), target=targets)
@example("GET", f"/api/v1/residents/{TOKEN}")
@example("GET", "/api/v1/residents/search")
@example("GET", "/api/v1/residents/")
@example("POST", f"/api/v1/residents/{TOKEN}")
@example("GET", "/api/v1/residents/%41")
@example("GET", f"/api/v1/residents/{TOKEN}?purpose=x")
@example("GET", "http://x/healthz")
async def test_it_goes_where_the_application_goes(method: str, target: str) -> None:
    app, front, _ = await made()
    request = parsed(front, method, target)
    match = front.match(request) if request else None
    if request is None or match is None:
        return
    there = await app.router.resolve(request)
    assert there.http_exception is None
    assert match.route is there.route
    assert dict(match) == dict(there)
    assert match.current_app is app


@pytest.mark.parametrize("route", [*ROUTES, *PAGES], ids=lambda route: f"{route.method} {route.path}")
async def test_it_knows_the_routes_with_at_most_one_parameter_at_the_end(route: object) -> None:
    _, front, _ = await made()
    method, path = getattr(route, "method"), getattr(route, "path")  # noqa: B009  # of two kinds of routes
    request = parsed(front, method, path.format(resident=TOKEN, household=TOKEN, system=TOKEN, id=TOKEN))
    assert request is not None
    known = front.match(request)
    before, _, last = path.rpartition("/")
    assert (known is not None) is ("{" not in before)
    if known is not None:
        assert list(known.values()) == ([TOKEN] if "{" in last else [])


async def test_a_pattern_of_its_own_is_the_applications() -> None:
    app = web.Application(middlewares=[edge(RequestLog(None, on=False))])
    app.router.add_get(r"/x/{number:\d+}", answered)
    runner = web.AppRunner(app)
    await runner.setup()
    assert runner.server is not None
    front = Front(app, runner.server)
    request = parsed(front, "GET", "/x/5")
    assert request is not None
    assert front.match(request) is None
