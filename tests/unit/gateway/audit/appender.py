"""A process that appends without end and prints the id of each event that was acknowledged, to be killed.

Run as `python -m tests.unit.gateway.audit.appender FOLDER`.
"""

import asyncio
import os
import sys
from pathlib import Path

from gateway.audit.writer import AuditWriter
from tests.unit.gateway.audit.trail import Trail

CALLERS = 32


async def call(trail: Trail, writer: AuditWriter) -> None:
    n = 0
    while True:
        n += 1
        event = trail.event(n)
        await writer.append(event)
        # One system call: a line is printed whole or not at all.
        os.write(1, f"{event.id}\n".encode())


async def main(folder: Path) -> None:
    trail = Trail(folder)
    async with trail.opened() as running:
        await asyncio.gather(*(call(trail, running.writer) for _ in range(CALLERS)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
