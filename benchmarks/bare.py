"""What everything is measured against: aiohttp on uvloop with nothing of ours around it.

``GET /`` answers 590 bytes: 1.00 of every ratio. ``GET /fanout/NUMBER`` asks the three systems at once with
aiohttp's client, decodes what came and joins it into one JSON answer: no identity, no policy, no masks, no
record, no checks.
"""

from __future__ import annotations

import argparse
import asyncio
import signal

import aiohttp
import uvloop
from aiohttp import web

from benchmarks.fanout import HELLO, SYSTEMS, joined, questions


async def serve(bases: tuple[str, ...]) -> None:
    """Serve on a free loopback port until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def ask(base: str, path: str, body: bytes, content_type: str) -> bytes:
            async with session.post(base + path, data=body, headers={"Content-Type": content_type}) as answer:
                return await answer.read()

        async def hello(_request: web.Request) -> web.Response:
            return web.Response(body=HELLO, content_type="application/json")

        async def fanout(request: web.Request) -> web.Response:
            number = request.match_info["number"].encode("ascii")
            asked = zip(bases, questions(number), strict=True)
            answers = await asyncio.gather(*(ask(base, *question) for base, question in asked))
            return web.Response(body=joined(*answers), content_type="application/json")

        app = web.Application()
        app.router.add_get("/", hello)
        app.router.add_get("/fanout/{number}", fanout)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        print(f"ready http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
        await stop.wait()
        await runner.cleanup()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("bases", nargs=len(SYSTEMS), metavar="URL", help="base URLs of the three systems")
    uvloop.run(serve(tuple(parser.parse_args().bases)))
