"""Whose turn it is, on a pool's page and on its card in the list."""

from dash import no_update

from dashboards.pages.pool import head, turn
from dashboards.pages.pools.cards import cards
from p2ppool.accounts.roles.rights import ALL_RIGHTS
from p2ppool.reports.pools.cards import pool_cards
from tests.lab.past.history import RUN, a_bare_pool, a_crawl, a_ticket, a_waiting_ticket, change_ticket
from tests.unit.dashboards.trees import hrefs, rows, texts


def shown(engine, seen=None):
    return turn._fill(_activity="", name="demo", seen=seen)


def told(engine):
    return texts(shown(engine))


def card(engine):
    return " ".join(texts(cards(pool_cards(engine, {}), ALL_RIGHTS)))


def test_where_nothing_is_active_one_quiet_line_says_so(engine, request_context):
    a_bare_pool(engine)
    assert "Nothing is running or waiting." in texts(turn.layout())
    assert (shown(engine)["idle"], shown(engine)["now"]) == (False, True)
    a_waiting_ticket(engine, "demo")
    assert (shown(engine)["idle"], shown(engine)["now"]) == (True, False)


def test_what_holds_the_pool_since_when_and_how_far_it_is(engine, request_context):
    a_bare_pool(engine)
    fields = {"requester": "cli ada", "flow_run": RUN, "retry_of": 7}
    ticket = a_ticket(engine, "demo", "upgrade", done=3, total=8, **fields)
    found = told(engine)
    for text in ("upgrade", "running", "started ", f"ticket {ticket}", "by cli ada", "retry of ticket 7"):
        assert text in found, text
    assert f"/prefect/runs/flow-run/{RUN}" in hrefs(shown(engine))
    holder = shown(engine)["holder"]
    assert (holder["hidden"], holder["numbers"]) == (False, "3 of 8")
    assert (holder["value"], holder["max"], holder["aria-label"]) == ("3", "8", "upgrade: 3 of 8")


def test_an_action_that_does_not_know_its_total_yet_is_starting(engine, request_context):
    a_bare_pool(engine)
    a_ticket(engine, "demo", "crawl")
    holder = shown(engine)["holder"]
    assert (holder["numbers"], holder["value"], holder["max"]) == ("starting", None, None)


def test_what_was_told_to_end_says_by_whom(engine, request_context):
    a_bare_pool(engine)
    a_ticket(engine, "demo", cancel="preempted by stop of cli ada (ticket 9)", preempted_by=9)
    assert "being cancelled: preempted by stop of cli ada (ticket 9)" in told(engine)
    assert "preempted by ticket 9" in told(engine)
    assert "running" not in told(engine)


def test_the_queue_in_its_order_each_behind_the_one_before(engine, request_context):
    a_bare_pool(engine)
    runs = a_ticket(engine, "demo", "install")
    first = a_waiting_ticket(engine, "demo", "check", requester="cli ada")
    a_waiting_ticket(engine, "demo", "crawl", requester="prefect")
    (check, crawl) = rows(shown(engine))
    assert {"check", f"behind install (ticket {runs})", f"ticket {first}", "by cli ada"} <= set(check)
    assert {"crawl", f"behind check (ticket {first})", "by prefect", "requested "} <= set(crawl)


def test_the_first_waits_for_nobody_where_nothing_runs(engine, request_context):
    a_bare_pool(engine)
    a_waiting_ticket(engine, "demo")
    assert "next in turn" in told(engine)
    assert shown(engine)["holder"]["hidden"]


def test_of_a_long_queue_the_rest_is_folded(engine, request_context):
    a_bare_pool(engine)
    for _ in range(5):
        a_waiting_ticket(engine, "demo")
    assert shown(engine)["queue"]["folded"]  # there is nothing to unfold
    for _ in range(45):
        a_waiting_ticket(engine, "demo")
    queue = shown(engine)["queue"]
    assert (queue["folded"], queue["summary"]) == (False, "45 more wait")
    assert (len(rows(queue["first"])), len(rows(queue["rest"]))) == (5, 45)


def test_only_the_bar_moves_with_progress(engine, request_context):
    """What is written anew loses focus and selection."""
    a_bare_pool(engine)
    ticket = a_ticket(engine, "demo", done=3, total=8)
    a_waiting_ticket(engine, "demo")
    seen = shown(engine)["seen"]
    change_ticket(engine, ticket, done=4)
    found = shown(engine, seen)
    assert found["holder"]["numbers"] == "4 of 8"
    assert found["holder"]["title"] is found["queue"]["first"] is no_update
    change_ticket(engine, ticket, cancel="preempted")
    found = shown(engine, seen)
    assert "being cancelled: preempted" in texts(found["holder"]["title"])
    assert found["queue"]["first"] is no_update
    a_waiting_ticket(engine, "demo", "crawl")
    assert len(rows(shown(engine, seen)["queue"]["first"])) == 2


def test_the_head_is_not_written_anew_with_progress(engine, request_context):
    a_bare_pool(engine)
    ticket = a_ticket(engine, "demo", done=3, total=8)
    _, seen = head._fill(None, "", "demo", None)
    change_ticket(engine, ticket, done=4)
    assert head._fill(None, "", "demo", seen) == (no_update, seen)
    a_crawl(engine, "demo", nodes=9)
    assert "9 of 9" in texts(head._fill(1, "", "demo", seen)[0])


def test_a_card_says_what_holds_the_turn_and_how_many_wait(engine, request_context):
    a_bare_pool(engine)
    a_ticket(engine, "demo", "install", done=3, total=8)
    assert "install 3 of 8" in card(engine)
    for _ in range(2):
        a_waiting_ticket(engine, "demo")
    assert "install 3 of 8 · 2 wait" in card(engine)


def test_a_card_says_that_an_action_is_ending(engine, request_context):
    a_bare_pool(engine)
    a_ticket(engine, "demo", "crawl", cancel="preempted")
    a_waiting_ticket(engine, "demo", "stop")
    assert "crawl starting · being cancelled · 1 waits" in card(engine)


def test_a_card_says_how_many_wait_where_nothing_runs_yet(engine, request_context):
    a_bare_pool(engine)
    a_waiting_ticket(engine, "demo")
    assert "1 waits" in card(engine)
