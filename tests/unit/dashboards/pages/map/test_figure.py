"""The map as a figure: each node is on it, alone or in the number of a bubble."""

import json
import re
from pathlib import Path

import pandas as pd
import plotly
import pytest

import dashboards
from dashboards.figures.palette import DARK, LIGHT
from dashboards.pages.map.figure import world_figure
from dashboards.pages.map.viewport import LARGEST, Viewport, moved, read_view, whole_world
from p2ppool.places.countries import countries
from p2ppool.places.place import Precision, Source
from p2ppool.reports.nodes.nodes import Health
from p2ppool.reports.pools.world_map import HOSTS, NODES

ASSETS = Path(dashboards.__file__).with_name("assets")
EVIL = "<img src=x onerror=alert(1)><b>bold</b>"
WORLD = whole_world(900)
NEAR = Viewport(50.11, 8.68, 60.0, 900)


def rows(columns, points, **values):
    known = {"label": "here", "country": "", "source": Source.NODE, "precision": Precision.CITY, "pool": "p"}
    frame = [
        {**dict.fromkeys(columns), **known, "latitude": latitude, "longitude": longitude, **values}
        for latitude, longitude in points
    ]
    return pd.DataFrame(frame, columns=list(columns), dtype=object)


def nodes(points, health=Health.CONSISTENT, **values):
    return rows(NODES, points, **{"health": health, "address": "brunet:node:ABC", "local": False, **values})


def hosts(points, **values):
    return rows(HOSTS, points, **{"name": "h", "address": "10.0.0.1", **values})


def figure_of(found, view=WORLD, machines=None, colours=LIGHT):
    return {
        trace.name: trace
        for trace in world_figure(found, hosts([]) if machines is None else machines, colours, view).data
    }


def drawn(figure):
    """Nodes that the figure shows."""
    alone = sum(len(figure[health.value].lat) for health in Health)
    return alone + sum(int(re.match(r"<b>(\d+)</b>", text)[1]) for text in figure["bubbles"].text)


@pytest.mark.parametrize("scale", [1, 4, 24, 100])
def test_no_node_is_lost_at_any_zoom(scale):
    points = [(50.11, 8.68)] * 40 + [(50.2, 8.9)] * 7 + [(50.11 + step / 50, 8.68) for step in range(50)]
    assert drawn(figure_of(nodes(points), Viewport(50.11, 8.68, scale, 900))) == len(points)


def test_nodes_of_one_place_are_a_number_from_afar_and_shapes_from_near():
    found = pd.concat([nodes([(50.11, 8.68)] * 3), nodes([(50.11, 8.68)], Health.SILENT)])
    far, near = figure_of(found), figure_of(found, NEAR)
    assert list(far["bubbles"].text) == ["<b>4</b><br>○1"]
    assert "● 3 consistent<br>○ 1 silent" in far["bubbles"].hovertext[0]
    assert (len(near["consistent"].lat), len(near["silent"].lat), len(near["bubbles"].lat)) == (3, 1, 0)
    assert len({*zip(near["consistent"].lat, near["consistent"].lon, strict=True)}) == 3
    assert near["silent"].marker.symbol == "circle-open"


def test_thousands_in_one_place_stay_a_bubble_and_what_is_beyond_the_edge_is_left_out():
    found = nodes([(50.11, 8.68)] * 5000 + [(-33.87, 151.21)])
    assert list(figure_of(found, NEAR)["bubbles"].text) == ["<b>5k</b>"]
    assert len(figure_of(found, NEAR)["consistent"].lat) == 0


def test_hosts_are_frames_and_those_that_failed_are_red():
    figure = figure_of(
        nodes([(1.0, 1.0)]), machines=pd.concat([hosts([(1.0, 1.0)]), hosts([(40.0, 40.0)], error="refused")])
    )
    assert list(figure["hosts"].marker.line.color) == [LIGHT.muted, LIGHT.inconsistent]
    assert "1 host, 1 failed" in figure["hosts"].hovertext[1]


def test_texts_of_others_stay_text():
    found = nodes(
        [(1.0, 1.0), (50.0, 50.0), (50.0, 50.0)], label=EVIL, host=EVIL, ip_namespace=EVIL, pool=EVIL
    )
    figure = figure_of(found, colours=DARK)
    texts = [*figure["consistent"].hovertext, *figure["bubbles"].hovertext]
    assert len(texts) == 2
    assert not any("<img" in text or "bold</b>" in text for text in texts)
    assert "set" not in texts[0]
    assert "reported by the node (city)" in texts[0]


@pytest.mark.parametrize(
    "relayout",
    [
        None,
        {"autosize": True},
        {"geo.center.lat": "x", "geo.projection.scale": float("nan")},
        {"geo.center.lon": None, "geo.projection.scale": []},
    ],
)
def test_news_that_are_no_zoom_leave_the_view(relayout):
    assert moved(NEAR, relayout) == NEAR


def test_a_view_follows_the_hand_and_stays_on_earth():
    told = {"geo.center.lat": 99, "geo.center.lon": -20.5, "geo.projection.scale": 1e9}
    assert moved(NEAR, told) == Viewport(90, -20.5, LARGEST, 900)
    assert read_view({"latitude": "x"}, 900) == WORLD
    assert read_view(NEAR.as_data(), 900) == NEAR


def test_outlines_and_countries_are_of_one_mould():
    outlines = json.loads((ASSETS / "topojson/world_50m.json").read_text())
    centres = {
        one["id"]: one["properties"]["ct"]
        for one in outlines["objects"]["countries"]["geometries"]
        if "id" in one
    }
    drawn = [country for country in countries().values() if country.outline]
    assert len(drawn) > 240
    assert all(centres[one.outline] == [one.longitude, one.latitude] for one in drawn)


def test_the_outlines_are_of_the_installed_plotly():
    """They must match; docs/reference/third-party.md says of which version they are."""
    told = re.search(
        r"`plotly\.js` ([\d.]+)", (ASSETS.parents[1] / "docs/reference/third-party.md").read_text()
    )[1]
    script = Path(plotly.__file__).with_name("package_data") / "plotly.min.js"
    with script.open(encoding="utf-8") as file:
        assert f"plotly.js v{told}\n" in file.read(200)
