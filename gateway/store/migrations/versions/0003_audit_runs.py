"""Find audit events by runs that are written once, instead of by four indexes that every event changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_TOGETHER = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def upgrade() -> None:
    """Keep the evidence as it stands, in the order of writing; the first start writes the runs."""
    op.drop_table("audit_index")
    op.rename_table("audit_event", "audit_event_0002")
    _tables()
    connection = op.get_bind()
    new = sa.table("audit_event", *(sa.column(name) for name in ("id", *_FOUND_BY, *_EVIDENCE)))
    # The old table has no column of its own for the order of writing, but SQLite numbers the rows itself.
    kept = connection.execute(
        sa.text("SELECT rowid, chain, seq, body, hash FROM audit_event_0002 ORDER BY rowid"),
        execution_options={"yield_per": _TOGETHER},
    )
    for rows in kept.partitions():
        connection.execute(new.insert(), list(_converted(rows)))
    op.drop_table("audit_event_0002")


_EVIDENCE = ("chain", "seq", "body", "hash")
_FOUND_BY = ("at", "actor", "action", "subjects")


def _tables() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("chain", sa.String(40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("subjects", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_event"),
        sa.UniqueConstraint("chain", "seq", name="uq_audit_event_chain_seq"),
    )
    op.create_table(
        "audit_run",
        sa.Column(
            "last", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("earliest", sa.BigInteger(), nullable=False),
        sa.Column("latest", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("last", name="pk_audit_run"),
    )
    for by, kind in (("action", sa.String(32)), ("actor", sa.String(64)), ("subject", sa.LargeBinary(16))):
        op.create_table(
            f"audit_by_{by}",
            sa.Column("run", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column("key", kind, nullable=False),
            sa.Column("event", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.PrimaryKeyConstraint("run", "key", "event", name=f"pk_audit_by_{by}"),
            sqlite_with_rowid=False,
        )


def _converted(rows: Any) -> Iterator[dict[str, object]]:
    for number, chain, seq, body, digest in rows:
        held = {"id": number, "chain": chain, "seq": seq, "body": body, "hash": digest}
        yield held | _found_by(body)


def _found_by(body: bytes) -> dict[str, object]:
    """Read from a body what it is found by; of a damaged one nothing, and verification says so."""
    try:
        event = json.loads(body)["event"]
        return {
            "at": (datetime.fromisoformat(event["at"]) - _EPOCH) // timedelta(microseconds=1),
            "actor": str(event["actor"]["account"]),
            "action": str(event["action"]),
            "subjects": b"".join(bytes.fromhex(subject) for subject in event["subjects"]),
        }
    except (ValueError, KeyError, TypeError):
        return {"at": 0, "actor": "", "action": "", "subjects": b""}
