"""The tables of the record, as SQLAlchemy knows them; `migrations/` brings a database to this.

Times are seconds since 1970. What somebody asked for or was told is sealed (`records.sealing`).
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

tool_uses = Table(
    "tool_uses",
    metadata,
    # Goes to the back office as the once-key of a write.
    Column("id", String(35), primary_key=True),
    Column("call_id", String(64), nullable=False, index=True),
    Column("tool", String(64), nullable=False),
    # Digest of subject, tool and arguments; none for reads, which nobody counts.
    Column("wish", String(64)),
    # Digest of subject and topic; none for what nothing undoes.
    Column("topic", String(64), index=True),
    Column("round", Integer, nullable=False),
    Column("arguments", LargeBinary, nullable=False),
    # None while it runs, and for whoever died meanwhile.
    Column("outcome", String(32)),
    Column("reason", String(64), nullable=False),
    Column("result", LargeBinary),
    # Who can say what became of it, if its job cannot (`records.witness`).
    Column("witness", String(16), nullable=False, server_default="office"),
    Column("started_at", Float, nullable=False),
    Column("deadline_at", Float, nullable=False),
    Column("ended_at", Float),
    Column("leased_until", Float, nullable=False),
    # Requests to the back office.
    Column("tries", Integer, nullable=False, server_default="1"),
    # How it ended for the caller, which may be less than was found out afterwards.
    Column("told", String(32)),
    Column("told_reason", String(64)),
    Column("took_ms", Integer),
    UniqueConstraint("wish", "round"),
    Index(None, "outcome", "deadline_at"),
)

follow_ups = Table(
    "follow_ups",
    metadata,
    Column("id", String(35), primary_key=True),
    Column("call_id", String(64), nullable=False),
    Column("tool_use", String(35), ForeignKey("tool_uses.id"), unique=True),
    Column("kind", String(32), nullable=False),
    Column("words", LargeBinary, nullable=False),
    Column("promised_for", Float),
    Column("opened_at", Float, nullable=False),
    Column("done_at", Float),
    Index(None, "done_at", "opened_at"),
)

calls = Table(
    "calls",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("sip_call_id", String(255), nullable=False),
    Column("trace_id", String(32), nullable=False),
    Column("profile", String(40), nullable=False),
    Column("model", String(64), nullable=False),
    Column("direction", String(8), nullable=False),
    Column("dialled", String(20), nullable=False),
    # None when withheld, or forgotten.
    Column("caller", LargeBinary),
    # Keyed digest of the number: how a caller's calls are found.
    Column("caller_digest", String(64), index=True),
    Column("resumes", String(64), nullable=False),
    # Which process of which machine holds it.
    Column("worker", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", Float, nullable=False, index=True),
    Column("answered_at", Float),
    Column("greeted_at", Float),
    Column("ended_at", Float),
    # None while it goes on.
    Column("outcome", String(16)),
    Column("reason", String(128), nullable=False),
    Column("apologised", Boolean),
    # By the clock of the database.
    Column("heartbeat_at", Float),
    # What it has cost, as far as is known; all of it once `costed_at` is set.
    Column("spent_micro", BigInteger, nullable=False, server_default="0"),
    Column("costed_at", Float),
    # By which prices it is paid, as JSON.
    Column("terms", String(512), nullable=False),
    # When words, numbers and sound were destroyed, by a wish or by age.
    Column("erased_at", Float),
    Index(None, "outcome", "heartbeat_at"),
    Index(None, "costed_at", "ended_at"),
)

# What opens everything that is sealed of a call; destroying the row is forgetting the call.
call_keys = Table(
    "call_keys",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)


def _of_a_call(name: str, *columns: Column[Any]) -> Table:
    """A table with a row for each entry of a kind; its number keeps it from coming twice."""
    return Table(
        name,
        metadata,
        Column("call_id", String(64), primary_key=True),
        Column("entry", Integer, primary_key=True, autoincrement=False),
        Column("at", Float, nullable=False),
        *columns,
    )


turns = _of_a_call(
    "turns",
    Column("speaker", String(8), nullable=False),
    Column("text", LargeBinary, nullable=False),
    Column("began_at", Float),
    Column("ended_at", Float),
    Column("response_ms", Integer),
    Column("interrupted", Boolean, nullable=False),
)
latencies = _of_a_call(
    "latencies",
    Column("what", String(32), nullable=False),
    Column("ms", Integer, nullable=False),
)
model_usage = _of_a_call(
    "model_usage",
    Column("model", String(64), nullable=False),
    Column("input_text", Integer, nullable=False),
    Column("input_audio", Integer, nullable=False),
    Column("input_cached_text", Integer, nullable=False),
    Column("input_cached_audio", Integer, nullable=False),
    Column("output_text", Integer, nullable=False),
    Column("output_audio", Integer, nullable=False),
    Column("transcribed_ms", Integer, nullable=False),
)
consents = _of_a_call(
    "consents",
    Column("policy", String(16), nullable=False),
    Column("jurisdiction", String(16), nullable=False),
    Column("answer", String(16), nullable=False),
)
gaps = _of_a_call(
    "gaps",
    Column("began_at", Float, nullable=False),
    Column("ended_at", Float, nullable=False),
    Column("reason", String(32), nullable=False),
)
# What is only counted: an interruption, a key.
events = _of_a_call("events", Column("kind", String(32), nullable=False))

cost_lines = Table(
    "cost_lines",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(32), nullable=False),
    Column("item", String(64), nullable=False),
    Column("quantity", Float, nullable=False),
    Column("unit", String(16), nullable=False),
    Column("amount_micro", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("price_dated", String(10), nullable=False),
)
recordings = Table(
    "recordings",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("call_id", String(64), nullable=False, index=True),
    Column("began_at", Float, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("stored_at", Float),
)
# Files that were made out of the record for people: forgetting a caller takes them too.
products = Table(
    "products",
    metadata,
    # Where it was written: nobody else can delete it.
    Column("machine", String(255), primary_key=True),
    Column("path", String(512), primary_key=True),
    Column("call_id", String(64), primary_key=True, index=True),
    Column("kind", String(16), nullable=False),
    Column("made_at", Float, nullable=False),
)
erasures = Table(
    "erasures",
    metadata,
    Column("id", String(35), primary_key=True),
    Column("at", Float, nullable=False),
    # Why: a caller's wish, or age.
    Column("why", String(16), nullable=False),
    Column("calls", Integer, nullable=False),
    Column("files", Integer, nullable=False),
)
# Each line holds the digest of the one before: none can be altered or taken out unseen.
audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Float, nullable=False),
    Column("who", String(128), nullable=False),
    Column("did", String(32), nullable=False),
    Column("what", String(255), nullable=False),
    Column("chained", String(64), nullable=False),
)

# One row: a digest that only the key of this record makes (`records.own_key`).
record_key = Table(
    "record_key",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("proof", String(64), nullable=False),
    CheckConstraint("one = 1", name="one"),
)
