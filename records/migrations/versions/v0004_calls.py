"""The whole record of a call: what happened, was said, used, paid and agreed to."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Until now a call was a file in a folder; tools alone had rows."""
    op.add_column("tool_uses", sa.Column("tries", sa.Integer, nullable=False, server_default="1"))
    op.add_column("tool_uses", sa.Column("told", sa.String(32)))
    op.add_column("tool_uses", sa.Column("told_reason", sa.String(64)))
    op.add_column("tool_uses", sa.Column("took_ms", sa.Integer))
    _calls()
    _what_happened()
    _what_was_agreed()
    _what_is_left()
    _who_did_what()


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("sip_call_id", sa.String(255), nullable=False),
        sa.Column("trace_id", sa.String(32), nullable=False),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("direction", sa.String(8), nullable=False),
        sa.Column("dialled", sa.String(20), nullable=False),
        sa.Column("caller", sa.LargeBinary),
        sa.Column("caller_digest", sa.String(64)),
        sa.Column("resumes", sa.String(64), nullable=False),
        sa.Column("worker", sa.String(255), nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("started_at", sa.Float, nullable=False),
        sa.Column("answered_at", sa.Float),
        sa.Column("greeted_at", sa.Float),
        sa.Column("ended_at", sa.Float),
        sa.Column("outcome", sa.String(16)),
        sa.Column("reason", sa.String(128), nullable=False),
        sa.Column("apologised", sa.Boolean),
        sa.Column("heartbeat_at", sa.Float),
        sa.Column("spent_micro", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("costed_at", sa.Float),
        sa.Column("terms", sa.String(512), nullable=False),
        sa.Column("erased_at", sa.Float),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
    )
    op.create_index("ix_calls_caller_digest", "calls", ["caller_digest"])
    op.create_index("ix_calls_outcome_heartbeat_at", "calls", ["outcome", "heartbeat_at"])
    op.create_index("ix_calls_costed_at_ended_at", "calls", ["costed_at", "ended_at"])
    op.create_index("ix_calls_started_at", "calls", ["started_at"])
    op.create_table(
        "call_keys",
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("call_id", name="pk_call_keys"),
    )


def _of_a_call(name: str, *columns: "sa.Column[Any]") -> None:
    op.create_table(
        name,
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("entry", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", sa.Float, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("call_id", "entry", name=f"pk_{name}"),
    )


def _what_happened() -> None:
    _of_a_call(
        "turns",
        sa.Column("speaker", sa.String(8), nullable=False),
        sa.Column("text", sa.LargeBinary, nullable=False),
        sa.Column("began_at", sa.Float),
        sa.Column("ended_at", sa.Float),
        sa.Column("response_ms", sa.Integer),
        sa.Column("interrupted", sa.Boolean, nullable=False),
    )
    _of_a_call(
        "latencies",
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("ms", sa.Integer, nullable=False),
    )
    _of_a_call(
        "model_usage",
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("input_text", sa.Integer, nullable=False),
        sa.Column("input_audio", sa.Integer, nullable=False),
        sa.Column("input_cached_text", sa.Integer, nullable=False),
        sa.Column("input_cached_audio", sa.Integer, nullable=False),
        sa.Column("output_text", sa.Integer, nullable=False),
        sa.Column("output_audio", sa.Integer, nullable=False),
        sa.Column("transcribed_ms", sa.Integer, nullable=False),
    )


def _what_was_agreed() -> None:
    _of_a_call(
        "consents",
        sa.Column("policy", sa.String(16), nullable=False),
        sa.Column("jurisdiction", sa.String(16), nullable=False),
        sa.Column("answer", sa.String(16), nullable=False),
    )
    _of_a_call(
        "gaps",
        sa.Column("began_at", sa.Float, nullable=False),
        sa.Column("ended_at", sa.Float, nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
    )
    _of_a_call(
        "events",
        sa.Column("kind", sa.String(32), nullable=False),
    )


def _what_is_left() -> None:
    op.create_table(
        "cost_lines",
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("line", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("item", sa.String(64), nullable=False),
        sa.Column("quantity", sa.Float, nullable=False),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("amount_micro", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("price_dated", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("call_id", "line", name="pk_cost_lines"),
    )
    op.create_table(
        "recordings",
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("began_at", sa.Float, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("stored_at", sa.Float),
        sa.PrimaryKeyConstraint("name", name="pk_recordings"),
    )
    op.create_index("ix_recordings_call_id", "recordings", ["call_id"])
    op.create_table(
        "products",
        sa.Column("machine", sa.String(255), nullable=False),
        sa.Column("path", sa.String(512), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("made_at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("machine", "path", "call_id", name="pk_products"),
    )
    op.create_index("ix_products_call_id", "products", ["call_id"])


def _who_did_what() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.String(35), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("why", sa.String(16), nullable=False),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.Column("files", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("who", sa.String(128), nullable=False),
        sa.Column("did", sa.String(32), nullable=False),
        sa.Column("what", sa.String(255), nullable=False),
        sa.Column("chained", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
