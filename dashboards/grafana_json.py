"""Boards as Grafana 11.6 reads them, by Grafana's own library; nothing of its JSON is known here.

`make dashboards` writes what this makes into dashboards/grafana/; a test compares it.
"""

import json
from collections.abc import Callable
from itertools import count
from typing import Any

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    dashboard,
    heatmap,
    prometheus,
    stat,
    table,
    timeseries,
)
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as options
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import prometheus as prometheus_models
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode

from dashboards.panel import Board, Kind, Panel, Step, Variable
from dashboards.rule_files import section
from dashboards.units import Colour

DATASOURCE = "datasource"
SOURCE = models.DataSourceRef(type_val="prometheus", uid=f"${{{DATASOURCE}}}")
RUNBOOK = "runbook"
# Lines whose names nobody has given a meaning.
BY_NAME = models.FieldColorModeId.PALETTE_CLASSIC_BY_NAME


def dashboard_json(board: Board, runbook: str) -> str:
    """One file of dashboards/grafana/; `runbook` is the address of docs/runbook.md."""
    made = (
        dashboard.Dashboard(board.title)
        .uid(board.uid)
        .description(board.answers)
        .tags(["frontdesk"])
        .timezone("browser")
        .time("now-1h", "now")
        .refresh("30s")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .with_variable(
            dashboard.DatasourceVariable(DATASOURCE).label("Prometheus").type("prometheus")
        )
        .with_variable(dashboard.ConstantVariable(RUNBOOK).label("Runbook").value(runbook))
        .link(_beside())
    )
    for variable in board.variables:
        made = made.with_variable(_variable(variable))
    ids = count(1)
    for row in board.rows:
        made = made.with_row(dashboard.Row(row.title).id(next(ids)))
        for panel in row.panels:
            made = made.with_panel(BUILDERS[panel.kind](panel).id(next(ids)))
    return json.dumps(made.build(), cls=JSONEncoder, sort_keys=True, indent=2) + "\n"


def _beside() -> dashboard.DashboardLink:
    """The other boards, over the same time."""
    link = dashboard.DashboardLink("frontdesk").type(models.DashboardLinkType.DASHBOARDS)
    return link.tags(["frontdesk"]).keep_time(True).as_dropdown(False)


def _variable(variable: Variable) -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable(variable.name)
        .label(variable.title)
        .datasource(SOURCE)
        .query(f"label_values({variable.series}, {variable.label})")
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(models.VariableOption(text="All", value="$__all"))
    )


def _stat(panel: Panel) -> Any:
    made = (
        _common(stat.Panel(), panel)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .color_mode(options.BigValueColorMode.BACKGROUND)
        .graph_mode(options.BigValueGraphMode.AREA)
        .thresholds(_thresholds(panel.steps))
        .color_scheme(dashboard.FieldColor().mode(models.FieldColorModeId.THRESHOLDS))
    )
    return _with_targets(made, panel)


def _series(panel: Panel) -> Any:
    legend = common.VizLegendOptions().show_legend(True)
    made = (
        _common(timeseries.Panel(), panel)
        .min(0)
        .line_width(2 if not panel.stacked else 1)
        .fill_opacity(60 if panel.stacked else 8)
        .show_points(options.VisibilityMode.NEVER)
        .color_scheme(dashboard.FieldColor().mode(BY_NAME))
        .legend(
            legend.display_mode(options.LegendDisplayMode.LIST).placement(
                options.LegendPlacement.BOTTOM
            )
        )
        .tooltip(
            common.VizTooltipOptions()
            .mode(options.TooltipDisplayMode.MULTI)
            .sort(options.SortOrder.DESCENDING)
        )
    )
    if panel.stacked:
        made = made.stacking(common.StackingConfig().mode(options.StackingMode.NORMAL))
    if panel.top is not None:
        made = made.max(panel.top)
    if panel.line is not None:
        style = common.GraphThresholdsStyleConfig().mode(options.GraphThresholdsStyleMode.DASHED)
        steps = (Step(None, Colour.FAINT), Step(panel.line, Colour.BAD))
        made = made.thresholds(_thresholds(steps)).thresholds_style(style)
    return _with_targets(_coloured(made, panel), panel)


