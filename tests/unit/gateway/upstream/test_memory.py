"""A hundred answers of a gigabyte at once cost a process little memory: measured in a process of its own."""

import asyncio
import json
import sys
import zlib
from contextlib import suppress
from dataclasses import dataclass

import pytest

GIGABYTE = 1024**3
MEBIBYTE = 1024**2
CALLS = 100
BOUND_MB = 200

ASKING = """
import asyncio, json, resource, sys
import httpx
from connectors.sdk import UpstreamError
from gateway.upstream.clients import open_transport

async def ask(transport, url):
    try:
        answer = await transport.handle_async_request(httpx.Request("GET", url))
    except UpstreamError as error:
        return type(error).__name__
    return len(answer.content)

async def main(url, calls):
    async with open_transport() as transport:
        await ask(transport, url)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        ended = await asyncio.gather(*(ask(transport, url) for _ in range(calls)))
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"ended": sorted(set(ended)), "grown_mb": (after - before) / 1024}))

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


ZEROS = bytes(MEBIBYTE)


def _bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    packed = b"".join(packer.compress(ZEROS) for _ in range(GIGABYTE // MEBIBYTE)) + packer.flush()
    assert len(packed) < 2 * MEBIBYTE, "within the limit before it is inflated"
    return packed


@dataclass(frozen=True)
class Flood:
    """A gigabyte in one of the ways HTTP has to send it."""

    head: bytes
    piece: bytes = ZEROS
    times: int = GIGABYTE // MEBIBYTE


BOMB = _bomb()
FLOODS = {
    "declared": Flood(b"Content-Length: %d" % GIGABYTE),
    "chunked": Flood(b"Transfer-Encoding: chunked", b"%x\r\n%b\r\n" % (MEBIBYTE, ZEROS)),
    "to the end": Flood(b"Connection: close"),
    "compressed": Flood(b"Content-Encoding: gzip\r\nContent-Length: %d" % len(BOMB), BOMB, times=1),
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("kind", FLOODS)
async def test_a_hundred_gigabytes_at_once_stay_out_of_memory(kind: str) -> None:
    flood = FLOODS[kind]

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\n%b\r\n\r\n" % flood.head)
            for _ in range(flood.times):
                writer.write(flood.piece)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        asking = await asyncio.create_subprocess_exec(
            sys.executable, "-c", ASKING, url, str(CALLS), stdout=asyncio.subprocess.PIPE
        )
        printed, _ = await asking.communicate()
    found = json.loads(printed)
    assert set(found["ended"]) <= {"BadUpstreamData", "Unavailable"}
    assert found["grown_mb"] < BOUND_MB
