"""The figures for people, one line each on a terminal; the JSON is for everything else."""

from collections.abc import Sequence

from rich import box
from rich.table import Table

from bench.figures import Figure


def table(found: Sequence[Figure]) -> Table:
    """Name, value, target, and whether it was met."""
    # Fits 80 columns, names whole: they are what people copy into the JSON's search.
    shown = Table(
        "figure", "value", "target", "met", box=box.SIMPLE, show_edge=False, pad_edge=False
    )
    for column in shown.columns[1:3]:
        column.justify = "right"
    for figure in found:
        value = "nothing" if figure.value is None else f"{figure.value:g}"
        met = "[green]yes[/]" if figure.met else "[red]no[/]"
        shown.add_row(figure.name, value, figure.target, met)
    return shown