def _heatmap(panel: Panel) -> Any:
    colour = heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Blues").steps(48)
    made = (
        _common(heatmap.Panel(), panel)
        .calculate(False)
        .color(colour.reverse(False))
        .cell_gap(1)
        .y_axis(heatmap.YAxisConfig().unit(panel.unit.value))
        .hide_legend()
    )
    return _with_targets(made, panel, prometheus_models.PromQueryFormat.HEATMAP)


def _bars(panel: Panel) -> Any:
    made = (
        _common(bargauge.Panel(), panel)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .orientation(options.VizOrientation.HORIZONTAL)
        .display_mode(options.BarGaugeDisplayMode.BASIC)
        .min(0)
        .color_scheme(dashboard.FieldColor().mode(BY_NAME))
    )
    return _with_targets(_coloured(made, panel), panel)


def _table(panel: Panel) -> Any:
    columns = {f"Value #{_name(n)}": query.legend for n, query in enumerate(panel.queries)}
    joined = {"byField": panel.by, "mode": "outer"}
    times = {f"Time {n}": True for n in range(1, len(panel.queries) + 1)} | {"Time": True}
    shown = {"excludeByName": times, "renameByName": columns}
    made = (
        _common(table.Panel(), panel)
        .with_transformation(models.DataTransformerConfig(id_val="joinByField", options=joined))
        .with_transformation(models.DataTransformerConfig(id_val="organize", options=shown))
    )
    for query in panel.queries:
        unit = models.DynamicConfigValue(id_val="unit", value=(query.unit or panel.unit).value)
        made = made.override_by_name(query.legend, [unit])
    return _with_targets(made, panel, prometheus_models.PromQueryFormat.TABLE)


BUILDERS: dict[Kind, Callable[[Panel], Any]] = {
    Kind.STAT: _stat,
    Kind.SERIES: _series,
    Kind.HEATMAP: _heatmap,
    Kind.BARS: _bars,
    Kind.TABLE: _table,
}


def _common(made: Any, panel: Panel) -> Any:
    """What every kind of panel has; the library's builders share methods and no class."""
    made = (
        made.title(panel.title)
        .description(f"{panel.tells}\n\nEmpty: {panel.empty}")
        .datasource(SOURCE)
        .span(panel.width)
        .height(panel.height)
        .unit(panel.unit.value)
        .no_value(panel.empty)
    )
    if panel.runbook:
        link = dashboard.DashboardLink(f"Runbook: {panel.runbook}")
        url = f"${{{RUNBOOK}}}#{section(panel.runbook)}"
        made = made.links([link.type(models.DashboardLinkType.LINK).url(url).target_blank(True)])
    return made


def _with_targets(
    made: Any,
    panel: Panel,
    shape: prometheus_models.PromQueryFormat = prometheus_models.PromQueryFormat.TIME_SERIES,
) -> Any:
    for n, query in enumerate(panel.queries):
        target = prometheus.Dataquery().expr(query.expr).ref_id(_name(n)).format(shape)
        target = target.legend_format(query.legend or "__auto").datasource(SOURCE)
        once = panel.kind in (Kind.BARS, Kind.TABLE)
        made = made.with_target(target.instant() if once else target.range())
    return made


def _coloured(made: Any, panel: Panel) -> Any:
    named = {query.legend: query.colour for query in panel.queries if query.colour}
    for name, colour in {**named, **panel.colours}.items():
        fixed = {"mode": "fixed", "fixedColor": colour.value}
        made = made.override_by_name(name, [models.DynamicConfigValue(id_val="color", value=fixed)])
    return made


def _thresholds(steps: tuple[Step, ...]) -> dashboard.ThresholdsConfig:
    return (
        dashboard.ThresholdsConfig()
        .mode(models.ThresholdsMode.ABSOLUTE)
        .steps([models.Threshold(value=step.at, color=step.colour.value) for step in steps])
    )


def _name(n: int) -> str:
    """Grafana's name for the n-th query of a panel."""
    return chr(ord("A") + n)
