"""What was asked of a pool and has ended."""

import pytest
from dash import no_update
from sqlalchemy import insert

from dashboards.components.parameters import parameters
from dashboards.components.tickets import TONES
from dashboards.pages.pool import history
from p2ppool.store.models import Ticket, TicketState
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.history import RUN, a_bare_pool, a_busy_day, a_ticket, change_ticket, pool_of
from tests.unit.dashboards.trees import components, hrefs, rows, texts

NOTHING_NEW = (no_update, no_update, no_update)


def shown(engine, clicks=None):
    return history._fill("", clicks, "demo", None)[0]


def many_tickets(engine, number):
    pool = pool_of(engine, "demo")
    row = {
        "pool_id": pool.id,
        "action": "check",
        "state": TicketState.DONE,
        "requester": "x",
        "parameters": {},
    }
    with UnitOfWork(engine) as work:
        work.session.execute(insert(Ticket), [row] * number)
        work.commit()


def said(given):
    return [
        "".join(part.children if hasattr(part, "children") else part for part in one)
        for one in parameters(given)
    ]


def test_without_a_past_it_says_so(engine, request_context):
    a_bare_pool(engine)
    a_ticket(engine, "demo")  # what is active stands elsewhere
    assert texts(shown(engine)) == ["Nothing has ended yet."]


def test_every_state_has_its_tone():
    assert set(TONES) == set(TicketState)
    assert {state for state, tone in TONES.items() if tone == "bad"} == {
        TicketState.FAILED,
        TicketState.CRASHED,
    }
    assert {state for state, tone in TONES.items() if tone == "idle" and state.ended} == {
        TicketState.CANCELLED,
        TicketState.MERGED,
        TicketState.REFUSED,
    }


def test_every_state_shows_with_its_tone_the_latest_first(engine, request_context):
    a_bare_pool(engine)
    a_busy_day(engine, "demo")
    badges = {
        (part["props"]["children"], part["props"]["className"])
        for part in components(shown(engine))
        if "badge" in str(part["props"].get("className"))
    }
    assert badges == {(state.value, f"badge {tone}") for state, tone in TONES.items() if state.ended}
    assert {"merged", "install"} <= set(rows(shown(engine))[0])


def test_a_ticket_tells_who_when_how_it_ended_and_of_other_tickets(engine, request_context):
    a_bare_pool(engine)
    message = "preempted by stop of cli ada (ticket 7); hosts: 3 done, 0 failed, 1 cut off, 4 not started"
    fields = {"message": message, "requester": "cli grace", "flow_run": RUN}
    ticket = a_ticket(
        engine, "demo", "install", TicketState.CANCELLED, preempted_by=7, merged_into=8, retry_of=6, **fields
    )
    (line,) = rows(shown(engine))
    expected = {
        "cancelled",
        "install",
        message,
        f"ticket {ticket}",
        "by cli grace",
        "started ",
        " · took 4.0 s",
    }
    assert expected <= set(line)
    assert {"preempted by ticket 7", "merged into ticket 8", "retry of ticket 6"} <= set(line)
    assert hrefs(shown(engine)) == [
        *(f"/activity/{number}" for number in (ticket, 6, 7, 8)),
        f"/prefect/runs/flow-run/{RUN}",
    ]


def test_what_never_started_tells_when_it_was_asked_for(engine, request_context):
    a_bare_pool(engine)
    a_ticket(engine, "demo", "crawl", TicketState.REFUSED, started_at=None)
    (line,) = rows(shown(engine))
    assert "requested " in line
    assert not [text for text in line if "took" in text]


def test_a_message_without_end_is_cut(engine, request_context):
    a_bare_pool(engine)
    a_ticket(engine, "demo", state=TicketState.FAILED, message="long " * 1000)
    assert max(map(len, texts(shown(engine)))) == 500


def test_more_on_demand_and_where_to_find_the_rest(engine, request_context):
    a_bare_pool(engine)
    many_tickets(engine, 201)
    for clicks, number, over in ((None, 20, False), (1, 100, False), (2, 200, True), (9, 200, True)):
        tree, hidden, _ = history._fill("", clicks, "demo", None)
        assert (len(rows(tree)), hidden) == (number, over)
        assert ("/activity?pool=demo" in hrefs(tree)) == over


@pytest.mark.parametrize("number", [20, 100, 200])
def test_nothing_more_is_offered_than_there_is(engine, request_context, number):
    a_bare_pool(engine)
    many_tickets(engine, number)
    tree, hidden, _ = history._fill("", 2, "demo", None)
    assert (len(rows(tree)), hidden) == (number, True)
    assert "Older ones: " not in texts(tree)


def test_progress_of_what_runs_does_not_write_it_anew(engine, request_context):
    a_bare_pool(engine)
    running = a_ticket(engine, "demo", total=8)
    a_ticket(engine, "demo", state=TicketState.DONE)
    *_, seen = history._fill("", None, "demo", None)
    change_ticket(engine, running, done=3)
    assert history._fill("", None, "demo", seen) == NOTHING_NEW
    change_ticket(engine, running, state=TicketState.DONE)
    assert history._fill("", None, "demo", seen) != NOTHING_NEW


def test_parameters_are_words_without_the_pools_name():
    given = {
        "pool": "demo",
        "name": "demo",
        "retry_of": 3,
        "package": "p2p@1.4",
        "ssh_port": 22,
        "fast": True,
    }
    assert said(given) == ["package p2p@1.4", "ssh port 22", "fast yes"]
    assert said({"pool": "demo"}) == []


def test_parameters_of_whatever_kind_and_length_stay_short():
    assert said({"a": {"b": [1]}, "c": [1, 2], "d": "", "e": "x\ny\x1b[1m"}) == [
        "a 1 value",
        "c 2 values",
        "e x y [1m",
    ]
    (text,) = said({"n" * 500: "v" * 5000})
    assert len(text) == 24 + 1 + 60
    assert said({f"p{place}": place for place in range(40)})[-1] == "28 more"
