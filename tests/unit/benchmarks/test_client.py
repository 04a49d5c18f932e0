"""The load client tells right answers from wrong ones, however they arrive."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any, Protocol

import pytest

from benchmarks.client import drive
from benchmarks.load import Load, request


class Serve(Protocol):
    def __call__(self, answer: bytes, piece: int = ...) -> Awaitable[tuple[str, int]]: ...


GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nall ok"


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Answer every request with these bytes, in pieces of a size."""
    servers: list[asyncio.Server] = []

    async def start(answer: bytes, piece: int = 1_000_000) -> tuple[str, int]:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while await reader.readuntil(b"\r\n\r\n"):
                for begin in range(0, len(answer), piece):
                    writer.write(answer[begin : begin + piece])
                    await asyncio.sleep(0)

        async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await talk(reader, writer)
            except (asyncio.IncompleteReadError, ConnectionError):
                writer.close()

        server = await asyncio.start_server(quietly, "127.0.0.1", 0)
        servers.append(server)
        host, port = server.sockets[0].getsockname()
        return host, port

    yield start
    for server in servers:
        server.close()


def load(address: tuple[str, int], **more: Any) -> Load:
    return Load(address, [request("GET", "/")], b"ok", connections=2, **more)


@pytest.mark.parametrize("piece", [1_000_000, 7])
async def test_right_answers_count_whole_or_in_pieces(serve: Serve, piece: int) -> None:
    run = await drive(load(await serve(GOOD, piece)), 0.1)
    assert run.answered > 0
    assert (run.wrong, run.failed, run.cut_off) == (0, 0, 0)
    assert 0 < run.p50_ms <= run.p99_ms


async def test_chunked_answers_count(serve: Serve) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nall ok\r\n0\r\n\r\n"
    run = await drive(load(await serve(chunked)), 0.1)
    assert run.answered > 0
    assert not run.wrong


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(GOOD.replace(b"200 OK", b"503 No"), id="status"),
        pytest.param(GOOD.replace(b"all ok", b"all no"), id="body"),
    ],
)
async def test_wrong_answers_are_never_counted_as_right(serve: Serve, answer: bytes) -> None:
    run = await drive(load(await serve(answer)), 0.1)
    assert run.answered == 0
    assert run.wrong > 0


async def test_a_connection_that_breaks_is_a_failure() -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        run = await drive(load(server.sockets[0].getsockname()[:2]), 0.1)
    assert run.failed == 2


async def test_nobody_is_asked_for_twice_when_each_may_be_asked_for_once(serve: Serve) -> None:
    run = await drive(load(await serve(GOOD), once=True), 0.2)
    assert run.answered == 1
    assert run.ran_out
