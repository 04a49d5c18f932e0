"""What many would write first: FastAPI and httpx, one shared client, three systems asked at once.

Runs in an environment of its own (``make bench PEERS=1``), under uvicorn with uvloop and httptools.
"""

from __future__ import annotations

import argparse
import asyncio
import socket

import httpx
import uvicorn  # type: ignore[import-not-found]
from fastapi import FastAPI, Response  # type: ignore[import-not-found]

from benchmarks.fanout import HELLO, SYSTEMS, joined, questions


def application(bases: tuple[str, ...]) -> FastAPI:
    """Return the application."""
    app = FastAPI()
    client = httpx.AsyncClient(timeout=30, trust_env=False)
    filler = HELLO.decode().rpartition(":")[2].strip('"}')

    async def hello() -> dict[str, str]:
        return {"status": "ok", "filler": filler}

    async def fanout(number: str) -> Response:
        asked = zip(bases, questions(number.encode("ascii")), strict=True)
        answers = await asyncio.gather(
            *(
                client.post(base + path, content=body, headers={"Content-Type": content_type})
                for base, (path, body, content_type) in asked
            )
        )
        return Response(
            content=joined(*(answer.content for answer in answers)), media_type="application/json"
        )

    app.add_api_route("/", hello)
    app.add_api_route("/fanout/{number}", fanout)
    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("bases", nargs=len(SYSTEMS), metavar="URL", help="base URLs of the three systems")
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    print(f"ready http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(
        application(tuple(parser.parse_args().bases)), loop="uvloop", http="httptools", access_log=False
    )
    uvicorn.Server(config).run(sockets=[listener])
