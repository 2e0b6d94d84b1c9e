"""Who makes way for whom, with a real Prefect server and real sshd: every cell of the table."""

import json
from itertools import product
from urllib.parse import urlsplit

import pytest
from flask import g

from dashboards.app import create_app
from dashboards.components.tickets import facts
from dashboards.pages.activity import log
from dashboards.web.access import Visitor
from p2ppool.accounts.roles.rights import ALL_RIGHTS
from p2ppool.actions import rules
from p2ppool.actions.catalogue import Action, Rank, actions_of
from p2ppool.actions.rules import Answer
from p2ppool.reports.actions.action import HostPhase, action_detail
from p2ppool.reports.actions.tickets import TicketRecord
from p2ppool.settings import Settings
from p2ppool.store.models import HostsInProgress
from p2ppool.store.unit_of_work import reading
from tests.lab.waiting import eventually

# One kind of hosts is enough for the rules; the demo shows them on the other kind, and on SQLite.
pytestmark = [pytest.mark.root, pytest.mark.parametrize("fleet", ["sshd"], indirect=True, scope="session")]

SEEN = set()


NAME = "turns"


@pytest.fixture(autouse=True)
def active(pool, create_pool):
    """The pool is there and active; afterwards nothing is slow any more."""
    if not pool.is_active():
        create_pool(pool)
    yield
    pool.quick()


def saw(pool, arriving, there, answer):
    """Note a cell, after a look that the runs really are what they are taken for."""
    actions = tuple(pool.ticket(run).action for run in (arriving, there))
    assert rules.answer(*actions) is answer
    SEEN.add((Action(actions[0]).rank, Action(actions[1]).rank, answer))


def preempts(pool, arriving, *others):
    """Each of the others ends as cancelled by the newest, and the newest begins after that."""
    newest = pool.reaches(arriving, "running", "done", "partial")
    for other in others:
        ended = pool.ends(other, "cancelled")
        assert ended.preempted_by == newest.id
        assert f"preempted by {newest.action} of ada (ticket {newest.id})" in ended.message
        assert ended.ended_at <= newest.started_at
        saw(pool, arriving, other, Answer.PREEMPTS)


def waits(pool, arriving, *others, answer=Answer.WAITS):
    assert pool.reaches(arriving, "waiting").started_at is None
    for other in others:
        saw(pool, arriving, other, answer)


def merges(pool, arriving, into, answer):
    ended = pool.ends(arriving, "merged")
    assert (ended.merged_into, pool.api.state(arriving).name) == (pool.ticket(into).id, "Merged")
    saw(pool, arriving, into, answer)


def is_refused(pool, arriving, by):
    ended = pool.ends(arriving, "refused")
    assert (pool.api.state(arriving).name, "is in progress" in ended.message) == ("Refused", True)
    saw(pool, arriving, by, Answer.REFUSED)


def test_under_a_change_then_a_suspension_then_a_stop(pool):
    pool.slow()
    install = pool.runs("install")
    check = pool.ask("check")
    waits(pool, check, install)
    crawl = pool.ask("crawl")
    waits(pool, crawl, install, check)
    merges(pool, pool.ask("crawl"), crawl, Answer.MERGES_IF_WAITING)
    assert pool.api.state(crawl).name == "Waiting"
    assert "waits behind check of ada" in pool.api.state(crawl).message

    newer = pool.ask("install")
    preempts(pool, newer, install, check, crawl)

    suspend = pool.ask("suspend")
    preempts(pool, suspend, newer)
    assert pool.pool().state.value == "suspended"
    waiting = [pool.ask(action) for action in ("check", "crawl")]
    for run in waiting:
        waits(pool, run, suspend)
    merges(pool, pool.ask("suspend"), suspend, Answer.MERGES)
    resume = pool.ask("resume")
    waits(pool, resume, suspend)

    stop = pool.ask("stop")
    preempts(pool, stop, suspend, resume)
    for action in ("crawl", "check", "install", "suspend"):
        is_refused(pool, pool.ask(action), stop)
    merges(pool, pool.ask("stop"), stop, Answer.MERGES)
    pool.quick()
    assert pool.ends(stop, "done").message == "uninstalled on all 2 hosts"
    refused = pool.ends(pool.ask("crawl"), "refused")
    assert "the pool is stopped" in refused.message


