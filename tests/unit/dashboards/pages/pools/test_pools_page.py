"""The cards of pools: their pictures, their order, their buttons, and the question before what destroys."""

from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
from flask import g
from werkzeug.exceptions import Forbidden

from dashboards.components.actions import confirm
from dashboards.components.actions.offers import has_button, offered
from dashboards.pages.pools import pools_page
from dashboards.pages.pools.bar import bar
from dashboards.pages.pools.cards import face
from dashboards.pages.pools.order import ORDERS, chosen
from dashboards.pages.pools.sparkline import sparkline
from dashboards.web.access import Visitor
from p2ppool.accounts.roles.rights import ALL_RIGHTS, LOOKING
from p2ppool.actions.catalogue import Action
from p2ppool.reports.crawls.recent import CrawlPoint
from p2ppool.reports.pools.cards import pool_cards
from p2ppool.store.models import PoolState, TicketState
from tests.lab.past.history import a_bare_pool, a_pool, a_result, a_ticket
from tests.unit.dashboards.trees import components, hrefs, texts

VIEWER = Visitor(7, "grace")


def points(*numbers):
    start = datetime(2026, 3, 1, tzinfo=UTC)
    return [
        CrawlPoint(
            started_at=start + timedelta(hours=hour), expected=10, answered=answered, consistency=value
        )
        for hour, (answered, value) in enumerate(numbers)
    ]


def paths(picture):
    masks = [part["props"]["style"]["maskImage"] for part in components(picture) if "style" in part["props"]]
    return [unquote(mask).split(' d="')[1].split('"')[0] for mask in masks]


def one(engine, name="demo"):
    return next(card for card in pool_cards(engine, {}) if card.pool.name == name)


def test_a_picture_goes_from_the_first_crawl_to_the_last():
    area, line = paths(sparkline(points((10, 1.0), (5, 0.5), (0, None), (10, 1.0))))
    assert area == "M0 30 L0 2 L33.33 15 L66.67 28 L100 2 L100 30Z"
    assert line == "M0 2 L33.33 15 M100 2"


def test_a_picture_says_in_words_what_it_shows():
    assert "10 to 5 nodes, consistency 0.50, lowest 0.50" in sparkline(points((10, 1), (5, 0.5))).title


def test_one_crawl_or_none_makes_no_picture():
    assert sparkline(points((1, 1.0))) is sparkline([]) is None


def test_a_face_names_what_is_wrong_with_hosts(engine, request_context):
    a_pool(engine, nodes=9, failed=2)
    a_result(engine, "demo", "node05", error="disk_full")
    told = texts(face(one(engine)))
    assert {"2 hosts down", "1 host with an error", "9 of 9 nodes · 8 hosts"} <= set(told)


@pytest.mark.parametrize("state", PoolState)
def test_a_bar_has_a_button_for_all_that_is_offered_and_none_for_a_viewer(engine, state):
    a_bare_pool(engine, state=state)
    found = one(engine)
    asked = {
        part["props"]["data-ask"]
        for part in components(bar(found, ALL_RIGHTS))
        if "data-ask" in part["props"]
    }
    assert asked == set(offered(state))
    assert bar(found, LOOKING) == []
    assert ("/pools/demo/upgrade" in hrefs(bar(found, ALL_RIGHTS))) == (
        state in {PoolState.ACTIVE, PoolState.SUSPENDED}
    )


def test_a_retry_is_a_button_where_hosts_were_left(engine):
    a_pool(engine, nodes=9, failed=2)
    assert "Retry failed (2)" in texts(bar(one(engine), ALL_RIGHTS))


def asked(action, pool="demo"):
    return confirm._confirm_or_start({"action": action, "pool": pool, "at": 1})


@pytest.mark.parametrize("action", [action for action in Action if has_button(action)])
def test_what_ends_nodes_or_destroys_is_asked_again(engine, request_context, action):
    a_bare_pool(engine)
    told, words, label, hides_name, _, opened = asked(action)
    row = action.row
    if row.question:
        assert f"{row.label} demo?" in texts(words)
        assert (label, hides_name) == (row.label, not row.typed)
        assert opened == {"pool": "demo" if row.typed else None, "asked": 1}
    else:
        assert "start it with `p2ppool up`" in " ".join(texts(told))


def test_the_question_names_whose_work_would_be_lost(engine, request_context):
    a_pool(engine, nodes=9)
    a_ticket(engine, "demo", "crawl", TicketState.RUNNING, done=4, total=9)
    for action in ("install", "stop"):
        assert "The running crawl (4 of 9) will be cancelled." in texts(asked(action)[1])
    assert "8 hosts." in texts(asked("stop")[1])[1]


def test_only_with_the_pools_name_is_it_stopped(engine, request_context):
    a_bare_pool(engine)
    stop = {"action": "stop", "pool": "demo"}
    for typed in ("", None, "Demo", "dem"):
        told, *_, opened = confirm._confirmed(stop, typed)
        assert (opened, "Nothing was done" in texts(told)[0]) == (None, True)
    assert "start it with `p2ppool up`" in " ".join(texts(confirm._confirmed(stop, "demo")[0]))
    install = {"action": "install", "pool": "demo"}
    assert "start it with `p2ppool up`" in " ".join(texts(confirm._confirmed(install, "")[0]))


@pytest.mark.parametrize(
    "given", [None, {}, {"action": "create", "pool": "demo"}, {"action": ["x"], "pool": 1}]
)
def test_nothing_else_can_be_asked_for(engine, request_context, given):
    a_bare_pool(engine)
    assert "There is no such button." in texts(confirm._confirm_or_start(given)[0])


def test_a_viewer_is_asked_nothing_and_starts_nothing(engine, request_context):
    a_bare_pool(engine)
    g.p2ppool_visitor = VIEWER
    stop = {"action": "stop", "pool": "demo"}
    for click in (lambda: confirm._clicked(stop, 1, "demo"), lambda: asked("crawl"), lambda: asked("retry")):
        with pytest.raises(Forbidden):
            click()


def test_a_retry_without_anything_to_retry_says_so(engine, request_context):
    a_bare_pool(engine)
    assert "nothing to retry" in " ".join(texts(asked("retry")[0]))


def test_many_pools_can_be_found_and_put_in_order(engine):
    a_pool(engine, "alpha", nodes=4, minutes_ago=9)
    a_pool(engine, "beta", nodes=20, dead=9, minutes_ago=5, description="Two racks")
    a_bare_pool(engine, "gamma", hosts=1, state=PoolState.SUSPENDED)
    found = pool_cards(engine, {})
    names = lambda words, order: [card.pool.name for card in chosen(found, words, order)]  # noqa: E731
    assert names("", "name") == names(None, None) == names("", "nonsense") == ["alpha", "beta", "gamma"]
    assert names("RACKS two", "name") == names("inconsistent", "name") == ["beta"]
    assert names("suspended", "name") == ["gamma"]
    assert names("<script>", "name") == []
    assert {order: names("", order) for order in list(ORDERS)[1:]} == {
        "trouble": ["beta", "alpha", "gamma"],
        "crawled": ["beta", "alpha", "gamma"],
        "size": ["beta", "alpha", "gamma"],
    }


def test_without_a_pool_it_says_what_to_do(engine, request_context):
    assert "/new-pool" in hrefs(pools_page._list([], []))
    g.p2ppool_visitor = VIEWER
    assert "/new-pool" not in hrefs(pools_page._list([], []))
    assert "/new-pool" not in hrefs(pools_page._layout())
