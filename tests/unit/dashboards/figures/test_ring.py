"""The ring as a figure: every node once, every kind of link as one shape, hostile text as text."""

import json
import re

import pytest

from dashboards.figures.geometry import Spacing
from dashboards.figures.links import LinkRole, links_of
from dashboards.figures.palette import DARK, LIGHT
from dashboards.figures.ring import SYMBOLS, ring_figure
from p2ppool.reports.nodes.nodes import Health, last_snapshot_id, snapshot_nodes
from p2ppool.store.models import Host
from tests.lab.past.crawled import ring_samples
from tests.lab.past.history import a_bare_pool, a_pool, keep_crawl


def nodes_of(engine, **fields):
    a_pool(engine, **fields)
    return snapshot_nodes(engine, last_snapshot_id(engine, "demo"))


def traces(figure):
    return {trace.name: trace for trace in figure.data if trace.name}


def shapes(figure):
    return {shape.name: shape for shape in figure.layout.shapes if shape.name}


def lines_in(shape):
    return len(re.findall("M", shape.path))


@pytest.mark.parametrize(("nodes", "dead", "left_over"), [(1, 0, 0), (2, 0, 0), (9, 2, 0), (40, 5, 1)])
def test_every_node_is_drawn_once(engine, nodes, dead, left_over):
    frame = nodes_of(engine, nodes=nodes, dead=dead, left_over=left_over)
    drawn = traces(ring_figure(frame, 1.0, LIGHT))
    assert sum(len(drawn[health].x) for health in Health if health in drawn) == nodes
    for health in Health:
        assert len(drawn[health].x if health in drawn else ()) == (frame["health"] == health).sum()


def test_links_are_one_shape_for_each_kind(engine):
    frame = nodes_of(engine, nodes=40, dead=4)
    links, drawn = links_of(frame), shapes(ring_figure(frame, 0.8, LIGHT))
    assert {kind: lines_in(drawn[kind]) for kind in LinkRole} == {
        kind: len(getattr(links, kind)) for kind in LinkRole
    }
    assert len(links.broken) > 0


def test_broken_links_are_red_and_dashed_and_can_not_be_hidden(engine):
    drawn = shapes(ring_figure(nodes_of(engine, nodes=9, dead=2), 0.8, DARK, kinds=[]))
    assert set(drawn) == {LinkRole.BROKEN}
    assert drawn[LinkRole.BROKEN].line.color == DARK.inconsistent
    assert drawn[LinkRole.BROKEN].line.dash not in {None, "solid"}


def test_colour_is_never_the_only_sign():
    assert len(set(SYMBOLS.values())) == len(Health)


def test_the_local_node_is_marked(engine):
    frame = nodes_of(engine, nodes=9)
    drawn = traces(ring_figure(frame, 1.0, LIGHT))
    (place,) = frame.index[frame["local"]]
    consistent = drawn[Health.CONSISTENT]
    assert (drawn["local"].x[0], drawn["local"].y[0]) == (consistent.x[place], consistent.y[place])


def test_even_spacing_moves_nodes(engine):
    frame = nodes_of(engine, nodes=9)
    by_address, even = (ring_figure(frame, 1.0, LIGHT, spacing=spacing) for spacing in Spacing)
    assert traces(by_address)[Health.CONSISTENT].x != traces(even)[Health.CONSISTENT].x


def test_hostile_text_is_escaped_wherever_plotly_reads_markup(engine):
    evil = '<a href="//evil.example">'
    hosts = [{"name": evil + str(place), "address": f"10.0.0.{place}", "port": 22} for place in range(9)]
    a_bare_pool(engine, hosts=0, extra_hosts=[Host(**host) for host in hosts])
    samples = [
        sample | {"ip": f"10.0.0.{place}", "error": evil} for place, sample in enumerate(ring_samples(9))
    ]
    keep_crawl(engine, "demo", samples)
    figure = json.dumps(
        ring_figure(snapshot_nodes(engine, last_snapshot_id(engine, "demo")), 1.0, LIGHT).to_plotly_json(),
        default=str,
    )
    assert "<a" not in figure
    assert "&lt;a" in figure


def test_a_thousand_nodes_are_few_traces_and_a_small_message(engine):
    figure = ring_figure(nodes_of(engine, nodes=1000, dead=30), 0.9, LIGHT)
    assert len(figure.data) + len(figure.layout.shapes) < 15
    assert len(figure.to_json()) < 700_000
