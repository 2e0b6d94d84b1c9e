"""What pages make of what they are told: whatever nodes, hosts and users say stays text."""

import json

import pytest
from dash import no_update

from dashboards import context
from dashboards.pages.pool import actions, head, hosts, nodes, page, ring
from dashboards.pages.pools.cards import cards
from p2ppool.reports.nodes import last_snapshot_id, snapshot_nodes
from p2ppool.reports.pools import pools
from p2ppool.store.models import TicketState
from tests.lab.crawled import ring_samples
from tests.lab.history import a_bare_pool, a_pool, a_result, a_ticket, keep_crawl

EVIL = '<img src=x onerror="alert(1)"> [x](javascript:alert(1)) ${7*7}'
RUN = "0d6f3c1e-5b0a-4d8f-9c53-1f2e3d4c5b6a"


@pytest.fixture
def request_context(app):
    """Pages find the database by the request's application."""
    with app.test_request_context("/"):
        yield context


def components(tree):
    """Every component in what a page lays out, as the browser gets it: dicts with `type` and `props`."""
    plain = json.loads(json.dumps(tree, default=lambda part: part.to_plotly_json()))
    stack = [plain]
    while stack:
        part = stack.pop()
        if isinstance(part, list):
            stack.extend(part)
        elif isinstance(part, dict) and "props" in part:
            yield part
            stack.append(part["props"].get("children"))


def texts(tree):
    found = []
    for part in components(tree):
        children = part["props"].get("children")
        found += [
            child
            for child in (children if isinstance(children, list) else [children])
            if isinstance(child, str)
        ]
    return found


def hrefs(tree):
    return [part["props"]["href"] for part in components(tree) if "href" in part["props"]]


def a_hostile_pool(engine):
    a_bare_pool(engine, "evil", hosts=1, description=EVIL, namespace=EVIL[:64])
    samples = [sample | {"type": EVIL[:64], "ip": None, "error": EVIL} for sample in ring_samples(4)]
    keep_crawl(engine, "evil", samples)
    a_result(engine, "evil", "node01", error="refused", message=EVIL)
    a_ticket(
        engine,
        "evil",
        "check",
        TicketState.FAILED,
        message=EVIL,
        requester="<b>me</b>",
        flow_run="javascript:alert(1)",
    )


def test_nothing_hostile_becomes_markup_or_an_address(engine, request_context):
    a_hostile_pool(engine)
    for tree in (
        cards(pools(engine)),
        head._fill(1, "", "evil"),
        actions._fill("", "evil"),
        page._layout(name="evil"),
    ):
        kinds = {part["type"] for part in components(tree)}
        assert not kinds & {"Markdown", "DangerouslySetInnerHTML", "Iframe", "Script"}
        assert all(href.startswith(("/", "http://127.0.0.1:4200")) for href in hrefs(tree))
    assert EVIL in texts(cards(pools(engine)))
    assert EVIL in texts(actions._fill("", "evil"))


def test_tables_show_hostile_text_as_plain_cells(engine, request_context):
    a_hostile_pool(engine)
    rows = nodes.table_rows(snapshot_nodes(engine, last_snapshot_id(engine, "evil")))
    assert {row["error"] for row in rows} == {EVIL}
    grids = [nodes.layout().children, hosts.layout().children]
    for grid in grids:
        assert "dangerously_allow_code" not in grid.to_plotly_json()["props"]
        assert not any("cellRenderer" in column for column in grid.columnDefs)


def test_an_action_links_to_its_run(engine, request_context):
    a_bare_pool(engine)
    a_ticket(engine, "demo", flow_run=RUN)
    assert hrefs(actions._fill("", "demo")) == [f"http://127.0.0.1:4200/runs/flow-run/{RUN}"]


def test_a_running_action_shows_how_far_it_is(engine, request_context):
    a_bare_pool(engine)
    a_ticket(engine, "demo", "upgrade", done=3, total=8)
    assert "3 of 8" in texts(actions._fill("", "demo"))
    assert "3 of 8" in texts(head._fill(None, "", "demo"))


def test_what_to_do_next_where_there_is_nothing(engine, request_context):
    assert any("p2ppool pool create" in text for text in texts(cards([])))
    a_bare_pool(engine)
    assert "Nothing was asked of this pool yet." in texts(actions._fill("", "demo"))
    no_ring = ring._draw(snapshot=None, theme="light", spacing="even", kinds=[], name="demo", relayout=None)
    assert "p2ppool pool crawl demo" in texts(no_ring[3])
    assert "There is no such pool." in texts(page._layout(name="nobody"))


def test_a_pools_name_is_quoted_in_its_address(engine, request_context):
    a_bare_pool(engine, "a/b?c#d")
    assert hrefs(cards(pools(engine))) == ["/pools/a%2Fb%3Fc%23d"]


def test_no_news_means_no_work(engine, request_context):
    a_pool(engine, nodes=4)
    snapshot, activity, beat = page._refresh(1, "demo", None, "")
    assert (snapshot, beat) == (last_snapshot_id(engine, "demo"), 1)
    assert page._refresh(2, "demo", snapshot, activity) == (no_update, no_update, 2)
