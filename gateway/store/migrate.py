"""Bring a database to the shape this version needs. The steps are part of the package; no alembic.ini."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from gateway.errors import StoreUnavailable
from gateway.store.engine import sqlite_url, store_errors
from gateway.store.migrations import HEAD

_STEPS = Path(__file__).parent / "migrations"


class SchemaFault(StoreUnavailable):
    """Install the version of the gateway that this database belongs to."""


async def upgrade(url: str) -> None:
    """Run the steps that the database at this URL still lacks, all or none; create it if it is absent.

    Safe to call from several processes at once. Raises :class:`SchemaFault` for a database that a newer
    version made, ``StoreUnavailable`` if it cannot be reached. Costs a few milliseconds when there is nothing
    to do.
    """
    address = sqlite_url(url)
    folder = Path(address.database or "").parent
    if not folder.is_dir():
        raise StoreUnavailable(f"there is no folder {folder} for the database")
    # Not the gateway's own engine: a step that copies a table must not meet enforced foreign keys.
    engine = create_async_engine(address, hide_parameters=True, poolclass=NullPool)
    with store_errors():
        try:
            async with engine.connect() as connection:
                if await connection.run_sync(_revision) == HEAD:
                    return
                # The lock comes first, then a second look: another process may have been quicker.
                await connection.rollback()
                await connection.exec_driver_sql("BEGIN IMMEDIATE")
                await connection.run_sync(_run)
                await connection.commit()
        finally:
            await engine.dispose()


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _run(connection: Connection) -> None:
    # Loading alembic takes longer than all else here, and most starts do not need it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_STEPS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    found = _revision(connection)
    known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise SchemaFault(
            f"the database has revision {found}, which this version does not know: it is from a newer one"
        )
    command.upgrade(config, "head")
