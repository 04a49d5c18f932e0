"""``python -m mocks.declared NAME``: the mock that an installed connector declares, over real HTTP.

With its switches under ``/_mock/``, as every mock here; on 127.0.0.1 alone.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence

from mocks.server import application, serving


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until a signal; return 0, 1 for a port that is taken, 2 for a connector without a mock.

    Prints the account of the mock: it opens nothing else.
    """
    parser = argparse.ArgumentParser(prog="python -m mocks.declared")
    parser.add_argument("name")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="any free one if absent")
    options = parser.parse_args(argv)
    return asyncio.run(_serve(options.name, options.port))


async def _serve(name: str, port: int) -> int:
    from connectors.sdk.testing.declared import NotDeclared, declared  # noqa: PLC0415  # not for a server

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        contract = declared(name)
    except NotDeclared as error:
        print(error, file=sys.stderr)
        return 2
    try:
        async with serving(application(lambda _place, _age: [], contract().make_mock()), port) as address:
            account = contract.credential
            print(f"ready {address} user name {account.username}, secret {account.secret}", flush=True)
            await stop.wait()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "no address"
        print(f"Port {port} cannot be used: {reason}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
