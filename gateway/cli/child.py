"""The mocks as a child process: the gateway never imports them."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import orjson

from gateway.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

START_WITHIN_S = 300.0
STOP_WITHIN_S = 5.0


class MocksFailed(GatewayError):
    """Read what the mocks printed and start again."""


def run_mocks(arguments: list[str], module: str = "mocks") -> int:
    """Run ``python -m`` of the mocks in the foreground and return its exit code; Ctrl-C is the child's."""
    child = subprocess.Popen([sys.executable, "-m", module, *arguments])  # noqa: S603  # our own module
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda got, _frame: child.send_signal(got))
    return child.wait()


@asynccontextmanager
async def mocks_running(population: int, seed: int) -> AsyncIterator[dict[str, Any]]:
    """Run the mocks on free loopback ports and yield what they print: addresses and accounts.

    They end with their standard input, so they end with us however we end.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "mocks", "--json", "--until-stdin-closes",
        "--population", str(population), "--seed", str(seed),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    if child.stdin is None or child.stdout is None:
        raise MocksFailed("the mocks have no pipes")
    try:
        try:
            async with asyncio.timeout(START_WITHIN_S):
                line = await child.stdout.readline()
            printed = orjson.loads(line)
        except (TimeoutError, orjson.JSONDecodeError):
            raise MocksFailed("the mock line systems did not start") from None
        yield printed
    finally:
        child.stdin.close()
        with suppress(ProcessLookupError):
            try:
                async with asyncio.timeout(STOP_WITHIN_S):
                    await child.wait()
            except TimeoutError:
                child.kill()
