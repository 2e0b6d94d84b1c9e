"""A pool's health in one word: the worst thing first."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dashboards.components.health_badge import HealthStatus, Tone, health_status
from p2ppool.reports.crawls.snapshots import SnapshotSummary
from p2ppool.reports.pools.pools import PoolReport
from p2ppool.store.models import PoolState

MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
CRAWL = SnapshotSummary(
    id=1,
    started_at=MOMENT,
    seconds=1.0,
    complete=True,
    reason="",
    expected=9,
    answered=9,
    silent=0,
    ghosts=0,
    left_over=0,
    consistency=1.0,
    retries=0,
)
POOL = PoolReport(
    id=1,
    name="demo",
    description="",
    state=PoolState.ACTIVE,
    namespace="n",
    package="p 1",
    nodes_per_process=1,
    created_at=MOMENT,
    hosts=8,
    failed_hosts=0,
    down_hosts=0,
    snapshot=CRAWL,
    running=(),
    waiting=0,
)


@pytest.mark.parametrize(
    ("pool", "crawl", "expected"),
    [
        ({}, {}, HealthStatus(Tone.GOOD, "healthy")),
        ({"failed_hosts": 1}, {}, HealthStatus(Tone.WATCH, "1 host failed")),
        ({}, {"consistency": 0.99}, HealthStatus(Tone.WATCH, "ring converging")),
        ({}, {"complete": False}, HealthStatus(Tone.WATCH, "crawl cut short")),
        ({"failed_hosts": 2}, {"answered": 7}, HealthStatus(Tone.WATCH, "2 nodes missing")),
        ({}, {"answered": 8, "consistency": 0.875}, HealthStatus(Tone.BAD, "ring inconsistent")),
        ({}, {"answered": 0, "consistency": None}, HealthStatus(Tone.BAD, "no node answers")),
        (
            {"state": PoolState.STOPPED},
            {"answered": 0, "consistency": None},
            HealthStatus(Tone.IDLE, "stopped"),
        ),
        ({"state": PoolState.SUSPENDED}, {}, HealthStatus(Tone.IDLE, "suspended")),
    ],
)
def test_the_worst_comes_first(pool, crawl, expected):
    assert health_status(replace(POOL, **pool, snapshot=replace(CRAWL, **crawl))) == expected


def test_a_pool_without_a_crawl_is_not_judged():
    assert health_status(replace(POOL, snapshot=None)) == HealthStatus(Tone.IDLE, "not crawled yet")
