"""Evidence that an earlier version wrote is still evidence."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine

from gateway.audit.event import EventAction
from gateway.store import migrate
from gateway.store.migrate import upgrade
from tests.unit.gateway.audit.trail import Trail

ANN, BEN = b"A" * 16, b"B" * 16


def earlier(connection: Connection, revision: str) -> None:
    """Make the tables of an earlier version."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def test_events_of_the_version_with_four_indexes(trail: Trail, tmp_path: Path) -> None:
    async with trail.opened() as running:
        await running.writer.append(trail.event(1, subjects=(ANN, BEN)))
        trail.clock.move(minutes=1)
        await running.writer.append(trail.event(2, EventAction.RESIDENT_SEARCH, subjects=()))
    evidence = trail.sql("SELECT chain, seq, body, hash FROM audit_event ORDER BY id")
    found_by = "SELECT id, chain, seq, at, actor, action, subjects FROM audit_event ORDER BY id"
    expected = trail.sql(found_by)

    for left_over in tmp_path.glob("state.db*"):
        left_over.unlink()
    engine = create_engine(f"sqlite:///{trail.database}")
    with engine.begin() as connection:
        earlier(connection, "0002")
    engine.dispose()
    for row in evidence:
        trail.sql("INSERT INTO audit_event (chain, seq, body, hash) VALUES (?, ?, ?, ?)", *row)
    await upgrade(f"sqlite+aiosqlite:///{trail.database}")

    assert trail.sql("SELECT chain, seq, body, hash FROM audit_event ORDER BY id") == evidence
    assert trail.sql(found_by) == expected
    report = await trail.verified()
    assert (report.events, report.fault) == (3, None)
    async with trail.opened() as running:
        found, _ = await running.log.events(subject=BEN)
        assert [recorded.event.request_id for recorded in found] == ["request-1"]


async def test_a_damaged_record_stays_and_is_still_found(trail: Trail) -> None:
    engine = create_engine(f"sqlite:///{trail.database}")
    with engine.begin() as connection:
        earlier(connection, "0002")
    engine.dispose()
    trail.sql("INSERT INTO audit_event (chain, seq, body, hash) VALUES ('c', 1, x'ff', x'00')")
    await upgrade(f"sqlite+aiosqlite:///{trail.database}")
    assert trail.sql("SELECT chain, seq, body, hash FROM audit_event") == [("c", 1, b"\xff", b"\0")]
    assert "chain c event 1 is not what its hash says" in str((await trail.verified()).fault)
