"""Schedules are made, paused, resumed and removed with their pools, on both databases.

Prefect is a list here; what a real server does with schedules is seen in the end-to-end tests.
"""

from dataclasses import replace

import pytest
from sqlalchemy import delete

from p2ppool.errors import UserError
from p2ppool.prefect_client.default_schedules import belongs, pool_in, slug_of
from p2ppool.prefect_client.intervals import cron, every
from p2ppool.prefect_client.schedule_sync import ScheduleKeeper, let_resume
from p2ppool.prefect_client.schedules import Schedule
from p2ppool.records.pools import get_pool
from p2ppool.settings import Settings
from p2ppool.store.models import Pool, PoolState
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.past.history import a_bare_pool


def a_schedule(*who, slug, how):
    pool = who[-1]
    return Schedule(*who, slug, how, active=True, parameters={"pool": pool}, intact=bool(slug))


class FakeSchedules:
    """As p2ppool.prefect_client.schedules.Schedules, in a list; it goes away after `lasts` changes."""

    def __init__(self):
        self.known, self.lasts = [], None
        self.deployments = {"crawl": "d1", "check": "d2", "uninstall-check": "d3"}

    def all(self):
        return list(self.known)

    def snapshot(self):
        return self.all(), dict(self.deployments)

    def of(self, pool):
        return [one for one in self.known if one.pool == pool]

    def served(self):
        return self.deployments

    def add(self, deployment, action, pool, how):
        self._change()
        slug = slug_of(pool, action)
        self.known.append(a_schedule(f"{slug} id", deployment, action, pool, slug=slug, how=how))

    def restore(self, deployment, slug, how, parameters, *, active):
        self._change()
        (action,) = [name for name, ident in self.deployments.items() if ident == deployment]
        ident = f"{slug} again"
        made = a_schedule(ident, deployment, action, parameters["pool"], slug=slug, how=how)
        self.known.append(replace(made, active=active))
        return ident

    def lose(self, action):
        """As when somebody deletes the deployment, and another one is made."""
        self.known = [one for one in self.known if one.action != action]
        return self.deployments.pop(action)

    def change(self, schedule, how=None, *, active=None):
        self._change()
        changed = replace(
            schedule,
            how=how or schedule.how,
            active=schedule.active if active is None else active,
            intact=True,
        )
        self.known[self.known.index(schedule)] = changed

    def remove(self, schedule):
        self._change()
        self.known.remove(schedule)

    def _change(self):
        if self.lasts == 0:
            raise UserError("no Prefect server")
        self.lasts = self.lasts and self.lasts - 1

    def now(self, pool="demo"):
        """Action → whether it is active."""
        return {one.action: one.active for one in self.of(pool)}


@pytest.fixture
def prefect():
    return FakeSchedules()


@pytest.fixture
def keeper(engine, prefect):
    return ScheduleKeeper(engine, prefect, Settings())


@pytest.fixture
def pool(engine):
    return a_bare_pool(engine, "demo")


def pool_id(engine, name="demo"):
    with reading(engine) as work:
        return get_pool(work.session, name).id


def change_pool(engine, name="demo", **fields):
    with UnitOfWork(engine) as work:
        for field, value in fields.items():
            setattr(get_pool(work.session, name), field, value)
        work.commit()


@pytest.fixture
def made(engine, keeper, pool):
    keeper.make(pool_id(engine))


def test_a_new_pool_is_crawled_every_half_hour_and_checked_every_day(prefect, made):
    assert {one.action: one.how["interval"] for one in prefect.known} == {"crawl": 1800, "check": 86_400}


def test_what_is_there_stays_as_a_manager_has_it(engine, prefect, keeper, made):
    prefect.change(prefect.of("demo")[0], cron("0 3 * * *"), active=False)
    before = prefect.all()
    keeper.make(pool_id(engine))
    assert prefect.all() == before


def test_what_a_manager_has_removed_does_not_come_back_by_itself(prefect, keeper, made):
    prefect.known.pop()
    keeper.keep()
    assert len(prefect.known) == 1


def test_an_action_that_is_not_served_has_no_schedule_and_0_means_none(engine, prefect, pool):
    del prefect.deployments["check"]
    ScheduleKeeper(engine, prefect, Settings(crawl_every=0)).make(pool_id(engine))
    assert prefect.known == []


def test_test_pools_are_left_out_of_checks(engine, prefect, keeper, made):
    change_pool(engine, is_test=True)
    keeper.keep()
    keeper.make(pool_id(engine))
    assert prefect.now() == {"crawl": True}


def test_suspend_pauses_and_resume_brings_back_only_what_suspend_has_paused(engine, prefect, keeper, made):
    prefect.change(prefect.of("demo")[1], active=False)
    change_pool(engine, state=PoolState.SUSPENDED)
    keeper.keep()
    assert prefect.now() == {"crawl": False, "check": False}
    keeper.keep()
    change_pool(engine, state=PoolState.ACTIVE)
    keeper.keep()
    assert prefect.now() == {"crawl": True, "check": False}
    with reading(engine) as work:
        assert get_pool(work.session, "demo").paused_schedules == []


@pytest.mark.parametrize("changes", [0, 1])
def test_a_server_that_goes_away_in_the_middle_leaves_nothing_paused_for_ever(
    engine, prefect, keeper, made, changes
):
    change_pool(engine, state=PoolState.SUSPENDED)
    prefect.lasts = changes
    with pytest.raises(UserError):
        keeper.keep()
    prefect.lasts = None
    keeper.keep()
    assert prefect.now() == {"crawl": False, "check": False}
    change_pool(engine, state=PoolState.ACTIVE)
    keeper.keep()
    assert prefect.now() == {"crawl": True, "check": True}


