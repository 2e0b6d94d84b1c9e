"""Asking a running manager for actions as the Prefect UI does, and looking at what becomes of them."""

from dataclasses import dataclass, field

from sqlalchemy import select

from p2ppool.pools.recording.results import tally
from p2ppool.prefect_client.client import PrefectApi
from p2ppool.store.engine import open_engine
from p2ppool.store.models import Pool, PoolState, Ticket
from p2ppool.store.unit_of_work import reading
from tests.lab.hosts.faults import Proxy
from tests.lab.waiting import eventually

SLOW = 1500  # bytes a second: the agent alone takes a quarter of a minute


@dataclass
class AskedPool:
    """A pool whose first host is behind a line that can be made slow, so that actions last."""

    manager: object
    name: str
    line: Proxy
    api: PrefectApi = field(init=False)

    def __post_init__(self):
        self.api = self.manager.prefect()
        self.engine = open_engine(self.manager.store_url)

    def close(self):
        self.api.__exit__(None, None, None)
        self.engine.dispose()

    def slow(self):
        """Let everything that is sent to the first host take long."""
        self.line.bytes_per_second = SLOW

    def quick(self):
        self.line.bytes_per_second = None

    def ask(self, action, requester="ada", **parameters):
        """The run's id."""
        return self.api.start(action, {"pool": self.name, **parameters}, requester)

    def ticket(self, run):
        """Its latest ticket; None before it has one."""
        with reading(self.engine) as work:
            query = select(Ticket).where(Ticket.flow_run == run).order_by(Ticket.id.desc()).limit(1)
            return work.session.scalars(query).one_or_none()

    def pool(self):
        """As it is now; None before it is created."""
        with reading(self.engine) as work:
            return work.session.scalars(select(Pool).where(Pool.name == self.name)).one_or_none()

    def is_active(self):
        found = self.pool()
        return found is not None and found.state is PoolState.ACTIVE

    def tally(self, run):
        """What became of the hosts."""
        with reading(self.engine) as work:
            return tally(work.session, self.ticket(run).id)

    def reaches(self, run, *states, seconds=60):
        """The ticket, once it is in one of these states."""

        def look():
            found = self.ticket(run)
            if found is None or found.state.value in states:
                return found
            assert not found.state.ended, f"{found.action} is {found.state}: {found.message}"
            return None

        return eventually(look, seconds)

    def asked(self, action, *states, **how):
        """The run, once its ticket is in one of these states."""
        run = self.ask(action, **how)
        self.reaches(run, *states)
        return run

    def runs(self, action, **how):
        """The run of an action that has its turn."""
        return self.asked(action, "running", **how)

    def ends(self, run, *states):
        """The ticket, once it and its run in Prefect have ended, with the same words."""
        found = self.reaches(run, *states)
        eventually(lambda: self.api.state(run).final, 60)
        assert self.api.state(run).message == found.message
        return found

    def process_of(self, run):
        """The pid of the process that answers for it."""
        return int(eventually(lambda: self.ticket(run).owner).split()[2])
