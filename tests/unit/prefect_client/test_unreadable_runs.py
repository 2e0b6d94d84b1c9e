"""A run that Prefect can't send is told from a server that is in trouble for a while."""

import pytest

from deployments.dispatcher.run_poller import RunPoller
from p2ppool.prefect_client.client import DueRun, PrefectFaultError
from p2ppool.prefect_client.states import RunState
from p2ppool.store.types import now

SCHEDULED = RunState("SCHEDULED", "Scheduled", "")


class FakeApi:
    """Runs that are due; it has an internal error whenever an unreadable one is among the answers."""

    def __init__(self, count=50):
        self.states = {f"run-{number}": SCHEDULED for number in range(count)}
        self.unreadable, self.broken, self.cleared, self.asked = set(), False, [], 0

    def due_runs(self, deployments):
        ids = self.due_ids(deployments)
        self._send(ids)
        return [DueRun(run, "crawl", {"pool": "demo"}, "ada", now()) for run in ids]

    def due_ids(self, deployments):
        return [run for run, state in self.states.items() if state.type == "SCHEDULED"]

    def can_read(self, runs):
        try:
            self._send(runs)
        except PrefectFaultError:
            return False
        return True

    def latest_state(self, run):
        if self.broken:
            raise PrefectFaultError("internal error")
        return self.states.get(run)

    def set_state(self, run, state):
        self.states[run] = state

    def clear_parameters(self, run):
        self.cleared.append(run)

    def _send(self, runs):
        self.asked += 1
        if self.broken or self.unreadable & set(runs):
            raise PrefectFaultError("internal error")


@pytest.fixture
def api():
    return FakeApi()


def read(poller):
    try:
        return [run.id for run in poller.due({"d": "crawl"}, set())]
    except PrefectFaultError:
        return None


@pytest.mark.parametrize("bad", [{"run-0"}, {"run-49"}, {"run-7", "run-8", "run-33"}])
def test_what_cannot_be_read_is_set_aside_and_named_and_the_others_come(api, bad):
    poller = RunPoller(api)
    api.unreadable = bad
    assert [read(poller), read(poller)] == [None, None]
    assert len(read(poller)) == 50 - len(bad)
    named = {run: state.name for run, state in api.states.items() if state != SCHEDULED}
    assert named == dict.fromkeys(bad, "Unreadable")
    assert set(api.cleared) == bad


def test_a_disturbance_that_passes_costs_no_run(api):
    poller = RunPoller(api)
    for _ in range(5):
        api.unreadable = {"run-3"}
        assert [read(poller), read(poller)] == [None, None]
        api.unreadable = set()
        assert len(read(poller)) == 50
    assert set(api.states.values()) == {SCHEDULED}


def test_a_server_that_is_in_trouble_itself_costs_no_run(api):
    poller, api.broken = RunPoller(api), True
    assert [read(poller) for _ in range(20)] == [None] * 20
    assert set(api.states.values()) == {SCHEDULED}


def test_one_among_many_is_found_by_halves(api):
    api.unreadable = {"run-31"}
    read(RunPoller(api))
    assert api.asked < 20
