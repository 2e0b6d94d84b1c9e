"""Anything that may happen to turns, step by step in any order; after each step the rows must be right."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from p2ppool.store.models import TicketState
from tests.unit.actions.turn_model import invariants
from tests.unit.actions.turn_model.scene import Scene
from tests.unit.actions.turn_model.steps import STEPS


class TurnsMachine(RuleBasedStateMachine):
    """Random requests, processes, watchers and clocks on the pools of a `World`.

    It has one rule that chooses a step: of many rules hypothesis leaves out a good part in each example, and
    hardly any turn came about.
    """

    def __init__(self, world):
        super().__init__()
        self.scene = Scene(world)
        self.seen = world.rows()

    @rule(data=st.data())
    def step(self, data):
        things = {to: getattr(self.scene, to) for to in {each.to for each in STEPS}}
        possible = [each for each in STEPS if things[each.to] for _ in range(each.weight)]
        chosen = data.draw(st.sampled_from(possible))
        thing = data.draw(st.sampled_from(things[chosen.to]))
        chosen.happens(self.scene, thing, data.draw)
        self.scene.world.counted["steps"] += 1

    @invariant()
    def the_rows_are_right(self):
        found = self.scene.world.rows()
        invariants.check(self.seen, found, self.scene.touched)
        self.scene.world.counted.update(invariants.happened(self.seen, found))
        self.seen = found
        assert as_they_are(*found) == as_they_should_be(self.scene.model)


def as_they_are(rows, pools):
    """What the model knows of, read from the database."""
    found = {
        row.id: (
            row.state.value,
            row.fence,
            row.owner,
            row.heartbeat,
            row.done,
            row.due_at,
            row.preempted_by,
            row.merged_into,
            row.notified,
            row.state is TicketState.RUNNING and row.cancel is not None,
        )
        for row in rows.values()
    }
    return found, {row.id: (row.state.value, row.fence, row.description) for row in pools.values()}


def as_they_should_be(model):
    """The same by the model."""
    expected = {
        wish.id: (
            wish.state,
            wish.fence,
            wish.owner,
            wish.heartbeat,
            wish.done,
            wish.due,
            wish.preempted_by,
            wish.merged_into,
            wish.notified,
            wish.state == "running" and wish.told_to_end,
        )
        for wish in model.wishes.values()
    }
    return expected, {ident: (pool.state, pool.fence, pool.written) for ident, pool in model.pools.items()}
