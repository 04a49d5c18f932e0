"""What alembic runs: the connection comes from :func:`gateway.store.migrate.upgrade`."""

from __future__ import annotations

from alembic import context

from gateway.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite cannot alter a table in place: alembic copies it.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
