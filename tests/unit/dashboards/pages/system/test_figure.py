"""The figure of a pool over time."""

import json
import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pandas as pd
import pytest

from dashboards.figures.palette import DARK, LIGHT
from dashboards.pages.system.figure import Shown, edges, system_figure
from dashboards.pages.system.panels import PANELS
from p2ppool.reports.crawls.system_stats import POINT_COLUMNS, Series
from tests.unit.dashboards.pages.system.test_annotations import EVIL, a_mark

AT = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def a_series(*answered, per_point=1, **columns):
    """A point an hour in which so many nodes answered, between one less and one more where it has several."""
    spread = 0 if per_point == 1 else 1
    points = pd.DataFrame(
        [
            dict.fromkeys(POINT_COLUMNS, 0.5)
            | {"start": AT + HOUR * place, "end": AT + HOUR * place, "crawls": per_point}
            | {"answered": number, "answered_low": number - spread, "answered_high": number + spread}
            | columns
            for place, number in enumerate(answered)
        ]
    )
    return Series(crawls=len(points) * per_point, per_point=per_point, points=points)


def a_view(series, **fields):
    end = series.points["end"].iloc[-1]
    return Shown(**({"name": "demo", "series": series, "annotations": [], "start": AT, "end": end} | fields))


def traces(figure, name):
    return [trace for trace in figure["data"] if trace["name"] == name]


def test_every_panel_has_its_lines_on_one_axis_of_time():
    figure = system_figure(a_view(a_series(8, 7, 9)), LIGHT)
    lines = [trace for trace in figure["data"] if not trace["name"].endswith("band")]
    assert len(lines) == sum(len(panel.lines) for panel in PANELS) + 1  # and the actions
    assert {trace["yaxis"] for trace in lines} == {"y", *(f"y{place + 2}" for place in range(len(PANELS)))}
    assert not any("xaxis" in trace for trace in lines)  # all have the first
    (answered,) = traces(figure, "Nodes, answered")
    assert answered["y"] == [8, 7, 9]
    assert answered["x"][1] == "2026-03-01 01:00:00"
    json.dumps(figure)  # nothing that only Python knows


def test_panels_do_not_overlap():
    layout = system_figure(a_view(a_series(8)), LIGHT)["layout"]
    domains = [
        layout["yaxis"]["domain"],
        *(layout[f"yaxis{place + 2}"]["domain"] for place in range(len(PANELS))),
    ]
    assert all(upper[0] > lower[1] for upper, lower in pairwise(domains))
    assert domains[-1][0] >= 0


def test_a_point_of_several_crawls_shows_and_tells_its_extremes():
    figure = system_figure(a_view(a_series(8, 7, per_point=4)), LIGHT)
    (band,) = traces(figure, "answered, band")
    assert band["y"] == [9, 8, 6, 7, None]
    (answered,) = traces(figure, "Nodes, answered")
    assert answered["text"] == ["8 (7 … 9)", "7 (6 … 8)"]
    alone = system_figure(a_view(a_series(8, 7)), LIGHT)
    assert not traces(alone, "answered, band")


def test_cpu_has_a_deviation_to_both_sides_but_not_beyond_what_was_measured():
    series = a_series(8, cpu=0.5, cpu_spread=0.3, cpu_low=0.4, cpu_high=0.9)
    (line,) = next(panel for panel in PANELS if panel.title == "CPU").lines
    assert edges(line, series.points) == ([0.4], [0.8])
    (cpu,) = traces(system_figure(a_view(series), LIGHT), "CPU")
    assert cpu["text"] == ["50.0% ± 30.0%"]


def test_what_is_not_known_is_no_point():
    figure = system_figure(a_view(a_series(8, 7, hosts=math.nan)), LIGHT)
    (hosts,) = traces(figure, "Hosts up")
    assert hosts["y"] == []


def test_another_pool_is_dashed_and_named():
    view = a_view(a_series(8, 7), other_name="planet", other=a_series(3, 4))
    figure = system_figure(view, DARK)
    (other,) = traces(figure, "Nodes, planet")
    assert (other["y"], other["line"]["color"]) == ([3, 4], DARK.shortcut)
    assert other["line"]["dash"] != "solid"
    assert traces(figure, "Nodes, answered, demo")


@pytest.mark.parametrize("other", [None, a_series(3)])
def test_what_others_wrote_is_no_markup(other):
    mark = a_mark(action=EVIL, requester=EVIL, message=EVIL)
    view = a_view(a_series(8), name=EVIL, annotations=[mark], other_name=EVIL if other else None, other=other)
    text = json.dumps(system_figure(view, LIGHT))
    assert "<img" not in text
    assert '<b>"' not in text


def test_dips_of_a_good_ring_show():
    near = system_figure(a_view(a_series(8, consistency_low=0.99)), LIGHT)["layout"]
    far = system_figure(a_view(a_series(8, consistency_low=0.2)), LIGHT)["layout"]
    axis = f"yaxis{[panel.title for panel in PANELS].index('Consistency') + 2}"
    assert near[axis]["range"] == pytest.approx([0.88, 1.01])
    assert far[axis]["range"] == pytest.approx([0.18, 1.01])


def test_a_single_crawl_has_room():
    layout = system_figure(a_view(a_series(8)), LIGHT)["layout"]
    start, end = layout["xaxis"]["range"]
    assert start < end
