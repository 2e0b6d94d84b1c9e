"""The rules of turns over plain objects, written a second time and differently, to compare rows with."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

CHANGES = {"create", "install", "upgrade", "resume"}
LOOKS = {"crawl", "gather-logs", "verify"}
DECIDES = CHANGES | {"stop", "suspend"}
ACTIONS = sorted(DECIDES | LOOKS | {"check"})
LEAVES = {"stop": "stopped", "suspend": "suspended"} | dict.fromkeys(CHANGES, "active")
REMEMBERED = timedelta(minutes=1)
ACTIVE = {"waiting", "running"}


@dataclass
class Wish:
    """A ticket."""

    pool: int
    action: str
    variant: str
    run: str | None
    due: datetime
    id: int = 0
    state: str = "waiting"
    fence: int | None = None
    owner: str | None = None
    heartbeat: int = 0
    done: int = 0
    told_to_end: bool = False
    preempted_by: int | None = None
    merged_into: int | None = None
    ended: datetime | None = None
    notified: bool = False

    @property
    def active(self):
        return self.state in ACTIVE

    @property
    def stays(self):
        """Active, and nobody notified it to end."""
        return self.active and not self.told_to_end

    @property
    def turn(self):
        """Sorts those that wait."""
        return (self.due, self.id)


@dataclass
class Pool:
    """What is to become of a pool, and the last turn that wrote something."""

    state: str = "active"
    fence: int = 0
    written: str = ""


def preempts(arriving, there):
    """Stop preempts all, suspend all but a stop, a change all below and other changes."""
    if arriving == "stop":
        return there != "stop"
    if arriving == "suspend":
        return there not in {"stop", "suspend"}
    return arriving in CHANGES and there not in {"stop", "suspend"}


def refuses(state, action):
    """Whether a pool in this state refuses an action."""
    if state == "stopped":
        return action not in {"stop", "create"}
    return state == "suspended" and action not in DECIDES


@dataclass
class Model:
    """All pools and tickets, by their ids."""

    pools: dict[int, Pool]
    wishes: dict[int, Wish] = field(default_factory=dict)

    def of(self, pool):
        return [wish for wish in self.wishes.values() if wish.pool == pool]

    def active(self, pool):
        return [wish for wish in self.of(pool) if wish.active]

    def waiting(self):
        return [wish for wish in self.wishes.values() if wish.state == "waiting"]

    def running(self, pool):
        return [wish for wish in self.of(pool) if wish.state == "running"]

    def latest_of_run(self, run):
        return max((wish for wish in self.wishes.values() if wish.run == run), key=lambda wish: wish.id)

    def ask(self, new, moment):
        """Receive a request; `new.id` is what the database gave it."""
        recent = self._recent(new, moment)
        superseding = [wish for wish in self.active(new.pool) + recent if self._supersedes(wish, new, moment)]
        others = self.active(new.pool) + recent
        new.due = max([new.due, *(wish.due for wish in others if wish.due > moment)])
        new.notified = new.run is None
        if superseding:
            new.preempted_by = max(superseding, key=lambda wish: wish.turn).id
            self.end(new, "cancelled", moment)
        else:
            self._meet(new, moment)
        self.wishes[new.id] = new

    def start(self, wish, moment):
        """One look of a waiting ticket whether its turn has come."""
        wish.heartbeat += 1
        pool = self.pools[wish.pool]
        before = [
            other for other in self.active(wish.pool) if other.state == "running" or other.turn < wish.turn
        ]
        if before:
            return
        if refuses(pool.state, wish.action):
            self.end(wish, "refused", moment)
            return
        pool.fence += 1
        pool.state = LEAVES.get(wish.action, pool.state)
        wish.state, wish.fence = "running", pool.fence

    def cancel(self, wish, moment):
        if wish.state == "waiting":
            self.end(wish, "cancelled", moment)
        elif wish.state == "running":
            wish.told_to_end = True

    def end(self, wish, state, moment):
        wish.state, wish.ended = state, moment

    def _recent(self, new, moment):
        """What had its turn and ended within a minute, though it was due after the new one."""
        ended = [wish for wish in self.of(new.pool) if not wish.active and wish.fence is not None]
        return [wish for wish in ended if wish.due > new.due and wish.ended >= moment - REMEMBERED]

    def _supersedes(self, wish, new, moment):
        due = new.due < wish.due <= moment
        counts = wish.stays if wish.active else new.action in DECIDES
        return due and counts and preempts(wish.action, new.action)

    def _meet(self, new, moment):
        """What a request in time does with those that are there."""
        there = [wish for wish in self.active(new.pool) if wish.stays]
        if new.action != "stop" and any(wish.action == "stop" for wish in there):
            self.end(new, "refused", moment)
            return
        preempted = [wish for wish in there if preempts(new.action, wish.action)]
        same = [wish for wish in there if _merges(new, wish)]
        if same:
            new.merged_into = max(same, key=lambda wish: wish.turn).id
            self.end(new, "merged", moment)
        elif self._is_hopeless(new, preempted):
            self.end(new, "refused", moment)
            return
        for wish in preempted:
            wish.preempted_by = new.id
            self.cancel(wish, moment)

    def _is_hopeless(self, new, preempted):
        hope = [wish for wish in self.active(new.pool) if wish not in preempted and wish.action in DECIDES]
        return refuses(self.pools[new.pool].state, new.action) and not hope


def _merges(new, wish):
    alike = (new.action, new.variant) == (wish.action, wish.variant)
    if new.action in CHANGES:
        return False
    return alike and (wish.state == "waiting" or new.action in {"stop", "suspend"})


@dataclass
class Watcher:
    """Remembers all its looks, and tells from them whom it may take for dead."""

    lease: int
    looks: list[tuple[int, dict[int, int]]] = field(default_factory=list)

    def look(self, moment, beats):
        """The ids of those that were silent for a lease, in looks that followed each other closely."""
        self.looks.append((moment, beats))
        return {ident for ident in beats if moment - self._since(ident) >= self.lease}

    def _since(self, ident):
        """When the latest row of close looks began in which this heartbeat was seen."""
        since, seen = self.looks[-1]
        heartbeat = seen[ident]
        for moment, beats in reversed(self.looks[:-1]):
            if since - moment > self.lease / 4 or beats.get(ident) != heartbeat:
                break
            since = moment
        return since
