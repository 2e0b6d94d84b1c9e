"""A dispatcher with stand-ins for Prefect and for processes; tests/e2e has the real ones."""

from datetime import timedelta
from itertools import count

from deployments.dispatcher.dispatcher import Dispatcher
from deployments.dispatcher.flow_processes import Exit
from p2ppool.actions import turns
from p2ppool.actions.processes import this_process
from p2ppool.errors import UserError
from p2ppool.prefect_client.client import PAGE, DueRun
from p2ppool.prefect_client.states import RunState
from p2ppool.store.models import Ticket
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import reading

LEASE = 10.0  # seconds


class FakePrefect:
    """Runs and their states, as Prefect keeps them."""

    def __init__(self):
        self.due, self.states_of, self.away = [], {}, False
        self._numbers = count(1)

    def ask(self, action, pool="demo", seconds_ago=0.0, *, scheduled=False, **parameters):
        run = f"run-{next(self._numbers)}"
        due = now() - timedelta(seconds=seconds_ago)
        requester = "schedule" if scheduled else "ada"
        self.due.append(DueRun(run, action, {"pool": pool, **parameters}, requester, due, scheduled))
        self.states_of[run] = RunState("SCHEDULED", "Scheduled", "")
        return run

    def hang(self):
        """Answer no call any more; each would last for ever."""
        self.due_runs = self.states = self.set_state = self.set_state_unless_ended = _never_returns

    def due_runs(self, deployments):
        if self.away:
            raise UserError("no Prefect server")
        scheduled = [run for run in self.due if self.states_of[run.id].type == "SCHEDULED"]
        return sorted(scheduled, key=lambda run: run.due)[:PAGE]

    def states(self, runs):
        if self.away:
            raise UserError("no Prefect server")
        return {run: self.states_of[run] for run in runs if run in self.states_of}

    def set_state(self, run, state):
        if self.away:
            raise UserError("no Prefect server")
        self.states_of[run] = state

    def set_state_unless_ended(self, run, state):
        if self.away:
            raise UserError("no Prefect server")
        if run not in self.states_of or self.states_of[run].given_up:
            return False
        self.states_of[run] = state
        return True


def _never_returns(*_):
    raise AssertionError("this call would never return")


class FakeProcesses(dict):
    """The runs that have a process, with the ticket that it was started for."""

    def __init__(self):
        super().__init__()
        self.codes, self.terminated = {}, []

    def start(self, run, action, ticket=None):
        self[run] = ticket

    def terminate(self, run):
        self.terminated.append(run)

    def die(self, run, code, cause=""):
        del self[run]
        self.codes[run] = Exit(code, cause)

    def ended(self):
        codes, self.codes = self.codes, {}
        return codes


class FakeKeeper:
    """Remembers for which pools schedules were made, and how often it looked."""

    def __init__(self):
        self.made, self.looks, self.away = [], 0, False

    def make(self, pool_id):
        if self.away:
            raise UserError("no Prefect server")
        self.made.append(pool_id)

    def keep(self):
        self.looks += 1


def new_dispatcher(engine, prefect, processes, clock, *, limit=16, keeper=None):
    return Dispatcher(engine, prefect, processes, LEASE, limit, {"id": "any"}, lambda: clock[0], keeper)


def ticket_of(engine, run):
    with reading(engine) as work:
        return work.session.query(Ticket).where(Ticket.flow_run == run).order_by(Ticket.id.desc()).first()


def actions_asked_of(engine):
    with reading(engine) as work:
        return [ticket.action for ticket in work.session.query(Ticket)]


def begin(engine, run):
    """As the process of the run does: claim and start."""
    turns.claim(engine, ticket_of(engine, run).id, this_process())
    return turns.start(engine, ticket_of(engine, run).id)
