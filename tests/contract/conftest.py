import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest
from aiohttp import web

from connectors.sdk.mock import MockUpstream
from mocks.server import application, serving
from tests.contract.wrong.right import RightContract

Serve = Callable[[web.Application], str]


@contextmanager
def _served(app: web.Application) -> Iterator[str]:
    """Serve from another thread: whoever runs the contract runs an event loop for each test."""
    loop = asyncio.new_event_loop()
    urls: list[str] = []
    ready, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        async with serving(app) as url:
            urls.append(url)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(timeout=20)
        yield urls[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=20)
        loop.close()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return how to serve an application until the test ends."""
    with ExitStack() as served:
        yield lambda app: served.enter_context(_served(app))


@pytest.fixture
def line_system(serve: Serve) -> str:
    """Return the base URL of the right connector's system, with a mock's switches."""
    return serve(application(lambda _committee, _age: [], RightContract().make_mock()))


def without_switches(mock: MockUpstream, seen: list[httpx.Request] | None = None) -> web.Application:
    """Return a system as it stands in the world, nothing under ``/_mock/``; note what it sees."""

    async def answer(request: web.Request) -> web.Response:
        asked = httpx.Request(
            request.method, str(request.url), headers=dict(request.headers), content=await request.read()
        )
        if seen is not None:
            seen.append(asked)
        said = await mock.handle(asked)
        return web.Response(status=said.status_code, headers=dict(said.headers), body=said.content)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    return app
