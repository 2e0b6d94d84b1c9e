"""Who acts on turns in one example: processes and watchers; and the model of what must come of it."""

from dataclasses import dataclass

from sqlalchemy import update

from p2ppool.actions import tickets, turns
from p2ppool.actions.leases import LeaseWatch
from p2ppool.actions.requests import Request
from p2ppool.actions.turns import Turn
from p2ppool.store.models import Pool, Ticket
from p2ppool.store.unit_of_work import UnitOfWork
from tests.unit.actions.turn_model import model as plain

LEASE = 16  # seconds
CLOSE = LEASE // 4  # between two looks, at most


@dataclass
class Process:
    """What answers for a ticket, as long as it lives."""

    name: str
    wish: plain.Wish
    turn: Turn | None = None
    hangs: bool = False


class Scene:
    """Everything that one example is about; its lists are what a step may happen to."""

    nothing = (None,)

    def __init__(self, world):
        world.reset()
        self.world, self.engine = world, world.engine
        self.model = plain.Model({ident: plain.Pool() for ident in world.pools})
        self.processes, self.findings, self.runs = [], [], []
        self.watches = [(LeaseWatch(LEASE, lambda: world.monotonic), plain.Watcher(LEASE)) for _ in "ab"]
        self.heard = {}  # by ticket: when its heartbeat really rose last
        self.touched = set()

    @property
    def pools(self):
        return list(self.model.pools)

    @property
    def alive(self):
        return [process for process in self.processes if not process.hangs]

    @property
    def hanging(self):
        return [process for process in self.processes if process.hangs]

    @property
    def waiters(self):
        return [process for process in self.alive if process.wish.state == "waiting"]

    @property
    def first_waiters(self):
        """The first that waits on each pool."""
        return list({each.wish.pool: each for each in sorted(self.waiters, key=_turn, reverse=True)}.values())

    @property
    def owners(self):
        return [process for process in self.alive if process.wish.state == "running"]

    @property
    def notified(self):
        return [process for process in self.owners if process.wish.told_to_end]

    @property
    def ghosts(self):
        """Processes whose ticket was ended by others."""
        return [process for process in self.alive if not process.wish.active]

    @property
    def active(self):
        return [wish for wish in self.model.wishes.values() if wish.active]

    @property
    def unowned(self):
        return [wish for wish in self.active if wish.owner is None]

    @property
    def owned(self):
        return [wish for wish in self.active if wish.owner is not None]

    @property
    def unnotified(self):
        return [wish for wish in self.model.wishes.values() if not wish.active and not wish.notified]

    def ask(self, wish):
        """The id of the ticket that a request gets."""
        request = Request(wish.action, "ada", {"variant": wish.variant}, wish.run, wish.due)
        with UnitOfWork(self.engine) as work:
            ticket = tickets.admit(work.session, self.world.pools[wish.pool], request)
            work.commit()
            return ticket.id

    def heartbeat(self, wish):
        """The database has made its heartbeat rise."""
        wish.heartbeat += 1
        self.heard[wish.id] = self.world.monotonic

    def write(self, turn):
        """Store a result as actions do."""
        with UnitOfWork(self.engine) as work:
            turns.require(work.session, turn)
            written = update(Pool).where(Pool.id == turn.pool_id).values(description=str(turn.fence))
            work.session.execute(written, execution_options={"synchronize_session": False})
            work.commit()

    def end(self, process, state):
        turns.end(self.engine, process.wish.id, state, "as it is")
        self.model.end(process.wish, state.value, self.world.wall)
        self.processes.remove(process)

    def look(self, watcher):
        """What a watcher finds, after comparing it with what it may find."""
        watch, plainly = watcher
        found = watch.check(self.world.owned())
        gone = {wish.id for wish in self.owned if wish.owner in self.world.gone}
        beats = {wish.id: wish.heartbeat for wish in self.owned}
        assert {lost.ticket_id for lost in found} == gone | plainly.look(self.world.monotonic, beats)
        return found

    def strike(self, lost):
        """End what was found lost, unless it was heard of since."""
        wish = self.model.wishes[lost.ticket_id]
        expired = turns.expire(self.engine, lost)
        assert expired == (wish.active and wish.heartbeat == lost.heartbeat)
        if not expired:
            self.world.counted["spared"] += 1
            return
        silent = self.world.monotonic - self.heard[wish.id]
        assert wish.owner in self.world.gone or silent >= LEASE
        self.model.end(wish, "crashed", self.world.wall)

    def pass_time(self, seconds):
        """Meanwhile whoever lives and has an active ticket makes its heartbeat rise."""
        self.world.pass_time(seconds)
        beating = [process.wish for process in self.alive if process.wish.active]
        ids = [wish.id for wish in beating]
        if ids:
            self.execute(update(Ticket).where(Ticket.id.in_(ids)).values(heartbeat=Ticket.heartbeat + 1))
        for wish in beating:
            self.heartbeat(wish)

    def execute(self, statement):
        with self.engine.begin() as connection:
            connection.execute(statement)


def _turn(process):
    return process.wish.turn
