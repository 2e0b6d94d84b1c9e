"""The pages of what goes on."""

import json

import pytest
from dash import no_update
from flask import g
from werkzeug.exceptions import Forbidden

from dashboards.pages.activity import buttons, log, overview_page
from dashboards.pages.activity.action_page import _layout as action_layout
from dashboards.pages.activity.action_page import _refresh as refresh_action
from dashboards.pages.activity.overview_page import _layout as overview_layout
from dashboards.pages.activity.overview_page import _refresh as refresh_overview
from dashboards.pages.activity.sources import ENDED, sources
from dashboards.web.access import Visitor
from p2ppool.store.models import HostResult, Ticket, TicketState
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.past.history import RUN, a_bare_pool, a_ticket, a_waiting_ticket, change_ticket, pool_of
from tests.lab.web.people import MANAGER
from tests.unit.dashboards.trees import components, hrefs, texts


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """Each look is a new one: these tests do not wait."""
    monkeypatch.setattr("dashboards.pages.activity.sources._FRESH", 0.0)
    monkeypatch.setattr("dashboards.pages.activity.sources._SELDOM", 0.0)


@pytest.fixture
def viewer(request_context):
    """Who asks may only look."""
    g.p2ppool_visitor = Visitor(2, "grace")


def overview(pool=None, before=None, seen=None):
    return refresh_overview(heartbeat=1, which={"pool": pool, "before": before}, seen=seen)


def action(number, seen=None, have=None):
    return refresh_action(heartbeat=1, number=number, seen=seen, have=have)


def a_result(engine, ticket, number, error=None, **fields):
    host = pool_of(engine, "demo").hosts[number]
    values = {"step": "start", "message": "", "seconds": 1.0}
    with UnitOfWork(engine) as work:
        work.session.merge(HostResult(ticket_id=ticket, host_id=host.id, error=error, **(values | fields)))
        work.commit()


def words(tree):
    return " ".join(texts(tree))


def test_nothing_goes_on(engine, request_context):
    shown = overview()
    assert [words(shown[part]) for part in ("running", "waiting", "ended")] == [
        *("Nothing is running.", "Nothing is waiting.", "Nothing has ended yet."),
    ]


def test_what_runs_waits_and_has_ended_leads_to_its_page(engine, request_context):
    a_bare_pool(engine)
    runs = a_ticket(engine, "demo", "install", done=1, total=3, requester="cli ada", flow_run=RUN)
    waits = a_waiting_ticket(engine, "demo", "check")
    over = a_ticket(engine, "demo", "crawl", TicketState.CANCELLED, preempted_by=runs, message="it made way")
    shown = overview()
    assert {"install", "running", "1 of 3", "by cli ada", "started "} <= set(texts(shown["running"]))
    assert {f"/activity/{runs}", "/pools/demo"} <= set(hrefs(shown["running"]))
    assert f"/prefect/runs/flow-run/{RUN}" in hrefs(shown["running"])
    assert {"check", "behind install (", f"ticket {runs}"} <= set(texts(shown["waiting"]))
    assert f"/activity/{waits}" in hrefs(shown["waiting"])
    assert {"crawl", "it made way", f"preempted by ticket {runs}"} <= set(texts(shown["ended"]))
    assert f"/activity/{over}" in hrefs(shown["ended"])
    again = overview(seen=shown["seen"])
    assert [again[part] for part in ("running", "waiting", "ended")] == [no_update] * 3
    assert words(overview(pool="other")["running"]) == "Nothing is running."


def test_the_past_has_pages(engine, request_context):
    a_bare_pool(engine)
    made = [a_ticket(engine, "demo", state=TicketState.DONE) for _ in range(ENDED + 1)]
    first = overview(pool="demo")["ended"]
    assert f"/activity?pool=demo&before={made[1]}" in hrefs(first)
    second = overview(pool="demo", before=made[1])["ended"]
    assert {"/activity?pool=demo", f"/activity?pool=demo&before={made[-1] + 1}"} <= set(hrefs(second))
    assert texts(second).count("done") == 1


def test_a_pool_can_be_named_in_the_address(engine, request_context):
    a_bare_pool(engine, "a b")
    assert "/pools/a%20b" in hrefs(overview_layout(pool="a b"))
    assert "There is no such pool." in texts(overview_layout(pool="nobody"))
    assert "There is no such pool." in texts(overview_layout(pool="x" * 5000))


def test_a_ticket_has_an_address_and_nothing_else_has(engine, browser):
    a_bare_pool(engine)
    ticket = a_ticket(engine, "demo")
    assert browser.get(f"/activity/{ticket}").status_code == 200
    for path in ("99", "-1", "0", "1e3", "x", "9" * 30, "%D9%A1", f"{ticket}/x"):
        assert browser.get(f"/activity/{path}").status_code == 404, path


def test_a_page_of_no_ticket_says_so(engine, request_context):
    assert "There is no such action." in texts(action_layout(number="99"))
    assert "There is no such action." in texts(action_layout(number="x"))


def test_hosts_come_once_and_then_only_what_changed(engine, request_context):
    a_bare_pool(engine, hosts=3)
    ticket = a_ticket(engine, "demo", "install", total=3)
    first = action(ticket)
    assert [row["state"] for row in first["hosts"]["delta"]["rows"]] == ["not started"] * 3
    a_result(engine, ticket, 1, error="auth_refused", message="login refused")
    second = action(ticket, first["seen"], first["hosts"]["have"])
    (row,) = second["hosts"]["delta"]["rows"]
    assert (row["host"], row["result"], row["message"]) == ("node02", "auth refused", "login refused")
    assert {"1 failed", "2 not started"} <= set(texts(second["hosts"]["counts"]))
    assert "login refused" in texts(second["hosts"]["errors"])
    missed = action(ticket, first["seen"], first["hosts"]["have"])
    assert missed["hosts"]["delta"] == second["hosts"]["delta"]
    third = action(ticket, second["seen"], second["hosts"]["have"])
    assert {name: value for name, value in third["hosts"].items() if value is not no_update} == {
        "hidden": False
    }
    assert third["about"] is no_update


