"""Going on where a host has seen a higher fence: only if this manager has set it."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from p2ppool.actions.held_turn import HeldTurn
from p2ppool.cancel import CancelToken
from p2ppool.errors import UserError
from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from p2ppool.settings import settings
from p2ppool.store.manager_id import manager_id
from tasks.support import fences
from tests.lab.past.history import a_bare_pool
from tests.lab.past.turns import started


def logger_of_run():
    """As Prefect's, it is only for the thread of the run."""
    assert threading.current_thread() is threading.main_thread()
    return logging.getLogger()


@pytest.fixture
def held(engine, data_folder, monkeypatch):
    monkeypatch.setattr(fences, "get_run_logger", logger_of_run)
    return HeldTurn(engine, started(engine, a_bare_pool(engine, hosts=1), "check"), 600.0, CancelToken())


def ours():
    return manager_id(settings().data_folder)


def host(held, seen, by):
    """Work on a host that has seen this fence."""
    tries = []

    def work():
        tries.append(held.fence())
        if held.fence() < seen:
            raise HostFault(ErrorKind.FENCED, "old", {"fence": str(seen), "fenced_by": by})
        return tries

    return work


def test_it_goes_on_above_a_fence_that_this_manager_has_set(held):
    assert fences.above_fence(held, host(held, 46, ours())) == [1, 47]


def test_so_do_the_threads_of_hosts(held):
    job = fences.above_fences(held, lambda connection: host(held, connection, ours())())
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(job, [46, 46, 46, 60]))
    assert {tries[-1] > 46 for tries in found} == {True}
    assert held.fence() == 61


@pytest.mark.parametrize("by", ["", "another"])
def test_another_managers_fence_is_refused(held, by):
    with pytest.raises(HostFault):
        fences.above_fence(held, host(held, 46, by))
    assert held.fence() == 1


def test_the_local_node_tells_in_words_of_a_person(held):
    def work():
        try:
            return host(held, 46, ours())()
        except HostFault as fault:
            raise UserError("the local node") from fault

    assert fences.above_fence(held, work) == [47]
    with pytest.raises(UserError, match="another thing"):
        fences.above_fence(held, failing)


def failing():
    raise UserError("another thing")


def test_it_is_tried_only_once_more(held):
    """A host that always names a higher number gets its way no further."""

    def work():
        raise HostFault(ErrorKind.FENCED, "old", {"fence": str(held.fence() + 5), "fenced_by": ours()})

    with pytest.raises(HostFault):
        fences.above_fence(held, work)
    assert held.fence() == 7
