"""A table of what calls cost, for people and for programs.

For `python -m records cost`. Whatever is missing in the sums is told with them, never left out:
below the table, in fields of the JSON, and as rows of the CSV whose amounts are empty.
"""

import csv
import io
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from records.cost_table import CostRow, CostTable
from records.costing import MICRO, UNKNOWN

_FIGURES = ("calls", "resolved", "total", "per_call", "per_resolved")


def money(micro: int | None, places: int = 6) -> str:
    """Millionths as a decimal number; nothing for None."""
    return "" if micro is None else f"{Decimal(micro) / MICRO:.{places}f}"


def open_table() -> Table:
    """A table without lines, which take a fifth of a terminal of 80 columns."""
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")


def as_rich(table: CostTable) -> RenderableType:
    """For a terminal: rows, sums, and in yellow what the sums do not hold."""
    shown = open_table()
    for key in table.by:
        shown.add_column(key.value, overflow="fold")
    for name in ("calls", "resolved", "total", "per call", "per resolved"):
        shown.add_column(name, justify="right", no_wrap=True)
    shown.add_column("", no_wrap=True)
    for row in table.rows:
        shown.add_row(*map(Text, (*row.keys, *_figures(row, places=4), row.currency)))
    if table.by and table.rows:
        shown.add_section()
        for row in table.totals:
            keys = ("all", *[""] * (len(table.by) - 1))
            shown.add_row(*map(Text, (*keys, *_figures(row, places=4), row.currency)))
    return Group(shown, *(Text(line, style="yellow") for line in warnings(table)))


def warnings(table: CostTable) -> Iterator[str]:
    """What is missing in the sums, a sentence each."""
    for use in table.unpriced:
        yield (
            f"unpriced: {use.kind} {use.item}, {use.quantity:.12g} {use.unit} in {use.calls} calls;"
            f" {_fix(use.item)}"
        )
    if table.without_lines:
        yield f"{table.without_lines} ended calls have no cost in their record and are left out"
    if table.unended:
        yield f"{table.unended} calls still go on and are left out"


def _fix(item: str) -> str:
    if item.split(maxsplit=1)[0] == UNKNOWN:
        return "name it under `costs` of the profile, from when on its calls have a price"
    return "add a price to the file in FRONTDESK_RECORDS_PRICES"


def as_json(table: CostTable) -> str:
    """For programs; amounts are whole millionths of the currency."""
    content = {
        "by": [key.value for key in table.by],
        "rows": [_fields(row, [key.value for key in table.by]) for row in table.rows],
        "totals": [_fields(row, []) for row in table.totals],
        "unpriced": [
            {
                "kind": use.kind,
                "item": use.item,
                "unit": use.unit,
                "quantity": use.quantity,
                "calls": use.calls,
            }
            for use in table.unpriced
        ],
        "calls_without_cost": table.without_lines,
        "calls_going_on": table.unended,
    }
    return json.dumps(content, indent=2)


def as_csv(table: CostTable) -> str:
    """For spreadsheets: a row each, then one for each use without a price, with `unpriced` set."""
    written = io.StringIO()
    keys = [key.value for key in table.by]
    sheet = csv.writer(written, lineterminator="\n")
    sheet.writerow([*keys, *_FIGURES, "currency", "unpriced"])
    for row in table.rows:
        sheet.writerow([*row.keys, *_figures(row), row.currency, ""])
    for use in table.unpriced:
        said = f"{use.kind} {use.item}: {use.quantity:.12g} {use.unit}"
        sheet.writerow([*[""] * len(keys), use.calls, "", "", "", "", "", said])
    return written.getvalue()


def _figures(row: CostRow, places: int = 6) -> tuple[str, ...]:
    amounts = (row.total_micro, row.per_call_micro, row.per_resolved_micro)
    return (str(row.calls), str(row.resolved), *(money(amount, places) for amount in amounts))


def _fields(row: CostRow, keys: list[str]) -> dict[str, Any]:
    return {
        **dict(zip(keys, row.keys, strict=True)),
        "calls": row.calls,
        "resolved": row.resolved,
        "total_micro": row.total_micro,
        "per_call_micro": row.per_call_micro,
        "per_resolved_micro": row.per_resolved_micro,
        "currency": row.currency,
    }
