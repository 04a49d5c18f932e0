"""Accounts, sessions, throttle and the audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table of the first version."""
    _accounts()
    _sessions()
    _audit()


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    # A plain type on purpose: a step must not change when tables.py does.
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _accounts() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(64), nullable=False),
        sa.Column("display_name", sa.String(64), nullable=False),
        sa.Column("organisation", sa.String(128), nullable=False),
        sa.Column("password_hash", sa.String(256), nullable=False),
        sa.Column("household", sa.String(64)),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        _at("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("username", name="uq_account_username"),
        comment="Who may sign in. household: of a resident who reads about the own household.",
    )
    op.create_table(
        "role_assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_until", sa.Date()),
        sa.PrimaryKeyConstraint("id", name="pk_role_assignment"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_role_assignment_account_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("account_id", "role", "region", name="uq_role_assignment_account_id_role_region"),
        comment="A role within a region-code prefix; several rows of one role make its scope.",
    )
    op.create_index("ix_role_assignment_account_id", "role_assignment", ["account_id"])


def _sessions() -> None:
    op.create_table(
        "session",
        sa.Column("id_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        _at("created_at"),
        _at("seen_at"),
        _at("expires_at"),
        sa.PrimaryKeyConstraint("id_hash", name="pk_session"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_session_account_id", ondelete="CASCADE"
        ),
        comment="Gateway sessions, by SHA-256 of the opaque id; the id itself is known to the browser alone.",
    )
    op.create_index("ix_session_account_id", "session", ["account_id"])
    op.create_index("ix_session_expires_at", "session", ["expires_at"])
    op.create_table(
        "login_throttle",
        sa.Column("name_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        _at("locked_until", nullable=True),
        _at("updated_at"),
        sa.PrimaryKeyConstraint("name_hash", name="pk_login_throttle"),
        comment="Failed sign-ins by keyed hash of the user name, existing or not.",
    )
    op.create_index("ix_login_throttle_updated_at", "login_throttle", ["updated_at"])


def _audit() -> None:
    op.create_table(
        "audit_event",
        sa.Column("chain", sa.String(40), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("chain", "seq", name="pk_audit_event"),
        comment="The evidence: canonical bytes and their place in a hash chain.",
    )
    op.create_table(
        "audit_index",
        sa.Column("chain", sa.String(40), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        _at("at"),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("subject", sa.LargeBinary(16)),
        sa.PrimaryKeyConstraint("chain", "seq", "position", name="pk_audit_index"),
        comment="Where to find events: one row per subject (position), else one. Derived from audit_event.",
    )
    op.create_index("ix_audit_index_at", "audit_index", ["at"])
    op.create_index("ix_audit_index_actor_at", "audit_index", ["actor", "at"])
    op.create_index("ix_audit_index_action_at", "audit_index", ["action", "at"])
    op.create_index("ix_audit_index_subject_at", "audit_index", ["subject", "at"])
