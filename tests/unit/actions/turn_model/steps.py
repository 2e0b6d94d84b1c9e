"""What may happen to turns: each step acts on the database, compares the answer, and tells the model."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import strategies as st
from sqlalchemy import update

from p2ppool.actions import turns
from p2ppool.actions.turns import Turn, TurnLost
from p2ppool.store.models import Ticket, TicketState
from tests.unit.actions.turn_model.model import ACTIONS, Wish
from tests.unit.actions.turn_model.scene import CLOSE, LEASE, Process

WHAT = st.sampled_from(ACTIONS)
VARIANTS = st.sampled_from("xxxy")
LATENESS = st.sampled_from([0, 0, 0, 1, 5, 30, 90, 3600, -5])
ENDINGS = st.sampled_from([TicketState.DONE, TicketState.PARTIAL, TicketState.FAILED])
PAUSES = st.sampled_from([1, CLOSE, CLOSE + 1, LEASE, 100])
CLOCK_STEPS = st.sampled_from([-7200, -90, -5, 5, 90, 7200])
LOOKS, CLOSELY = st.integers(2, 6), st.integers(CLOSE - 1, CLOSE)
BOOLEANS, HOSTS = st.booleans(), st.integers(0, 9)


@dataclass(frozen=True, repr=False)
class Step:
    """Something that happens to one of the things that a scene has under a name, if there is any."""

    happens: Callable
    to: str
    weight: int

    def __repr__(self):
        return self.happens.__name__


STEPS = []


def step(to="nothing", weight=1):
    """Add a function to the steps."""

    def add(happens):
        STEPS.append(Step(happens, to, weight))
        return happens

    return add


# Requests


@step("pools", weight=3)
def ask(scene, pool, draw):
    scene.touched = {pool}
    run = f"run-{len(scene.runs)}" if draw(BOOLEANS) else None
    due = scene.world.wall - timedelta(seconds=draw(LATENESS))
    wish = Wish(pool, draw(WHAT), draw(VARIANTS), run, due)
    wish.id = scene.ask(wish)
    scene.model.ask(wish, scene.world.wall)
    if run:
        scene.runs.append(wish)


@step("runs")
def ask_again(scene, first, draw):
    """The same run, as its process asks after the dispatcher did, or as Prefect runs it once more."""
    scene.touched = {first.pool}
    known = scene.model.latest_of_run(first.run)
    due = scene.world.wall - timedelta(seconds=draw(LATENESS))
    wish = Wish(first.pool, first.action, first.variant, first.run, due)
    wish.id = scene.ask(wish)
    is_new = known.notified and not known.active
    assert (wish.id != known.id) == is_new
    if is_new:
        scene.model.ask(wish, scene.world.wall)


@step("unnotified")
def tell_prefect(scene, wish, draw):
    scene.touched = {wish.pool}
    scene.execute(update(Ticket).where(Ticket.id == wish.id).values(notified=True))
    wish.notified = True


@step("active")
def cancel(scene, wish, draw):
    scene.touched = {wish.pool}
    turns.cancel(scene.engine, wish.id, "cancelled by ada")
    scene.model.cancel(wish, scene.world.wall)


# Processes


@step("unowned", weight=6)
def come(scene, wish, draw):
    scene.touched = {wish.pool}
    process = Process(f"process of {wish.id}", wish)
    turns.claim(scene.engine, wish.id, process.name)
    wish.owner = process.name
    scene.heartbeat(wish)
    scene.processes.append(process)


@step("owned")
def come_too(scene, wish, draw):
    scene.touched = {wish.pool}
    with pytest.raises(TurnLost):
        turns.claim(scene.engine, wish.id, "somebody else")


@step("waiters", weight=2)
@step("first_waiters", weight=6)
def start(scene, process, draw):
    wish = process.wish
    scene.touched = {wish.pool}
    found = turns.start(scene.engine, wish.id)
    scene.heard[wish.id] = scene.world.monotonic
    scene.model.start(wish, scene.world.wall)
    assert isinstance(found, Turn) == (wish.state == "running")
    if isinstance(found, Turn):
        assert found == Turn(wish.id, wish.pool, wish.fence)
        process.turn = found


@step("owners", weight=2)
def renew(scene, process, draw):
    scene.touched = {process.wish.pool}
    told = turns.renew(scene.engine, process.turn)
    assert (told is not None) == process.wish.told_to_end
    scene.heartbeat(process.wish)


@step("owners", weight=2)
def write(scene, process, draw):
    scene.touched = {process.wish.pool}
    scene.write(process.turn)
    scene.model.pools[process.wish.pool].written = str(process.turn.fence)


@step("owners")
def say_how_far_it_is(scene, process, draw):
    scene.touched = {process.wish.pool}
    process.wish.done = draw(HOSTS)
    turns.progress(scene.engine, process.turn, process.wish.done, 9)


@step("owners", weight=3)
def finish(scene, process, draw):
    scene.touched = {process.wish.pool}
    scene.end(process, draw(ENDINGS))


@step("notified", weight=4)
def obey(scene, process, draw):
    scene.touched = {process.wish.pool}
    assert turns.renew(scene.engine, process.turn)
    scene.heartbeat(process.wish)
    scene.end(process, TicketState.CANCELLED)


@step("owners")
@step("processes")
def crash(scene, process, draw):
    """On this machine others can see that it is gone, on another one they can't."""
    scene.touched = set()
    scene.processes.remove(process)
    if draw(BOOLEANS):
        scene.world.gone.add(process.name)


