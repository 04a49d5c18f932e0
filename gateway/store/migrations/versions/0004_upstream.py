"""Line systems: rejected credentials, the day's calls, the login's fingerprint."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "upstream_rejection",
        sa.Column("mark", sa.LargeBinary(32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_upstream_rejection"),
        comment="Credentials of the configuration that a line system rejected, by keyed hash.",
    )
    op.create_table(
        "upstream_system",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("day", sa.Date()),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(64)),
        sa.PrimaryKeyConstraint("name", name="pk_upstream_system"),
        comment="Of each line system the calls of a day, reserved ahead, and the login that last let us in.",
    )
