"""The dashboard as CloudWatch takes it: a heading and a grid of pictures for each section.

Owns geometry and form. Does not own what is shown. A section's alarms come first, each with its threshold drawn in,
then the pictures that explain them; the first row shows all alarms as lights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from model.conventions import EDGE_REGION
from model.observation.metrics import Metric, Panel, Place, Watch

COLUMNS: Final = 24
"""CloudWatch's grid."""
_WIDTH: Final = 6
_HEIGHT: Final = 5
_HEADING: Final = 1
_LIGHTS: Final = 4
_MINUTES: Final = 300

Json = Mapping[str, object]


def dashboard(
    watches: Sequence[Watch[str]], panels: Sequence[Panel[str]], *, region: str, alarm_arns: Sequence[str]
) -> dict[str, object]:
    """Return the body of the dashboard.

    Args:
        watches: Alarms, each a picture with its threshold.
        panels: Further pictures.
        region: Home region; what is marked as edge is read from us-east-1.
        alarm_arns: Lights of the first row; CloudWatch shows those of the home region only.
    """
    widgets: list[Json] = [_widget(0, 0, COLUMNS, _LIGHTS, "alarm", {"title": "Alarms", "alarms": [*alarm_arns]})]
    row = _LIGHTS
    for place in Place:
        pictures = [
            *(_watched(watch, region) for watch in watches if watch.place is place),
            *(_shown(panel, region) for panel in panels if panel.place is place),
        ]
        widgets.append(_widget(0, row, COLUMNS, _HEADING, "text", {"markdown": f"# {place}"}))
        row += _HEADING
        widgets += _grid(pictures, row)
        row += _HEIGHT * -(-len(pictures) // (COLUMNS // _WIDTH))
    return {"start": "-PT3H", "widgets": widgets}


def _grid(pictures: Sequence[Json], top: int) -> Iterator[Json]:
    per_row = COLUMNS // _WIDTH
    for index, properties in enumerate(pictures):
        below, beside = divmod(index, per_row)
        yield _widget(beside * _WIDTH, top + below * _HEIGHT, _WIDTH, _HEIGHT, "metric", properties)


def _widget(x: int, y: int, width: int, height: int, kind: str, properties: Json) -> Json:
    return {"type": kind, "x": x, "y": y, "width": width, "height": height, "properties": properties}


def _watched(watch: Watch[str], region: str) -> Json:
    lines: list[object] = [
        _line(metric, id_=id_, visible=watch.expression is None) for id_, metric in watch.metrics.items()
    ]
    if watch.expression is not None:
        lines.append([{"id": "judged", "expression": watch.expression, "label": watch.title}])
    return _picture(watch.title, lines, region=region, edge=watch.edge, seconds=watch.seconds) | {
        "annotations": {"horizontal": [{"label": "alarm", "value": watch.threshold, "fill": watch.comparison}]}
    }


def _shown(panel: Panel[str], region: str) -> Json:
    lines = [_line(metric) for metric in panel.metrics]
    return _picture(panel.title, lines, region=region, edge=panel.edge, seconds=_MINUTES)


def _picture(title: str, lines: Sequence[object], *, region: str, edge: bool, seconds: int) -> dict[str, object]:
    return {
        "title": title,
        "view": "timeSeries",
        "region": EDGE_REGION if edge else region,
        "period": seconds,
        "metrics": lines,
    }


def _line(metric: Metric[str], *, id_: str | None = None, visible: bool = True) -> list[object]:
    dimensions = [text for pair in metric.dimensions.items() for text in pair]
    options: dict[str, object] = {"stat": metric.statistic, "label": metric.label}
    if id_ is not None:
        options |= {"id": id_, "visible": visible}
    return [metric.namespace, metric.name, *dimensions, options]
