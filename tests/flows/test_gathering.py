"""How a gathering ends; the flows themselves run in the end-to-end tests."""

from pathlib import Path

import pytest

from flows.base import gathering
from p2ppool.errors import UserError
from p2ppool.fleet.host.outcome import ErrorKind
from p2ppool.pools.gather.gathering import GatherResult
from p2ppool.pools.recording.pool_files import FileKind
from p2ppool.store.models import TicketState
from tests.flows.test_ending import outcomes


def gathered(*errors, files=2, size=12345):
    return GatherResult(
        Path("/data/gathered/demo/logs-20261125T170000Z-7.zip"), outcomes(*errors), files, size
    )


@pytest.mark.parametrize(
    ("found", "state", "message"),
    [
        (gathered(None, None), TicketState.DONE, "gathered from all 2 hosts: 2 files, 12,345 bytes"),
        (gathered(None, files=0, size=0), TicketState.DONE, "gathered from 1 host: 0 files, 0 bytes"),
        (
            gathered(None, ErrorKind.REFUSED, files=1, size=9),
            TicketState.PARTIAL,
            "gathered from 1 of 2 hosts (1 refused): 1 file, 9 bytes",
        ),
    ],
)
def test_it_says_how_much_came_and_where_it_is(found, state, message):
    ending = gathering.judge(found)
    assert ending.state is state
    assert ending.message == f"{message}, in logs-20261125T170000Z-7.zip"


@pytest.mark.parametrize(
    ("errors", "state"), [([None], TicketState.PARTIAL), ([ErrorKind.REFUSED], TicketState.FAILED)]
)
def test_a_local_node_in_trouble_does_not_hide_what_came(monkeypatch, errors, state):
    def fails(held):
        raise UserError("the local node is ill")

    monkeypatch.setattr(gathering, "gather_from_hosts", lambda held, kind: gathered(*errors))
    monkeypatch.setattr(gathering, "start_local_node", fails)
    ending = gathering.gather(None, FileKind.LOGS)
    assert ending.state is state
    assert ending.message.endswith("in logs-20261125T170000Z-7.zip; the local node is ill")
