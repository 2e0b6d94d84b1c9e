"""How a create ends, from what became of its hosts; the flow itself runs in the end-to-end tests."""

import pytest

from flows.create import judge
from p2ppool.fleet.outcome import ErrorKind, HostOutcome
from p2ppool.fleet.target import Target
from p2ppool.store.models import TicketState

TARGET = Target(key=1, name="host", address="127.0.0.1", port=22, host_key=None)


def outcomes(*errors):
    return [HostOutcome(TARGET, error, "", "start", 1.0) for error in errors]


@pytest.mark.parametrize(
    ("errors", "state", "message", "name"),
    [
        ([None, None], TicketState.DONE, "installed on all 2 hosts", "Completed"),
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
    ending = judge(outcomes(*errors))
    assert (ending.state, ending.message) == (state, message)
    prefect_state = ending.as_prefect_state()
    assert (prefect_state.name, prefect_state.message) == (name, message)
    assert prefect_state.is_failed() == (state is TicketState.FAILED)
