"""How long a body may take; how large it may be and what it must hold is tested where it is used."""

import asyncio

import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.logs import RequestLog
from gateway.web.limits import json_object
from gateway.web.middleware import edge


async def answer(*parts: bytes, within_s: float) -> bytes:
    """Send a body of eight bytes part by part; return the whole answer."""

    async def handle(asked: web.Request) -> web.Response:
        return web.Response(body=orjson.dumps(await json_object(asked, within_s)))

    app = web.Application(middlewares=[edge(RequestLog(None, on=False))])
    app.router.add_post("/", handle)
    async with TestServer(app) as server, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n")
        writer.write(b"Content-Type: application/json\r\nContent-Length: 8\r\n\r\n")
        for part in parts:
            await asyncio.sleep(0.05)
            writer.write(part)
        # The end of our side is not told, so the gateway cannot know that no more will come.
        whole = await reader.readuntil(b"}")
        writer.close()
    return whole


async def test_a_body_that_comes_by_and_by_is_read() -> None:
    whole = await answer(b'{"a"', b": 1", b"}", within_s=10)
    assert whole.startswith(b"HTTP/1.1 200 ")
    assert whole.endswith(b'\r\n\r\n{"a":1}')


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    whole = await answer(b'{"a"', within_s=0.1)
    assert whole.startswith(b"HTTP/1.1 408 ")
    assert b"application/problem+json" in whole
    assert b'"code":"timeout"' in whole
