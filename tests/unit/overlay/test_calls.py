"""PendingCalls side by side: suspects give up their place, but not without bound."""

import threading

import pytest

from p2ppool.overlay import calls as calls_module
from p2ppool.overlay.ask import NodeOutcome
from p2ppool.overlay.calls import PendingCalls
from p2ppool.overlay.errors import GatewayUnreachableError
from p2ppool.overlay.gateway import Gateway
from p2ppool.overlay.snapshot import NodeState

OUTCOME = NodeOutcome("brunet:node:X", NodeState.SILENT, 0.0)


@pytest.fixture
def release():
    release = threading.Event()
    yield release
    release.set()


@pytest.fixture
def calls(release):
    with PendingCalls(Gateway(port=1), limit=3) as calls:
        yield calls
        release.set()


def wait_for(release):
    return lambda: (release.wait(60), OUTCOME)[1]


def fail():
    raise GatewayUnreachableError("gone")


def test_there_is_room_for_as_many_as_there_are_workers(calls, release):
    assert calls.room(2)
    calls.start(wait_for(release))
    assert calls.room(2)
    calls.start(wait_for(release))
    assert not calls.room(2)


def test_a_call_that_takes_long_gives_up_its_place(calls, release, monkeypatch):
    calls.start(wait_for(release))
    assert not calls.room(1)
    monkeypatch.setattr(calls_module, "SUSPECT_AFTER", 0.0)
    assert calls.room(1)


def test_but_there_is_a_limit_to_those_that_wait(calls, release, monkeypatch):
    monkeypatch.setattr(calls_module, "SUSPECT_AFTER", 0.0)
    for _ in range(3):
        assert calls.room(1)
        calls.start(wait_for(release))
    assert not calls.room(1)


def test_what_ended_makes_room_and_is_reported_once(calls, release):
    calls.start(wait_for(release))
    assert calls.finished() == []
    release.set()
    assert until_told(calls) == [OUTCOME]
    assert calls.room(1)
    assert calls.finished() == []


def test_an_error_of_a_call_reaches_who_waits_for_it(calls):
    calls.start(fail)
    with pytest.raises(GatewayUnreachableError):
        until_told(calls)


def until_told(calls):
    told = []
    while calls.pending:
        told += calls.finished()
    return told
