"""What the pages of nodes send, and whose views they keep."""

import pytest
from dash import no_update
from flask import g
from werkzeug.exceptions import Forbidden

from dashboards.components.node_columns import NODE_COLUMNS
from dashboards.figures.palette import LIGHT
from dashboards.pages.nodes import crawl_choice, history, neighbours, node_page, nodes_page, table, view
from dashboards.pages.nodes.history_figure import downsampled, history_figure
from dashboards.web import access
from p2ppool.accounts.roles.rights import ALL_RIGHTS, LOOKING
from p2ppool.accounts.table_views import NodeView, own_view, pool_view, set_pool_view
from p2ppool.node.address import PREFIX
from p2ppool.places.geolocation import Geolocation
from p2ppool.reports.nodes.node_history import known_node, node_history
from p2ppool.reports.nodes.node_table import node_table
from p2ppool.reports.nodes.nodes import last_snapshot_id
from p2ppool.reports.period import ALWAYS
from tests.lab.past.crawled import ring_samples
from tests.lab.past.history import a_bare_pool, a_crawl, a_pool, keep_crawl
from tests.lab.web.people import a_user
from tests.unit.dashboards.trees import hrefs, kinds, texts

CHOSEN = NodeView(("cpu", "host"), (("cpu", "desc"),))


def asked_by(user, *, is_manager=False):
    g.p2ppool_visitor = access.Visitor(user, "grace", ALL_RIGHTS if is_manager else LOOKING)


def the_table(engine, name="demo"):
    return node_table(engine, name, last_snapshot_id(engine, name), Geolocation(None))


def test_every_column_of_the_table_is_sent_or_made_of_what_is(engine):
    a_pool(engine, nodes=9, dead=2)
    columns = table.sent(the_table(engine))["columns"]
    assert set(NODE_COLUMNS) - set(columns) == {"place"}
    assert columns["host"].count("this manager") == 1
    assert set(columns["agrees"]) <= {"●●●●", "····", *columns["agrees"]}
    assert columns["milliseconds"][0] == 4.0


def test_states_to_choose_from_are_those_that_there_are(engine):
    a_pool(engine, nodes=9, dead=2)
    assert [option["value"] for option in table._state_options(the_table(engine))][:2] == ["", "consistent"]
    a_pool(engine, "calm", nodes=4)
    assert table._state_options(the_table(engine, "calm")) == []


def test_a_crawl_whose_nodes_were_thinned_away_says_so(engine, request_context):
    a_bare_pool(engine)
    crawl = keep_crawl(engine, "demo", [], answered=9, downsampled=True)
    assert "Only the totals of this crawl are kept" in table._fill(crawl, "demo")[1]


def test_ones_own_view_comes_before_the_pools_default(engine, request_context):
    a_bare_pool(engine)
    user = a_user(engine, "grace").id
    asked_by(user)
    assert view.first("demo") == view.BUILT_IN
    set_pool_view(engine, "demo", NodeView(("ip", "of_a_later_release")), "ada")
    assert view.first("demo") == NodeView(("ip",))
    view._keep(CHOSEN.written() | {"by": "visitor"}, "demo")
    assert view.first("demo") == own_view(engine, "demo", user) == CHOSEN
    given, _ = view._reset(1, "demo")
    assert given["columns"] == ["ip"]
    assert own_view(engine, "demo", user) is None


def test_what_the_page_did_itself_is_not_kept_as_ones_own(engine, request_context):
    a_bare_pool(engine)
    user = a_user(engine, "grace").id
    asked_by(user)
    assert view._keep(CHOSEN.written() | {"by": "page"}, "demo") is no_update
    assert "this is no view" in view._keep({"columns": ["<b>"], "by": "visitor"}, "demo")
    assert own_view(engine, "demo", user) is None


def test_the_pools_default_is_set_by_managers_alone(engine, request_context):
    a_bare_pool(engine)
    asked_by(1)
    with pytest.raises(Forbidden):
        view._make_default(1, CHOSEN.written(), "demo")
    assert "Make this the pool's default" not in texts(view.layout("demo", CHOSEN))
    assert pool_view(engine, "demo") is None
    asked_by(1, is_manager=True)
    view._make_default(1, CHOSEN.written(), "demo")
    assert pool_view(engine, "demo") == CHOSEN


@pytest.mark.parametrize(
    "query", [{"crawl": "x"}, {"crawl": "9" * 30}, {"at": "noon"}, {"at": "9999-99"}, {}]
)
def test_an_address_that_names_no_crawl_shows_the_latest(engine, request_context, query):
    a_pool(engine)
    found, follows = nodes_page._requested_crawl("demo", query)
    assert (found.crawl.id, follows) == (last_snapshot_id(engine, "demo"), True)


def test_no_day_is_no_end():
    assert (
        crawl_choice._end_of(None)
        is crawl_choice._end_of("<b>")
        is crawl_choice._end_of("9999-12-31")
        is None
    )


def test_a_long_history_is_drawn_with_few_points_and_the_worst_states(engine):
    a_bare_pool(engine)
    for minutes_ago in range(12, 0, -1):
        dead = 3 if minutes_ago == 5 else 0
        a_crawl(engine, "demo", nodes=4, dead=dead, minutes_ago=minutes_ago)
    silent = next(sample for sample in ring_samples(4, dead=3) if sample["state"] == "silent")
    found = node_history(engine, known_node(engine, "demo", silent["address"]), ALWAYS)
    drawn = downsampled(found, most=4)
    assert list(drawn["crawls"]) == [3, 3, 3, 3]
    assert list(drawn["health"] == "silent") == [False, False, True, False]
    names = {trace.name for trace in history_figure(found, LIGHT).data}
    assert {"consistent", "silent", "consistency", "ms"} <= names
    assert history.rows(found)[0]["health"] == "consistent"


def test_a_node_has_a_page_as_soon_as_a_crawl_has_heard_of_it(engine, request_context):
    a_pool(engine, nodes=4)
    node = ring_samples(4)[1]
    body = node["address"].removeprefix(PREFIX)
    assert node_page.is_there(f"/pools/demo/nodes/{body}")
    assert not node_page.is_there("/pools/demo/nodes/<b>")
    assert not node_page.is_there("/pools/other/nodes/x")
    shown = neighbours._fill(last_snapshot_id(engine, "demo"), {"pool": "demo", "address": node["address"]})
    left = node["left"].removeprefix(PREFIX)
    assert f"/pools/demo/nodes/{left}" in hrefs(shown)
    assert "There is no such node." in texts(node_page._layout(name="demo", address="<b>"))
    assert not kinds(node_page._layout(name="demo", address=body)) & {"Markdown", "DangerouslySetInnerHTML"}