def test_under_a_check(pool):
    pool.slow()
    check = pool.runs("check")
    second = pool.ask("check")
    waits(pool, second, check, answer=Answer.MERGES_IF_WAITING)
    merges(pool, pool.ask("check"), second, Answer.MERGES_IF_WAITING)
    crawl = pool.ask("crawl")
    waits(pool, crawl, check)
    install = pool.ask("install")
    preempts(pool, install, check, second, crawl)
    stop = pool.ask("stop")
    preempts(pool, stop, install)
    pool.quick()
    pool.ends(stop, "done")


@pytest.mark.parametrize("newest", ["suspend", "stop"])
def test_a_check_makes_way_for(pool, newest):
    pool.slow()
    check = pool.runs("check")
    run = pool.ask(newest)
    preempts(pool, run, check)
    pool.quick()
    pool.ends(run, "done")


@pytest.mark.parametrize("newest", ["install", "suspend", "stop"])
def test_a_crawl_makes_way_for(pool, newest, silent_node):
    crawl = pool.runs("crawl")
    second = pool.ask("crawl")
    waits(pool, second, crawl, answer=Answer.MERGES_IF_WAITING)
    check = pool.ask("check")
    waits(pool, check, crawl)
    run = pool.ask(newest)
    preempts(pool, run, crawl, second, check)
    silent_node.resume()
    pool.ends(run, "done")


def test_what_waits_behind_a_suspension_is_refused_once_it_holds(pool):
    pool.slow()
    suspend = pool.runs("suspend")
    crawl = pool.ask("crawl")
    waits(pool, crawl, suspend)
    pool.quick()
    assert pool.ends(suspend, "done").message == "suspended on all 2 hosts"
    assert "the pool is suspended" in pool.ends(crawl, "refused").message
    resumed = pool.ends(pool.ask("resume"), "done")
    assert resumed.message == "resumed on all 2 hosts"


def test_the_page_of_an_action_follows_its_hosts_and_its_log(pool):
    pool.slow()
    install = pool.runs("install")
    number = pool.ticket(install).id

    def at_work():
        return [host for host in action_detail(pool.engine, number).hosts if host.phase is HostPhase.WORKING]

    assert eventually(at_work, 60)[0].step
    pool.quick()
    pool.ends(install, "done")
    with reading(pool.engine) as work:
        assert work.session.get(HostsInProgress, number) is None

    crawl = pool.asked("crawl", "done", "partial")
    port = urlsplit(pool.manager.prefect_url).port
    config = Settings(prefect_port=port, data_folder=pool.manager.folder)
    with create_app(pool.engine, config).test_request_context("/"):
        g.p2ppool_visitor = Visitor(1, "ada", ALL_RIGHTS)

        def lines():
            sent, _, _ = log._refresh(1, "information", pool.ticket(crawl).id, None, "")
            return [text for _, _, level, text in sent["lines"] if level == "info"]

        assert eventually(lambda: "measured 2 of 2 hosts" in lines(), 60)
        assert f"/prefect/runs/flow-run/{crawl}" in json.dumps(
            facts(TicketRecord.of(pool.ticket(crawl))).to_plotly_json(),
            default=lambda part: part.to_plotly_json(),
        )


def test_each_cell_was_seen():
    table = {
        (arriving, there, rules.answer(actions_of(arriving)[0], actions_of(there)[0]))
        for arriving, there in product(Rank, Rank)
    }
    assert table - SEEN == set()
