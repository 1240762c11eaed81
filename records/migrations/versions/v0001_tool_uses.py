"""Tool uses and follow-ups."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "tool_uses",
        sa.Column("id", sa.String(35), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("tool", sa.String(64), nullable=False),
        sa.Column("wish", sa.String(64)),
        sa.Column("topic", sa.String(64)),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("arguments", sa.LargeBinary, nullable=False),
        sa.Column("outcome", sa.String(32)),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("result", sa.LargeBinary),
        sa.Column("started_at", sa.Float, nullable=False),
        sa.Column("deadline_at", sa.Float, nullable=False),
        sa.Column("ended_at", sa.Float),
        sa.Column("leased_until", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tool_uses"),
        sa.UniqueConstraint("wish", "round", name="uq_tool_uses_wish_round"),
    )
    op.create_index("ix_tool_uses_call_id", "tool_uses", ["call_id"])
    op.create_index("ix_tool_uses_topic", "tool_uses", ["topic"])
    op.create_index("ix_tool_uses_outcome_deadline_at", "tool_uses", ["outcome", "deadline_at"])
    op.create_table(
        "follow_ups",
        sa.Column("id", sa.String(35), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("tool_use", sa.String(35)),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("words", sa.LargeBinary, nullable=False),
        sa.Column("promised_for", sa.Float),
        sa.Column("opened_at", sa.Float, nullable=False),
        sa.Column("done_at", sa.Float),
        sa.PrimaryKeyConstraint("id", name="pk_follow_ups"),
        sa.UniqueConstraint("tool_use", name="uq_follow_ups_tool_use"),
        sa.ForeignKeyConstraint(["tool_use"], ["tool_uses.id"], name="fk_follow_ups_tool_use"),
    )
    op.create_index("ix_follow_ups_done_at_opened_at", "follow_ups", ["done_at", "opened_at"])
