"""``python -m mocks``: the mock line systems over real HTTP, each on a loopback port of its own."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from connectors.sdk.mock import MockUpstream
from mocks.accounts import PASSWORD_VARIABLE, draw_accounts
from mocks.city import City, city_day
from mocks.server import application, serving

SYSTEMS = ("household", "elderly", "relief", "benefits", "meals")
CITY = "city"

_STDIN = 0
_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class _Served:
    name: str
    base_url: str
    accounts: Mapping[str, str]


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until a signal or the end of standard input.

    Returns the exit code: 0 done, 1 a port is taken, 2 no such city; wrong arguments raise SystemExit(2).
    Prints passwords: they open nothing but these mocks.
    """
    parser = _parser()
    options = parser.parse_args(argv)
    if unknown := set(options.names) - set(SYSTEMS):
        parser.error(f"no such system: {', '.join(sorted(unknown))}; there are {', '.join(SYSTEMS)}")
    return _run(_serve(options))


def _run(work: Coroutine[object, object, int]) -> int:
    try:
        import uvloop  # noqa: PLC0415  # absent on some platforms
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mocks",
        description="Serve mock line systems and the city they draw from, on 127.0.0.1.",
        epilog=f"Passwords are random at each start unless {PASSWORD_VARIABLE} is set. "
        "Example: python -m mocks household --port-base 9100",
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"any of {', '.join(SYSTEMS)}; all if absent"
    )
    parser.add_argument(
        "--port-base", type=_port, metavar="N", help="first port, the others follow; else any free"
    )
    parser.add_argument("--population", type=int, default=20_000, metavar="N", help="people of the city")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="which city")
    parser.add_argument("--json", action="store_true", help="print one line of JSON instead of a table")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when standard input ends")
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 1 <= port <= _LAST_PORT - len(SYSTEMS):
        raise ValueError
    return port


async def _serve(options: argparse.Namespace) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if options.until_stdin_closes:
        threading.Thread(target=_wait_for_end_of_stdin, args=(loop, stop), daemon=True).start()
    try:
        city = City(options.seed, options.population, as_of=city_day(datetime.now(UTC)))
    except ValueError as error:
        print(f"No such city: {error}.", file=sys.stderr)
        return 2
    async with AsyncExitStack() as open_servers:
        served: list[_Served] = []
        for index, name in enumerate([*dict.fromkeys(options.names or SYSTEMS), CITY]):
            accounts = {} if name == CITY else draw_accounts()
            mock = None if name == CITY else _build(name, city, accounts, options.seed)
            port = options.port_base + index if options.port_base else 0
            try:
                address = await open_servers.enter_async_context(serving(application(city.truth, mock), port))
            except OSError as error:
                reason = os.strerror(error.errno) if error.errno else "no address"
                print(f"Port {port} cannot be used: {reason}.", file=sys.stderr)
                return 1
            served.append(_Served(name, address, accounts))
        print(_as_json(served) if options.json else _as_table(served), flush=True)
        await stop.wait()
    return 0


def _build(name: str, city: City, accounts: Mapping[str, str], seed: int) -> MockUpstream:
    build: Callable[..., MockUpstream] = importlib.import_module(f"mocks.{name}").build
    return build(city, accounts, seed=seed)


def _wait_for_end_of_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    # os.read, as a thread inside sys.stdin's buffer would hold its lock when the interpreter ends.
    with suppress(OSError):
        while os.read(_STDIN, 4096):
            pass
    with suppress(RuntimeError):  # a signal was quicker and the loop is gone
        loop.call_soon_threadsafe(stop.set)


def _as_json(served: Sequence[_Served]) -> str:
    systems = {
        each.name: {
            "base_url": each.base_url,
            "accounts": [{"username": name, "password": word} for name, word in each.accounts.items()],
        }
        for each in served
        if each.name != CITY
    }
    city = next(each.base_url for each in served if each.name == CITY)
    return orjson.dumps({"systems": systems, "city": {"base_url": city}}).decode()


def _as_table(served: Sequence[_Served]) -> str:
    lines = [f"{'system':<10} {'address':<23} {'account':<10} password"]
    for each in served:
        accounts = list(each.accounts.items()) or [("", "")]
        for index, (username, password) in enumerate(accounts):
            start = ("", "") if index else (each.name, each.base_url)
            lines.append(f"{start[0]:<10} {start[1]:<23} {username:<10} {password}".rstrip())
    return "\n".join([*lines, "ready"])


if __name__ == "__main__":
    sys.exit(main())
