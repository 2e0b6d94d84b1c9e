"""How an action on hosts ends, from what became of them; the flows themselves run in the end-to-end tests."""

import pytest

from flows.base.ending import ending_of_hosts
from flows.check import judge
from p2ppool.fleet.host.outcome import ErrorKind, HostOutcome
from p2ppool.fleet.host.target import Target
from p2ppool.prefect_client.states import as_run_state
from p2ppool.store.models import TicketState

TARGET = Target(key=1, name="host", address="127.0.0.1", port=22, host_key=None)


def outcomes(*errors, **facts):
    return [HostOutcome(TARGET, error, "", "start", 1.0, facts=facts) for error in errors]


@pytest.mark.parametrize(
    ("errors", "state", "message", "name"),
    [
        ([None, None], TicketState.DONE, "installed on all 2 hosts", "Completed"),
        ([None], TicketState.DONE, "installed on 1 host", "Completed"),
        (
            [None, ErrorKind.REFUSED, ErrorKind.AUTH_REFUSED, ErrorKind.REFUSED],
            TicketState.PARTIAL,
            "installed on 1 of 4 hosts (2 refused, 1 auth refused)",
            "Partial",
        ),
        ([ErrorKind.TIMEOUT], TicketState.FAILED, "installed on 0 of 1 hosts (1 timeout)", "Failed"),
    ],
)
def test_some_hosts_are_enough_for_partial_none_is_failed(errors, state, message, name):
    ending = ending_of_hosts(outcomes(*errors), "installed on")
    assert (ending.state, ending.message) == (state, message)
    assert as_run_state(ending.state, ending.message).name == name


def test_a_check_tells_how_many_hosts_it_repaired():
    ending = judge(outcomes(None, None) + outcomes(None, repaired="nothing was installed"))
    assert (ending.state, ending.message) == (TicketState.DONE, "in order on all 3 hosts, 1 of them repaired")
    assert judge(outcomes(None, None)).message == "in order on all 2 hosts"
