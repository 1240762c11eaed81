"""Which key the record is sealed with."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make a table of one row."""
    op.create_table(
        "record_key",
        sa.Column("one", sa.Integer, nullable=False),
        sa.Column("proof", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("one", name="pk_record_key"),
        sa.CheckConstraint("one = 1", name="ck_record_key_one"),
    )
