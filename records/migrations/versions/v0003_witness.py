"""A row says itself who can tell what became of it: the office knows no key that it never got."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Until now all asked the office, but for follow-ups of our own."""
    op.add_column(
        "tool_uses", sa.Column("witness", sa.String(16), nullable=False, server_default="office")
    )
    op.execute(
        "UPDATE tool_uses SET witness = 'record'"
        " WHERE tool IN ('promise_callback', 'ask_for_person')"
    )
