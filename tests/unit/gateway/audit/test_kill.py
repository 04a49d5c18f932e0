"""Invariant 1: what was acknowledged survives the death of the process at any moment."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.audit.body import parse
from tests.unit.gateway.audit.trail import Trail

ROOT = Path(__file__).parents[4]


def appended_until_killed(trail: Trail, count: int) -> set[str]:
    """Start a process that appends, kill it after at least `count` acknowledgements, return all of them."""
    program = [sys.executable, "-m", "tests.unit.gateway.audit.appender", str(trail.folder)]
    acknowledged: set[str] = set()
    with subprocess.Popen(program, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        for line in process.stdout:
            acknowledged.add(line.decode().strip())
            if len(acknowledged) == count:
                process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    return acknowledged


@pytest.mark.parametrize("count", [1, 100, 1500])
async def test_kill_loses_no_acknowledged_record(trail: Trail, count: int) -> None:
    acknowledged = appended_until_killed(trail, count)
    acknowledged |= appended_until_killed(trail, count)
    assert len(acknowledged) >= 2 * count

    before = await trail.verified()
    assert before.fault is None
    async with trail.opened() as running:
        await running.writer.append(trail.event())
    after = await trail.verified()
    assert (after.fault, after.events) == (None, before.events + 2)

    stored = trail.sql("SELECT body FROM audit_event")
    ids = {parse(body).event.id for (body,) in stored if isinstance(body, bytes)}
    assert acknowledged <= ids
