"""Turns under everything that may happen, in random order, compared with the rules written a second time."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from p2ppool.actions import leases, tickets, turns
from tests.lab.past.history import a_bare_pool
from tests.unit.actions.turn_model.machine import TurnsMachine
from tests.unit.actions.turn_model.world import World

pytestmark = pytest.mark.slow

POOLS = ("one", "two", "three")
STEPS = {"sqlite": 20_000, "postgresql": 1_500}
A_RUN = 50  # steps

HAPPENED = {
    "waiting",
    "running",
    "done",
    "partial",
    "failed",
    "cancelled",
    "preempted",
    "superseded",
    "crashed",
    "merged",
    "refused",
    "haunted",
    "spared",
}


@pytest.fixture
def world(engine, monkeypatch):
    """Pools on which only the test's clocks count."""
    for name in POOLS:
        a_bare_pool(engine, name, hosts=0)
    world = World(engine)
    for module in (tickets, turns):
        monkeypatch.setattr(module, "now", world.now)
    monkeypatch.setattr(leases, "is_gone", world.is_gone)
    return world


def thorough(runs):
    return settings(
        max_examples=runs,
        stateful_step_count=A_RUN,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.timeout(900)  # a failure takes some minutes to be made small
def test_whatever_happens_the_rows_are_right(world):
    steps = STEPS[world.engine.dialect.name]
    while (left := steps - world.counted["steps"]) > 0:  # runs may be shorter than they could be
        _play(world, left // A_RUN + 1)
    while (
        _missing(world) and world.counted["steps"] < 10 * steps
    ):  # what is rare may take longer to come about
        _play(world, 10)
    assert _missing(world) == set()


def _play(world, runs):
    run_state_machine_as_test(lambda: TurnsMachine(world), settings=thorough(runs))


def _missing(world):
    return {what for what in HAPPENED if not world.counted[what]}
