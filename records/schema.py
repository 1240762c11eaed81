"""The tables of the record, as SQLAlchemy knows them; `migrations/` brings a database to this.

Times are seconds since 1970. What somebody asked for or was told is sealed (`records.sealing`).
"""

from sqlalchemy import (
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

# One row: a digest that only the key of this record makes (`records.own_key`).
record_key = Table(
    "record_key",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("proof", String(64), nullable=False),
    CheckConstraint("one = 1", name="one"),
)
