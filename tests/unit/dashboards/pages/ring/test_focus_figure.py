"""One node lifted out of a ring: it and those it names show, all else steps back."""

import pytest

from dashboards.figures.geometry import Spacing
from dashboards.figures.palette import LIGHT
from dashboards.figures.ring import ring_figure
from dashboards.pages.ring.focus_figure import FOCUS, ROLES, FocusView, focus
from p2ppool.node.address import write
from p2ppool.reports.nodes.agreement import Finding, agreement_of
from p2ppool.reports.nodes.nodes import last_snapshot_id, snapshot_nodes
from tests.lab.past.history import a_pool


def lifted(engine, *, view=FocusView.NEAR, spacing=Spacing.ADDRESS, chosen=lambda found: True, **fields):
    """A figure with the first node in focus of which `chosen` holds, and how that node stands."""
    a_pool(engine, **fields)
    nodes = snapshot_nodes(engine, last_snapshot_id(engine, "demo"))
    standings = [agreement_of(nodes, address) for address in nodes["address"]]
    found = next(found for found in standings if chosen(found))
    figure = ring_figure(nodes, 1.0, LIGHT, spacing=spacing)
    assert focus(figure, nodes, found.facts["address"], LIGHT, spacing=spacing, view=view)
    return figure, found


def trace(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def disagrees(found):
    return any(side.finding is Finding.NAMES_ANOTHER for side in found.sides)


@pytest.mark.parametrize("spacing", Spacing)
@pytest.mark.parametrize("view", FocusView)
def test_the_node_and_all_that_it_names_are_drawn_again(engine, view, spacing):
    figure, found = lifted(engine, nodes=40, dead=4, view=view, spacing=spacing, chosen=disagrees)
    own, *others = trace(figure, FOCUS).customdata
    assert own == found.facts["address"]
    named = {side.neighbour for side in found.sides} | {claim.address for claim in found.claims}
    assert set(others) == (named | set(found.shortcuts)) - {own}
    assert len(others) == len(set(others))


def test_a_near_view_shows_the_neighbours_and_is_narrower_than_one_with_shortcuts(engine):
    figure, found = lifted(engine, nodes=200, view=FocusView.NEAR, chosen=lambda found: found.shortcuts)
    x, y = figure.layout.xaxis.range, figure.layout.yaxis.range
    drawn = trace(figure, FOCUS)
    spots = dict(zip(drawn.customdata, zip(drawn.x, drawn.y, strict=True), strict=True))
    for side in found.sides:
        assert x[0] < spots[side.neighbour][0] < x[1]
        assert y[0] < spots[side.neighbour][1] < y[1]
    assert x[1] - x[0] == pytest.approx(y[1] - y[0], abs=1e-4)
    assert 0.1 <= x[1] - x[0] < 1


def test_around_a_mute_node_its_neighbours_by_address_are_in_view(engine):
    figure, found = lifted(engine, nodes=40, dead=4, chosen=lambda found: not found.sides)
    nodes = list(snapshot_nodes(engine, last_snapshot_id(engine, "demo"))["address"])
    x, place = figure.layout.xaxis.range, nodes.index(found.facts["address"])
    spots = {
        address: at
        for part in figure.data
        if part.customdata
        for address, at in zip(part.customdata, part.x, strict=True)
    }
    assert all(x[0] < spots[nodes[(place + step) % 40]] < x[1] for step in (-2, -1, 0, 1, 2))


def test_the_whole_ring_stays_in_view_where_that_is_wanted(engine):
    figure, _ = lifted(engine, nodes=40, view=FocusView.RING)
    assert figure.layout.xaxis.range[0] <= -1 < 1 <= figure.layout.xaxis.range[1]


def test_what_disagrees_is_red_and_dashed(engine):
    figure, found = lifted(engine, nodes=40, dead=4, chosen=disagrees)
    shapes = {shape.name: shape for shape in figure.layout.shapes}
    broken = shapes["own broken"]
    assert (broken.line.color, broken.line.dash) == (LIGHT.inconsistent, "5px,3px")
    fine = sum(side.finding is Finding.AGREES for side in found.sides)
    assert broken.path.count("M") == len(found.sides) - fine + len(found.claims)
    assert shapes["broken"].opacity < broken.opacity


def test_neighbours_that_crowd_share_a_label(engine):
    figure, found = lifted(engine, nodes=200, view=FocusView.RING)
    words = trace(figure, ROLES).text
    assert len(words) < len(found.sides)
    assert {name for text in words for name in text.split(", ")} >= {side.position for side in found.sides}


def test_a_node_that_is_not_in_the_crawl_changes_nothing(engine):
    a_pool(engine, nodes=9)
    nodes = snapshot_nodes(engine, last_snapshot_id(engine, "demo"))
    figure = ring_figure(nodes, 1.0, LIGHT)
    before = figure.to_json()
    assert not focus(figure, nodes, write(2), LIGHT, spacing=Spacing.ADDRESS, view=FocusView.NEAR)
    assert figure.to_json() == before
