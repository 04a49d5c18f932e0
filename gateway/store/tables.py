"""The tables of the gateway's own small state. No resident's data stands in any of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
)

from gateway.clock import SHANGHAI


class Instant(TypeDecorator[datetime]):
    """Keep a point in time; what is read is aware, in Shanghai time.

    SQLite has no zones, so UTC is stored there; thereby the order of the stored text is the order of time.
    Raises ``ValueError`` for a time without a zone.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], str | datetime | None] | None:
        """Write SQLite's text directly: the general way takes five times as long, for each audit record."""
        return _text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse a naive time and turn the rest into UTC."""
        return None if value is None else _utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the zone back."""
        if value is None:
            return None
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(SHANGHAI)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a point in time needs its zone")
    return at.astimezone(UTC)


def _text(at: datetime | None) -> str | None:
    return None if at is None else _utc(at).replace(tzinfo=None).isoformat(" ", "microseconds")


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

account = Table(
    "account",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("username", String(64), nullable=False, unique=True),
    Column("display_name", String(64), nullable=False),
    Column("organisation", String(128), nullable=False, default=""),
    Column("password_hash", String(256), nullable=False),
    Column("household", String(64)),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("created_at", Instant, nullable=False),
    comment="Who may sign in. household: of a resident who reads about the own household.",
)

role_assignment = Table(
    "role_assignment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("role", String(32), nullable=False),
    Column("region", String(12), nullable=False),
    Column("valid_from", Date),
    Column("valid_until", Date),
    UniqueConstraint("account_id", "role", "region"),
    comment="A role within a region-code prefix; several rows of one role make its scope.",
)

session = Table(
    "session",
    metadata,
    Column("id_hash", LargeBinary(32), primary_key=True),
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    comment="Gateway sessions, by SHA-256 of the opaque id; the id itself is known to the browser alone.",
)

login_throttle = Table(
    "login_throttle",
    metadata,
    Column("name_hash", LargeBinary(32), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Instant),
    Column("updated_at", Instant, nullable=False, index=True),
    comment="Failed sign-ins by keyed hash of the user name, existing or not.",
)

vault_entry = Table(
    "vault_entry",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("system", String(64), nullable=False),
    Column("owner", String(80), nullable=False),
    Column("login_mark", LargeBinary(32), nullable=False),
    Column("key_id", String(64), nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("why", String(16)),
    Column("since", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("system", "owner"),
    UniqueConstraint("system", "login_mark"),
    comment="Accounts on line systems, sealed. login_mark: keyed hash of the user name there.",
)

upstream_rejection = Table(
    "upstream_rejection",
    metadata,
    Column("mark", LargeBinary(32), primary_key=True),
    Column("at", Instant, nullable=False),
    comment="Credentials of the configuration that a line system rejected, by keyed hash.",
)

upstream_system = Table(
    "upstream_system",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("day", Date),
    Column("calls", Integer, nullable=False),
    Column("fingerprint", String(64)),
    comment="Of each line system the calls of a day, reserved ahead, and the login that last let us in.",
)

audit_event = Table(
    "audit_event",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("chain", String(40), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(32), nullable=False),
    Column("subjects", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    UniqueConstraint("chain", "seq"),
    comment=(
        "chain, seq, body, hash: the evidence, canonical bytes and their place in a hash chain. id: the "
        "order of writing. The rest is read from the body, to find events by: at in microseconds since 1970, "
        "subjects as pseudonyms of 16 bytes end to end."
    ),
)

audit_run = Table(
    "audit_run",
    metadata,
    Column("last", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("first", BigInteger, nullable=False),
    Column("earliest", BigInteger, nullable=False),
    Column("latest", BigInteger, nullable=False),
    comment="Events first to last are indexed together; the times of the earliest and the latest of them.",
)


def _postings(by: str, key: Column[Any]) -> Table:
    return Table(
        f"audit_by_{by}",
        metadata,
        Column("run", BigInteger, primary_key=True, autoincrement=False),
        key,
        Column("event", BigInteger, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
        comment=f"Which events of a run (its last) have this {by}. Derived from audit_event, written once.",
    )


audit_by_action = _postings("action", Column("key", String(32), primary_key=True))
audit_by_actor = _postings("actor", Column("key", String(64), primary_key=True))
audit_by_subject = _postings("subject", Column("key", LargeBinary(16), primary_key=True))