@pytest.mark.parametrize("resumes", [True, False])
def test_a_manager_says_what_comes_back_with_a_suspended_pool(engine, prefect, keeper, made, resumes):
    crawl, check = prefect.of("demo")
    prefect.change(check, active=False)
    change_pool(engine, state=PoolState.SUSPENDED)
    keeper.keep()
    with UnitOfWork(engine) as work:
        let_resume(work.session, get_pool(work.session, "demo"), check.id, resumes=resumes)
        let_resume(work.session, get_pool(work.session, "demo"), crawl.id, resumes=not resumes)
        work.commit()
    change_pool(engine, state=PoolState.ACTIVE)
    keeper.keep()
    assert prefect.now() == {"crawl": not resumes, "check": resumes}


def test_a_stopped_pool_has_the_uninstall_check_alone_until_it_comes_back(engine, prefect, keeper, made):
    change_pool(engine, state=PoolState.STOPPED)
    keeper.make(pool_id(engine))
    keeper.keep()
    assert prefect.now() == {"uninstall-check": True}
    change_pool(engine, state=PoolState.ACTIVE)
    keeper.make(pool_id(engine))
    keeper.keep()
    assert prefect.now() == {"crawl": True, "check": True}


@pytest.mark.parametrize("how", ["gone", "deleted"])
def test_a_pool_that_is_gone_leaves_no_schedule(engine, prefect, keeper, made, how):
    if how == "gone":
        change_pool(engine, state=PoolState.GONE)
    else:
        with UnitOfWork(engine) as work:
            work.session.execute(delete(Pool))
            work.commit()
    keeper.keep()
    assert prefect.known == []
    keeper.make(10**6)


def test_what_prefects_ui_dropped_is_restored_and_a_strangers_schedule_left_alone(prefect, keeper, made):
    lost = replace(prefect.of("demo")[0], parameters={}, intact=False)
    prefect.known[0] = lost
    foreign = a_schedule("x", "d1", "crawl", "nobodys", slug="", how=every(60, "x", "crawl"))
    prefect.known.append(foreign)
    keeper.keep()
    assert prefect.known[0].intact
    assert foreign in prefect.known


def test_schedules_come_back_on_a_deployment_that_was_replaced(prefect, keeper, made):
    prefect.change(prefect.of("demo")[0], cron("0 3 * * *"), active=False)
    keeper.keep()
    before = prefect.of("demo")[0]
    prefect.lose("crawl")
    keeper.keep()  # there is none to put it on yet
    assert prefect.now() == {"check": True}
    prefect.deployments["crawl"] = "d9"
    keeper.keep()
    (crawl,) = [one for one in prefect.of("demo") if one.action == "crawl"]
    assert (crawl.deployment, crawl.slug, crawl.how) == ("d9", before.slug, before.how)
    assert prefect.now() == {"check": True, "crawl": False}
    keeper.keep()
    assert len(prefect.known) == 2


def test_what_is_deleted_alone_stays_deleted_though_its_deployment_is_replaced_later(prefect, keeper, made):
    keeper.keep()
    prefect.remove(prefect.of("demo")[0])
    keeper.keep()
    prefect.lose("crawl")
    prefect.deployments["crawl"] = "d9"
    keeper.keep()
    assert prefect.now() == {"check": True}


def test_a_suspended_pools_lost_schedule_resumes_with_it(engine, prefect, keeper, made):
    change_pool(engine, state=PoolState.SUSPENDED)
    keeper.keep()
    keeper.remember()
    prefect.lose("crawl")
    prefect.deployments["crawl"] = "d9"
    keeper.keep()
    assert prefect.now() == {"check": False, "crawl": False}
    change_pool(engine, state=PoolState.ACTIVE)
    keeper.keep()
    assert prefect.now() == {"check": True, "crawl": True}


def test_a_stopped_pools_lost_schedules_stay_away(engine, prefect, keeper, made):
    keeper.keep()
    prefect.lose("crawl")
    change_pool(engine, state=PoolState.STOPPED)
    prefect.deployments["crawl"] = "d9"
    keeper.keep()
    assert prefect.now() == {}


@pytest.mark.parametrize("name", ["a", "a-crawl", "a-crawl-2", "crawl", "pool-a", "2"])
@pytest.mark.parametrize("number", [1, 2, 17])
@pytest.mark.parametrize("action", ["crawl", "uninstall-check"])
def test_a_slug_tells_its_pool(name, number, action):
    assert pool_in(slug_of(name, action, number), action) == name


@pytest.mark.parametrize("slug", [None, "", "nightly", "pool--crawl", "pool-a-check"])
def test_other_slugs_tell_none(slug):
    assert pool_in(slug, "crawl") == ""


@pytest.mark.parametrize(
    ("action", "state", "expected"),
    [
        ("crawl", PoolState.ACTIVE, True),
        ("verify", PoolState.SUSPENDED, True),
        ("verify", PoolState.STOPPED, False),
        ("uninstall-check", PoolState.STOPPED, True),
        ("uninstall-check", PoolState.ACTIVE, False),
        ("uninstall-check", PoolState.GONE, False),
    ],
)
def test_which_schedules_a_pool_can_have(action, state, expected):
    assert belongs(action, Pool(state=state, is_test=False)) is expected
