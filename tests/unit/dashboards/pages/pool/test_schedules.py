"""The schedules on a pool's page; that they come from Prefect is seen in the end-to-end tests."""

from datetime import UTC, datetime

from dash import no_update

from dashboards.pages.pool import schedules
from p2ppool.prefect_client.intervals import cron, every
from p2ppool.prefect_client.schedules import Schedule
from tests.unit.dashboards.trees import texts


def a_schedule(action, how, *, active=True):
    return Schedule(action, "d", action, "demo", "", how, active=active, parameters={}, intact=True)


def test_each_says_what_it_asks_for_how_often_and_when_next():
    crawl = a_schedule("crawl", every(1800, "demo", "crawl"))
    check = a_schedule("check", cron("0 3 * * *"), active=False)
    due = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    told = texts(schedules._items([crawl, check], {"crawl": due}))
    assert {"active", "crawl", "every 30m", "next ", "2026-01-02 03:04 UTC"} <= set(told)
    assert {"paused", "check", "cron 0 3 * * *"} <= set(told)


def test_a_pool_without_any_says_so():
    assert texts(schedules._items([], {})) == ["This pool has no schedules."]


def test_a_server_that_is_away_is_one_quiet_line_and_no_news_the_second_time(request_context, monkeypatch):
    monkeypatch.setattr(request_context.settings(), "prefect_port", 1)
    content, marks = schedules._fill(0, "demo", None)
    assert texts(content) == ["The Prefect server, which keeps the schedules, does not answer."]
    assert schedules._fill(1, "demo", marks) == (no_update, marks)
