"""Turns taken by real processes at the same time, some of which die in the middle."""

import signal
from collections import defaultdict

import pytest
from sqlalchemy import select

from p2ppool.actions import turns, waiting
from p2ppool.actions.leases import LeaseWatch
from p2ppool.store.models import ACTIVE, Ticket
from p2ppool.store.unit_of_work import reading
from tests.lab.manager import turn_worker
from tests.lab.manager.commands import FORKING
from tests.lab.past.history import a_bare_pool
from tests.lab.waiting import eventually

pytestmark = pytest.mark.slow

POOLS = ("one", "two", "three")
WORKERS = 6
ROUNDS = 12


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "turns.log"
    path.touch()
    return path


def start(url, log, seed):
    worker = FORKING.Process(target=turn_worker.main, args=(url, log, seed, ROUNDS, *POOLS))
    worker.start()
    return worker


def let_them_work(url, log):
    """Until all have had their rounds; who killed himself in a turn has a successor. How many there were."""
    working, seed = [start(url, log, seed) for seed in range(WORKERS)], WORKERS
    while working:
        working[0].join(120)
        code = working[0].exitcode
        assert code in {0, -signal.SIGKILL}
        working.pop(0)
        if code and seed < 3 * WORKERS:
            working.append(start(url, log, seed))
            seed += 1
    return seed


def active(engine):
    with reading(engine) as work:
        return list(work.session.scalars(select(Ticket).where(Ticket.state.in_(ACTIVE))))


def nothing_is_left(engine, watch):
    """Whether every ticket has ended; those of the dead are ended here."""
    with reading(engine) as work:
        owned = waiting.all_owned(work.session)
    for lost in watch.check(owned):
        turns.expire(engine, lost)
    return not active(engine)


def test_no_two_processes_are_ever_inside_a_pool(engine, database_url, log):
    for name in POOLS:
        a_bare_pool(engine, name, hosts=0)
    let_them_work(database_url, log)
    watch = LeaseWatch(30.0)
    eventually(lambda: nothing_is_left(engine, watch))

    seen = defaultdict(list)
    for line in log.read_text().splitlines():
        what, pool, fence = line.split()
        seen[pool].append((what, int(fence)))
    assert len(seen) == len(POOLS)
    for steps in seen.values():
        assert_one_after_the_other(steps)
    assert sum(what == "die" for steps in seen.values() for what, _ in steps) > 0
    assert all(ticket.message for ticket in everything(engine))


def assert_one_after_the_other(steps):
    """Each turn is entered and left, or died in, before the next is entered, with a higher fence."""
    entered, left = steps[::2], steps[1::2]
    assert {what for what, _ in entered} == {"enter"}
    assert {what for what, _ in left} <= {"leave", "die"}
    fences = [fence for _, fence in entered]
    assert fences == [fence for _, fence in left]
    assert fences == sorted(set(fences))


def everything(engine):
    with reading(engine) as work:
        return list(work.session.scalars(select(Ticket)))
