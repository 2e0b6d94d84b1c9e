"""Going on where a host has seen a higher fence: only if this manager has set it."""

import logging

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


@pytest.fixture
def held(engine, data_folder, monkeypatch):
    monkeypatch.setattr(fences, "get_run_logger", logging.getLogger)  # there is no run
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
    assert fences.above_fences(held, lambda _: host(held, 46, ours())())(None) == [47]


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
