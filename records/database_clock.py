"""The clock of the database, by which workers of many machines tell whether another one lives.

Their own clocks differ; a call whose worker runs a minute behind is no dead call.
"""

from typing import Any

from sqlalchemy import Float
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class database_now(FunctionElement[float]):  # noqa: N801 - reads like the functions beside it
    """Seconds since 1970, as the database has them at this statement."""

    inherit_cache = True
    type = Float()


@compiles(database_now, "sqlite")
def _sqlite(_: database_now, __: SQLCompiler, **___: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(database_now, "postgresql")
def _postgresql(_: database_now, __: SQLCompiler, **___: Any) -> str:
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS DOUBLE PRECISION)"