def test_an_action_tells_of_others_and_what_can_be_done(engine, request_context):
    a_bare_pool(engine, hosts=2)
    ticket = a_ticket(engine, "demo", "install", total=2)
    crawl = a_ticket(engine, "demo", "crawl", TicketState.CANCELLED, preempted_by=ticket)
    assert {"Cancel", "preempted ", f"crawl (ticket {crawl})"} <= set(texts(action(ticket)["about"]))
    change_ticket(engine, ticket, cancel="cancelled by ada")
    assert "being cancelled: cancelled by ada" in texts(action(ticket)["about"])
    assert "Cancel" not in texts(action(ticket)["about"])
    a_result(engine, ticket, 0)
    change_ticket(engine, ticket, state=TicketState.PARTIAL, message="installed on 1 of 2 hosts")
    told = texts(action(ticket)["about"])
    assert {"partial", "installed on 1 of 2 hosts", "Retry failed"} <= set(told)
    a_result(engine, ticket, 1)
    assert "Retry failed" not in texts(action(ticket)["about"])


def test_what_waits_says_where_in_the_queue(engine, request_context):
    a_bare_pool(engine)
    runs = a_ticket(engine, "demo", "install")
    about = texts(action(a_waiting_ticket(engine, "demo", "check"))["about"])
    assert {"place 1 in the queue, ", "behind install (", f"ticket {runs}"} <= set(about)


def test_a_manager_cancels(engine, request_context):
    a_bare_pool(engine)
    runs, waits = a_ticket(engine, "demo", "install"), a_waiting_ticket(engine, "demo")
    assert buttons._clicked({"do": "cancel", "ticket": runs}) == [
        f"install (ticket {runs}) is being cancelled."
    ]
    assert buttons._clicked({"do": "cancel", "ticket": waits}) == [
        f"cancelled by page {MANAGER}, before it started"
    ]
    with reading(engine) as work:
        assert work.session.get_one(Ticket, runs).cancel == f"cancelled by page {MANAGER}"
    assert "has already ended" in words(buttons._clicked({"do": "cancel", "ticket": waits}))
    assert "start it with `p2ppool up`" in retried(engine)


def retried(engine):
    ticket = a_ticket(engine, "demo", "install", TicketState.PARTIAL)
    return words(buttons._clicked({"do": "retry", "ticket": ticket}))


def test_others_only_look(engine, request_context, viewer):
    a_bare_pool(engine)
    runs = a_ticket(engine, "demo", "install")
    assert "Cancel" not in texts([overview()["running"], action(runs)["about"]])
    for do in ("cancel", "retry"):
        with pytest.raises(Forbidden):
            buttons._clicked({"do": do, "ticket": runs})
    with reading(engine) as work:
        assert work.session.get_one(Ticket, runs).cancel is None


@pytest.mark.parametrize(
    "asked", [None, 3, [], {}, {"do": "cancel"}, {"do": "stop", "ticket": 1}, {"do": "cancel", "ticket": "1"}]
)
def test_no_other_button(engine, request_context, asked):
    assert words(buttons._clicked(asked)) == "There is no such button."


@pytest.mark.parametrize(
    "sent", [None, 3, "x", {"pool": 3, "before": -1}, {"kept": 1, "number": []}, {"last": {}}]
)
def test_a_browser_can_send_anything(engine, request_context, sent):
    a_bare_pool(engine, hosts=1)
    ticket = a_ticket(engine, "demo", "install", flow_run=RUN)
    assert overview_page._refresh(heartbeat=None, which=sent, seen=None)["running"] is not no_update
    assert action(ticket, have=sent)["hosts"]["delta"]["whole"]
    assert action(sent)["hosts"]["delta"] is no_update
    assert log._refresh(1, sent, ticket, sent, sent)[0]["whole"]
    assert log._refresh(1, "all", sent, sent, "") == (no_update, no_update, no_update)


def test_without_prefect_the_log_says_so_and_the_rest_goes_on(engine, request_context):
    a_bare_pool(engine, hosts=1)
    ticket = a_ticket(engine, "demo", "install", flow_run=RUN)
    delta, have, note = log._refresh(1, "all", ticket, None, "")
    assert delta == {"whole": True, "lines": []}
    assert "start it with `p2ppool up`" in note
    assert log._refresh(2, "all", ticket, have, note) == (no_update, no_update, no_update)


def test_without_a_run_there_is_no_log(engine, request_context):
    a_bare_pool(engine)
    ticket = a_ticket(engine, "demo", flow_run="javascript:window.harmed=1")
    assert "It has no run in Prefect." in texts(action_layout(number=str(ticket)))
    assert log._refresh(1, "all", ticket, None, "") == (no_update, no_update, no_update)


def test_what_is_sent_is_text_and_bounded(engine, request_context):
    a_bare_pool(engine, hosts=1)
    ticket = a_ticket(engine, "demo", "install", message="x" * 9000)
    a_result(engine, ticket, 0, error="refused", message="<b>" + "y" * 9000)
    shown = action(ticket)
    assert len(shown["hosts"]["delta"]["rows"][0]["message"]) == 500
    assert len(json.dumps(shown, default=lambda part: getattr(part, "to_plotly_json", lambda: "")())) < 9000
    assert not [part for part in components(shown["about"]) if part["type"] == "Markdown"]


def test_sources_are_the_applications_own(request_context):
    assert sources() is sources()