@step("owners")
@step("alive")
def hang(scene, process, draw):
    scene.touched = set()
    process.hangs = True


@step("hanging", weight=3)
def wake(scene, process, draw):
    scene.touched = set()
    process.hangs = False


@step("ghosts", weight=3)
def haunt(scene, process, draw):
    """One whose ticket has ended tries all that it could do, finds out and leaves; nothing changes."""
    scene.touched = set()
    scene.processes.remove(process)
    engine, ident = scene.engine, process.wish.id
    if process.turn is not None:
        scene.world.counted["haunted"] += 1
        with pytest.raises(TurnLost):
            turns.renew(engine, process.turn)
        with pytest.raises(TurnLost):
            scene.write(process.turn)
        turns.progress(engine, process.turn, 5, 9)
    assert turns.claim(engine, ident, process.name).state.ended
    assert turns.start(engine, ident).state.ended
    turns.end(engine, ident, TicketState.DONE, "done all the same")


# Watchers and clocks


@step("watches")
def look(scene, watcher, draw):
    scene.touched = set(scene.pools)
    for lost in scene.look(watcher):
        scene.strike(lost)


@step("watches")
def look_and_hesitate(scene, watcher, draw):
    scene.touched = set()
    scene.findings += scene.look(watcher)


@step("findings", weight=2)
def strike(scene, lost, draw):
    scene.touched = {scene.model.wishes[lost.ticket_id].pool}
    scene.findings.remove(lost)
    scene.strike(lost)


@step("watches")
def watch(scene, watcher, draw):
    """Look again and again, closely enough to notice a silence; act at once on what is found, or later."""
    scene.touched = set(scene.pools)
    hesitates = draw(BOOLEANS)
    for found in closely(scene, watcher, draw(LOOKS), draw(CLOSELY)):
        if hesitates:
            scene.findings += found
        for lost in found if not hesitates else ():
            scene.strike(lost)


@step("owners", weight=2)
def oversleep(scene, process, draw):
    """Hang so long that others take it for dead; it may wake up later."""
    scene.touched = set(scene.pools)
    process.hangs = True
    for found in closely(scene, scene.watches[0], looks=6, pause=CLOSE):
        for lost in found:
            scene.strike(lost)
    assert not process.wish.active


def closely(scene, watcher, looks, pause):
    """What each of several looks finds."""
    for _ in range(looks):
        scene.pass_time(pause)
        yield scene.look(watcher)


@step(weight=2)
def pass_time(scene, _, draw):
    scene.touched = set(scene.pools)
    scene.pass_time(draw(PAUSES))


@step()
def set_the_clock(scene, _, draw):
    scene.touched = set()
    scene.world.wall += timedelta(seconds=draw(CLOCK_STEPS))
