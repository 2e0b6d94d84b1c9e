"""The map's page: what is chosen, counted and said; whatever others wrote stays text."""

import pytest

from dashboards.pages.map import choice, drawing, filters, map_page, panel, places
from p2ppool.places import geolocation
from p2ppool.places.place import LABEL_LIMIT
from p2ppool.pools.definition.host_places import set_place
from p2ppool.records.pools import get_pool
from p2ppool.reports.nodes.nodes import Health
from p2ppool.settings import Settings
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.crawled import ring_samples
from tests.lab.past.history import a_bare_pool, a_pool, keep_crawl
from tests.unit.dashboards.trees import hrefs, kinds, texts

EVIL = '<img src=x onerror="alert(1)">'
ALL = {"names": [], "namespaces": [], "healths": [*Health], "shown": ["nodes", "hosts"]}


@pytest.fixture
def wide(engine, request_context):
    """A pool whose nodes and labels are hostile: of its 6 nodes 3 are in Munich, 1 is silent."""
    a_bare_pool(engine, "wide", hosts=2, description=EVIL)
    samples = ring_samples(6, dead=1)
    alive = [sample for sample in samples if sample["state"] == "answered"]
    for sample in alive[:3]:
        sample.update(geo_loc="48.14, 11.58", ip_namespace=EVIL, ip=None)
    keep_crawl(engine, "wide", samples)
    with UnitOfWork(engine) as work:
        set_place(work.session, get_pool(work.session, "wide"), "node01", "1,2", label=EVIL, who="test")
        work.commit()


def test_counts_add_up(wide):
    found = choice.selected(**ALL)
    assert len(found.placed_nodes) + found.nodes["unplaced"].notna().sum() == len(found.nodes) == 6
    assert sum(found.healths.values()) == 6
    assert sum(row["nodes"] for row in places.place_rows(found)) == len(found.placed_nodes)
    said = " ".join(texts(panel._placed(found)))
    assert f"{len(found.placed_nodes)} of 6 nodes on the map" in said
    assert f"{6 - len(found.placed_nodes)} nodes not placed" in said


def test_the_page_says_what_to_install_where_countries_cannot_be_looked_up(
    engine, request_context, monkeypatch
):
    monkeypatch.setattr(geolocation, "can_locate", lambda: False)
    monkeypatch.setattr(choice, "geolocation", geolocation.Geolocation)
    a_bare_pool(engine, "far")
    samples = ring_samples(2)
    samples[0].update(ip="193.99.144.80")
    keep_crawl(engine, "far", samples)
    said = texts(panel._placed(choice.selected(**ALL)))
    assert any("pip install 'p2ppool[geo]'" in text for text in said)
    assert any("193.99.144.80" in text for text in said)


def test_a_choice_leaves_what_fits(wide, engine):
    a_pool(engine, "other", nodes=3)
    assert {pool.name for pool in choice.selected(**ALL).pools} == {"wide", "other"}
    assert set(choice.selected(**ALL | {"names": ["wide", "gone"]}).nodes["pool"]) == {"wide"}
    south = choice.selected(**ALL | {"namespaces": [EVIL]})
    assert (len(south.nodes), set(south.nodes["ip_namespace"])) == (3, {EVIL})
    assert len(choice.selected(**ALL | {"namespaces": [""], "names": ["wide"]}).nodes) == 3
    silent = choice.selected(**ALL | {"healths": ["silent"]})
    assert set(silent.nodes["health"]) == {Health.SILENT}
    assert silent.healths[Health.CONSISTENT] > 0
    assert choice.selected(**ALL | {"shown": ["hosts"]}).nodes.empty
    assert choice.selected(**ALL | {"shown": []}).hosts.empty


def test_nothing_hostile_becomes_markup(wide):
    found = choice.selected(**ALL)
    here = places._show_selected(choice=ALL, chosen=[48.14, 11.58, 0.0], mark="")
    for tree in (
        map_page._layout(pool="wide"),
        panel._pools(found.pools),
        panel._placed(found),
        list(filters._options(choice=ALL, mark="", marks=None)),
        list(here),
    ):
        assert not kinds(tree) & {"Markdown", "DangerouslySetInnerHTML", "Iframe", "Script"}
        assert all(href.startswith("/") for href in hrefs(tree))
    assert EVIL in texts(panel._pools(found.pools))
    assert {row["place"] for row in places.place_rows(found)} == {EVIL, "48.14° N, 11.58° E"}
    assert all(len(row["place"]) <= LABEL_LIMIT for row in places.place_rows(found))


def test_the_csv_has_a_line_for_each_chosen_node_and_no_formula(wide):
    payload = places._csv(clicks=1, choice=ALL | {"namespaces": [""]})
    lines = payload["content"].splitlines()
    assert lines[0].startswith("pool,address,health,host,ip,ip_namespace")
    assert len(lines) == 4
    assert payload["filename"] == "map.csv"


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        [1, 2],
        ["1", 2, 3],
        [1, 2, -1],
        [91, 0, 0],
        [float("nan"), 0, 0],
        [0, 0, float("nan")],
        {"x": 1},
        [True, None, "x"],
    ],
)
def test_a_click_that_is_none_leads_nowhere(data):
    assert drawing._clicked({"points": [{"customdata": data}]}) is None
    assert drawing._clicked({"points": [data]}) is None
    assert drawing._cell_place({"rowId": data}) is None
    assert drawing._clicked(data) is None


def test_without_pools_the_page_is_empty_and_whole(request_context):
    found = choice.selected(**ALL)
    assert places.place_rows(found) == []
    figure, _, words = drawing._draw(choice=ALL, mark="", theme="dark", view={"scale": "x"}, width=900)
    assert words == "World map of 0 nodes in 0 places"
    assert sum(len(trace.lat) for trace in figure.data) == 0


def test_a_geo_database_that_can_not_be_read_is_told_on_the_page(wide, app, tmp_path):
    file = tmp_path / "geo.mmdb"
    file.write_bytes(b"none")
    context = app.extensions["p2ppool"]
    app.extensions["p2ppool"] = type(context)(context.engine, Settings(geo_database=file))
    found = choice.selected(**ALL)
    assert any("geo.mmdb can't be used" in text for text in texts(panel._placed(found)))
    assert len(found.placed_nodes) == 3
