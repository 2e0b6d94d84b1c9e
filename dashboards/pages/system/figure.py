"""A pool over time: small panels below one another, with a common time axis and marked actions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd

from dashboards.figures.palette import Palette
from dashboards.figures.text import plain
from dashboards.pages.system.annotations import SLOTS, clusters, mark_lines, mark_trace
from dashboards.pages.system.panels import PANELS, Line, Panel
from dashboards.pages.system.time_lines import axis_time, band, broken_line, known, middle_times
from p2ppool.reports.actions.annotations import Annotation
from p2ppool.reports.crawls.system_stats import Series

_STRIP: Final = 30  # px, for the signs of actions
_PANEL: Final = 92
_TITLE: Final = 42
_FOOT: Final = 34
HEIGHT: Final = _STRIP + len(PANELS) * (_PANEL + _TITLE) + _FOOT
"""The height of the figure, in px."""

_WITH_DOTS: Final = 60  # points up to which each bears a dot
_OTHERS: Final = "shortcut"  # the colour of the pool that is compared
_EDGE: Final = 0.008  # of the time, left free on both sides: dots have a width
_LEAST: Final = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The content of the figure: the pool, from `start` to `end`, and another pool, if any."""

    name: str
    series: Series
    annotations: Sequence[Annotation]
    start: datetime
    end: datetime
    other_name: str | None = None
    other: Series | None = None

    @property
    def span(self) -> timedelta:
        """The length of the period; never zero, even with one crawl."""
        return max(self.end - self.start, _LEAST)


def system_figure(shown: Shown, colours: Palette) -> dict[str, Any]:
    """Build the figure, as plain data for Plotly."""
    found = clusters(shown.annotations, shown.start, shown.start + shown.span)
    traces = [trace for place, panel in enumerate(PANELS) for trace in _panel(panel, place, shown, colours)]
    signs = mark_trace(found, colours, "y", shown.start + shown.span, shown.span / SLOTS)
    layout = _layout(shown, colours) | {"shapes": mark_lines(found, colours)}
    return {"data": [*traces, signs], "layout": layout}


def _panel(panel: Panel, place: int, shown: Shown, colours: Palette) -> Iterator[dict[str, Any]]:
    axis, points = _axis(place), shown.series.points
    for line in panel.lines:
        shade = getattr(colours, line.colour)
        if line.has_spread or shown.series.per_point > 1:
            yield _band(line, points, axis, shade)
        name = f"{panel.title}, {line.name}" if len(panel.lines) > 1 else panel.title
        name = f"{name}, {plain(shown.name)}" if shown.other is not None else name
        yield _line(panel, line, points, axis=axis, shade=shade, name=name)
    if shown.other is not None:
        line = Line(panel.compared, "", _OTHERS)
        name = f"{panel.title}, {plain(shown.other_name)}"
        style = {"axis": axis, "shade": colours.shortcut, "name": name, "dash": "4px,3px"}
        yield _line(panel, line, shown.other.points, **style)


def _line(
    panel: Panel, line: Line, points: pd.DataFrame, *, axis: str, shade: str, name: str, dash: str = "solid"
) -> dict[str, Any]:
    some = points.iloc[known(points[line.column])]
    texts = [_text(panel, line, row) for row in some.to_dict("records")]
    x, y, text = broken_line(middle_times(some), some[line.column].round(5).tolist(), texts)
    return {
        "type": "scatter",
        "name": name,
        "mode": "lines+markers" if len(some) <= _WITH_DOTS and line.width > 1 else "lines",
        "x": x,
        "y": y,
        "text": text,
        "yaxis": axis,
        "line": {"color": shade, "width": line.width, "dash": dash},
        "marker": {"size": line.width + 2.5, "color": shade},
        "hovertemplate": f"%{{text}}<extra>{name}</extra>",
    }


def _band(line: Line, points: pd.DataFrame, axis: str, shade: str) -> dict[str, Any]:
    some = points.iloc[known(points[line.column])]
    low, high = edges(line, some)
    x, y = band(middle_times(some), low, high)
    return {
        "type": "scatter",
        "name": f"{line.name}, band",
        "mode": "lines",
        "x": x,
        "y": y,
        "yaxis": axis,
        "fill": "toself",
        "fillcolor": _faint(shade, 0.16),
        "line": {"width": 0.6, "color": _faint(shade, 0.35)},
        "hoverinfo": "skip",
    }


def edges(line: Line, points: pd.DataFrame) -> tuple[list[float], list[float]]:
    """Return the lower and upper edge of a band; a deviation is limited to the measured range."""
    low, high = points[f"{line.column}_low"], points[f"{line.column}_high"]
    if line.has_spread:
        mean, spread = points[line.column], points[f"{line.column}_spread"]
        low, high = low.clip(lower=mean - spread), high.clip(upper=mean + spread)
    return low.round(5).tolist(), high.round(5).tolist()


