"""What the machine of turns acts on: a database with a few pools, clocks that it moves, rows to look at."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select, update

from p2ppool.store.models import Pool, PoolState, Ticket
from p2ppool.store.unit_of_work import reading

START = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)

TICKETS = select(
    Ticket.id,
    Ticket.pool_id,
    Ticket.action,
    Ticket.state,
    Ticket.fence,
    Ticket.owner.label("owner"),
    Ticket.heartbeat.label("heartbeat"),
    Ticket.done,
    Ticket.cancel,
    Ticket.preempted_by,
    Ticket.merged_into,
    Ticket.due_at,
    Ticket.started_at,
    Ticket.ended_at,
    Ticket.message,
    Ticket.notified.label("notified"),
).order_by(Ticket.id)
POOLS = select(Pool.id, Pool.state, Pool.fence, Pool.description).order_by(Pool.id)


@dataclass
class World:
    """Made once for a test, and emptied for each example; `counted` is what happened in all of them."""

    engine: Engine
    wall: datetime = START
    monotonic: int = 0
    gone: set[str] = field(default_factory=set)
    counted: Counter[str] = field(default_factory=Counter)

    def __post_init__(self):
        with reading(self.engine) as work:
            self.pools = {pool.id: pool for pool in work.session.scalars(select(Pool).order_by(Pool.id))}

    def reset(self):
        """No tickets, new pools, clocks as at the start."""
        self.wall, self.monotonic, self.gone = START, 0, set()
        with self.engine.begin() as connection:
            connection.execute(Ticket.__table__.delete())
            connection.execute(update(Pool).values(state=PoolState.ACTIVE, fence=0, description=""))

    def now(self):
        """What stands in for `p2ppool.store.types.now`."""
        return self.wall

    def is_gone(self, process):
        """What stands in for `p2ppool.actions.processes.is_gone`."""
        return process in self.gone

    def pass_time(self, seconds):
        self.monotonic += seconds
        self.wall += timedelta(seconds=seconds)

    def owned(self):
        """The rows of all tickets that a process has to look after."""
        return [row for row in self.rows()[0].values() if row.owner and not row.state.ended]

    def rows(self):
        """All tickets and all pools as they are, by their ids."""
        with self.engine.connect().execution_options(writes=False) as connection:
            tickets = {row.id: row for row in connection.execute(TICKETS)}
            pools = {row.id: row for row in connection.execute(POOLS)}
        return tickets, pools
