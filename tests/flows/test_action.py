"""Whatever happens to a run, its ticket says how it ended."""

import pytest
from prefect.exceptions import TerminationSignal

from flows.action import ending_the_ticket, failing_in_one_line
from p2ppool.actions import tickets
from p2ppool.actions.tickets import Request
from p2ppool.cli.session import store
from p2ppool.errors import UserError
from p2ppool.pools.register import the_pool
from p2ppool.store.models import TicketState
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.history import a_bare_pool


@pytest.fixture
def ticket(data_folder):
    """A running ticket in the database of the settings."""
    engine = store()
    name = a_bare_pool(engine)
    with UnitOfWork(engine) as work:
        ticket = tickets.begin(
            work.session, the_pool(work.session, name), Request("crawl", "tester", {}, "run")
        )
        work.commit()
    return ticket.id


def ended():
    with reading(store()) as work:
        found = tickets.by_flow_run(work.session, "run")
    return found.state, found.message


@pytest.mark.parametrize(
    ("error", "state", "says"),
    [
        (UserError("no way"), TicketState.FAILED, "no way"),
        (TerminationSignal(signal=15), TicketState.CANCELLED, "cancelled in Prefect"),
        (KeyboardInterrupt(), TicketState.CANCELLED, "cancelled"),
        (ZeroDivisionError(), TicketState.FAILED, "a defect of ours (ZeroDivisionError)"),
    ],
)
def test_an_error_ends_the_ticket_and_goes_on(ticket, error, state, says):
    with pytest.raises(type(error)), ending_the_ticket(ticket):
        raise error
    assert ended()[0] is state
    assert says in ended()[1]


def test_a_body_that_ends_well_leaves_the_ending_to_the_action(ticket):
    with ending_the_ticket(ticket):
        pass
    assert ended()[0] is TicketState.RUNNING


def test_an_error_that_a_user_can_mend_is_the_whole_message_of_the_failed_run():
    @failing_in_one_line
    def body():
        raise UserError("the hosts file: line 3 …")

    state = body()
    assert (state.is_failed(), state.message) == (True, "the hosts file: line 3 …")