def _text(panel: Panel, line: Line, row: dict[Any, Any]) -> str:
    value = panel.value(row[line.column])
    if f"{line.column}_spread" in row:
        return f"{value} ± {panel.value(row[f'{line.column}_spread'])}"
    low, high = (panel.value(row[f"{line.column}_{end}"]) for end in ("low", "high"))
    return value if low == high else f"{value} ({low} … {high})"


def _faint(colour: str, opacity: float) -> str:
    red, green, blue = bytes.fromhex(colour[1:])
    return f"rgba({red},{green},{blue},{opacity})"


def _axis(place: int) -> str:
    """Return the panel's axis; the first one belongs to the signs."""
    return f"y{place + 2}"


def _layout(shown: Shown, colours: Palette) -> dict[str, Any]:
    last = _axis(len(PANELS) - 1)
    return {
        "height": HEIGHT,
        "margin": {"l": 46, "r": 12, "t": 0, "b": _FOOT},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "hovermode": "x unified",
        "hoversubplots": "axis",
        "hoverdistance": 40,
        "dragmode": "zoom",
        "selectdirection": "h",
        "font": {"family": "system-ui, sans-serif", "size": 11.5, "color": colours.muted},
        "hoverlabel": {
            "bgcolor": colours.surface,
            "bordercolor": colours.line,
            "font": {"size": 11.5, "color": colours.ink},
            "align": "left",
            "namelength": -1,
        },
        "xaxis": {
            "type": "date",
            "range": _range(shown),
            "anchor": last,
            "gridcolor": colours.line,
            "linecolor": colours.line,
            "hoverformat": "%Y-%m-%d %H:%M UTC",
            "showspikes": True,
            "spikemode": "across",
            "spikethickness": 1,
            "spikedash": "solid",
            "spikecolor": colours.muted,
            "spikesnap": "cursor",
            "nticks": 7,  # as many as a phone has room for
            "tickangle": 0,
        },
        "yaxis": _strip(),
        **{f"yaxis{place + 2}": _scale(panel, place, shown, colours) for place, panel in enumerate(PANELS)},
        "annotations": [_title(panel, place, colours) for place, panel in enumerate(PANELS)],
    }


def _range(shown: Shown) -> list[str]:
    edge = shown.span * _EDGE
    return [axis_time(shown.start - edge), axis_time(shown.start + shown.span + edge)]


def _domain(top: float, height: float) -> list[float]:
    """Return a part of the plot, given in px below its upper edge."""
    whole = HEIGHT - _FOOT
    return [max(0.0, 1 - (top + height) / whole), 1 - top / whole]


def _strip() -> dict[str, Any]:
    return {"domain": _domain(0, _STRIP), "visible": False, "fixedrange": True, "range": [-1, 1]}


def _scale(panel: Panel, place: int, shown: Shown, colours: Palette) -> dict[str, Any]:
    axis = {
        "domain": _domain(_top(place), _PANEL),
        "fixedrange": True,
        "gridcolor": colours.line,
        "zeroline": False,
        "nticks": 4,
        "rangemode": "tozero",
    }
    if panel.compared == "consistency":
        return axis | {"range": _close_to_one(shown), "rangemode": "normal"}
    return axis | ({"tickformat": ".0%"} if panel.is_share else {})


def _top(place: int) -> int:
    return _STRIP + place * (_PANEL + _TITLE) + _TITLE


def _close_to_one(shown: Shown) -> list[float]:
    """Return a range from a little below the lowest value, so that small dips of a good ring are visible."""
    lows = [series.points["consistency_low"].min() for series in (shown.series, shown.other) if series]
    least = min([0.9, *(low for low in lows if not pd.isna(low))])
    return [least - 0.02, 1.01]


def _title(panel: Panel, place: int, colours: Palette) -> dict[str, Any]:
    """Build the panel's title, with each line's name in its colour."""
    names = " · ".join(_coloured(line.name, getattr(colours, line.colour)) for line in panel.lines)
    return {
        "text": f"<b>{panel.title}</b>  {names}",
        "font": {"size": 13, "color": colours.ink},
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "xshift": -40,
        "xanchor": "left",
        "y": _domain(_top(place), _PANEL)[1],
        "yanchor": "bottom",
        "yshift": 4,
        "showarrow": False,
        "bgcolor": colours.surface,  # so that no mark runs through the words
        "borderpad": 2,
    }


def _coloured(text: str, colour: str) -> str:
    return f'<span style="color:{colour};font-size:11.5px">{text}</span>'
