"""Runs are made when there is enough for one, and nothing is left out when a commit fails."""

import pytest

from gateway.errors import StoreUnavailable
from tests.unit.gateway.audit.trail import Trail, append_all

RUNS = "SELECT first, last FROM audit_run ORDER BY last"


async def test_runs_follow_each_other_and_hold_each_event_once(trail: Trail) -> None:
    trail.run_rows = 60
    async with trail.opened() as running:
        for first in range(0, 100, 5):
            await append_all(
                running.writer,
                (trail.event(n, subjects=(bytes([n]) * 16, b"\xff" * 16)) for n in range(first, first + 5)),
            )
    runs = trail.sql(RUNS)
    assert len(runs) > 4
    assert [first for first, _ in runs] == [1] + [int(str(last)) + 1 for _, last in runs[:-1]]
    held = [row[0] for row in trail.sql("SELECT event FROM audit_by_actor ORDER BY event")]
    assert held == list(range(1, int(str(runs[-1][1])) + 1))
    # All but the opening show two.
    assert trail.sql("SELECT count(*) FROM audit_by_subject") == [(2 * (len(held) - 1),)]
    assert (await trail.verified()).fault is None


async def test_a_run_that_could_not_be_committed_is_made_by_the_next_group(trail: Trail) -> None:
    """A deferred reference that leads nowhere fails at the commit, after the run was written."""
    trail.run_rows = 8
    async with trail.opened() as running:
        await running.writer.append(trail.event(1))
        trail.sql("CREATE TABLE late (x REFERENCES account (id) DEFERRABLE INITIALLY DEFERRED)")
        trail.sql("CREATE TRIGGER t AFTER INSERT ON audit_run BEGIN INSERT INTO late VALUES (99); END")
        with pytest.raises(StoreUnavailable):
            await running.writer.append(trail.event(2))
        assert trail.sql(RUNS) == []
        trail.sql("DROP TRIGGER t")
        await running.writer.append(trail.event(3))
        assert trail.sql(RUNS) == [(1, 3)]


async def test_what_earlier_processes_left_is_counted(trail: Trail) -> None:
    trail.run_rows = 12
    for _ in range(2):
        await trail.written(1)
    assert trail.sql(RUNS) == []
    await trail.written(0)
    # Three openings of two rows each and two looks of three.
    assert trail.sql(RUNS) == [(1, 5)]
