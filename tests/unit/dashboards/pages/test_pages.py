"""What pages make of what they are told: whatever nodes, hosts and users say stays text."""

from dash import no_update

from dashboards.components.node_rows import node_rows
from dashboards.pages.pool import head, history, hosts, nodes, pool_page, ring, turn
from dashboards.pages.pools.cards import cards
from p2ppool.accounts.roles.rights import ALL_RIGHTS, LOOKING
from p2ppool.reports.nodes.nodes import last_snapshot_id, snapshot_nodes
from p2ppool.reports.pools.cards import pool_cards
from p2ppool.store.models import TicketState
from tests.lab.past.crawled import ring_samples
from tests.lab.past.history import a_bare_pool, a_pool, a_result, a_ticket, a_waiting_ticket, keep_crawl
from tests.unit.dashboards.trees import hrefs, kinds, texts

EVIL = '<img src=x onerror="alert(1)"> [x](javascript:alert(1)) ${7*7}'


def a_hostile_pool(engine):
    a_bare_pool(engine, "evil", hosts=1, description=EVIL, namespace=EVIL[:64])
    samples = [sample | {"type": EVIL[:64], "ip": None, "error": EVIL} for sample in ring_samples(4)]
    keep_crawl(engine, "evil", samples)
    a_result(engine, "evil", "node01", error="refused", message=EVIL)
    hostile = {"requester": EVIL[:64], "parameters": {EVIL: EVIL, "more": {EVIL: [EVIL]}}}
    hostile["flow_run"] = "javascript:alert(1)"
    a_ticket(engine, "evil", "check", TicketState.FAILED, message=EVIL, **hostile)
    a_ticket(engine, "evil", EVIL[:32], cancel=EVIL, **hostile)
    a_waiting_ticket(engine, "evil", EVIL[:32], **hostile)


def test_nothing_hostile_becomes_markup_or_an_address(engine, request_context):
    a_hostile_pool(engine)
    for tree in (
        cards(pool_cards(engine, {}), ALL_RIGHTS),
        head._fill(1, "", "evil", None)[0],
        turn._fill(_activity="", name="evil", seen=None),
        history._fill("", None, "evil", None)[0],
        pool_page._layout(name="evil"),
    ):
        assert not kinds(tree) & {"Markdown", "DangerouslySetInnerHTML", "Iframe", "Script"}
        assert all(href.startswith("/") for href in hrefs(tree))
    assert EVIL in texts(cards(pool_cards(engine, {}), ALL_RIGHTS))
    assert EVIL in texts(history._fill("", None, "evil", None)[0])
    assert f"being cancelled: {EVIL}" in texts(turn._fill(_activity="", name="evil", seen=None))


def test_tables_show_hostile_text_as_plain_cells(engine, request_context):
    a_hostile_pool(engine)
    rows = node_rows(snapshot_nodes(engine, last_snapshot_id(engine, "evil")))
    assert {row["error"] for row in rows} == {EVIL}
    grids = [nodes.layout("evil").children[0], hosts.layout().children]
    for grid in grids:
        assert "dangerously_allow_code" not in grid.to_plotly_json()["props"]
        assert not any("cellRenderer" in column for column in grid.columnDefs)


def test_what_to_do_next_where_there_is_nothing(engine, request_context):
    assert any("p2ppool pool create" in text for text in texts(cards([], ALL_RIGHTS)))
    a_bare_pool(engine)
    no_ring = ring._draw(snapshot=None, theme="light", spacing="even", kinds=[], name="demo", relayout=None)
    assert "p2ppool pool crawl demo" in texts(no_ring[3])
    assert "There is no such pool." in texts(pool_page._layout(name="nobody"))


def test_a_pools_name_is_quoted_in_its_address(engine, request_context):
    a_bare_pool(engine, "a/b?c#d")
    assert hrefs(cards(pool_cards(engine, {}), LOOKING)) == ["/pools/a%2Fb%3Fc%23d"]


def test_no_news_means_no_work(engine, request_context):
    a_pool(engine, nodes=4)
    snapshot, activity, heartbeat = pool_page._refresh(1, "demo", None, "")
    assert (snapshot, heartbeat) == (last_snapshot_id(engine, "demo"), 1)
    assert pool_page._refresh(2, "demo", snapshot, activity) == (no_update, no_update, 2)
