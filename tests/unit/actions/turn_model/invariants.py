"""What must hold of the rows after every step, whatever it was and whatever the rules say."""

from collections import Counter

from p2ppool.store.models import PoolState, TicketState
from tests.unit.actions.turn_model.model import preempts


def check(before, after, touched):
    """`before` and `after` the step are (tickets, pools) by id; `touched` are the pools it was about."""
    olds, news = before[0], after[0]
    changed = [row for ident, row in news.items() if olds.get(ident) != row]
    _others_are_left_alone(before, after, changed, touched)
    _nothing_is_lost(olds, news)
    _one_turn_at_a_time(news)
    _fences_are_unique(*after)
    for row in changed:
        old = olds.get(row.id)
        _what_has_ended_stays(old, row)
        _names_its_preempter(row, news)
        if row.state.ended and (old is None or not old.state.ended):
            _ends_with_a_reason(row, news)
        if row.state is TicketState.RUNNING and old.state is TicketState.WAITING:
            _may_start(row, before, after)


def happened(before, after):
    """The states that tickets have come to, counted."""
    olds, news = before[0], after[0]
    return Counter(
        _said(row) for ident, row in news.items() if ident not in olds or olds[ident].state != row.state
    )


def _said(row):
    if row.state is TicketState.CANCELLED and row.preempted_by:
        return "superseded" if "came first" in row.message else "preempted"
    return row.state.value


def _others_are_left_alone(before, after, changed, touched):
    assert {row.pool_id for row in changed} <= touched
    assert {ident for ident, pool in after[1].items() if before[1][ident] != pool} <= touched


def _nothing_is_lost(olds, news):
    assert olds.keys() <= news.keys()


def _one_turn_at_a_time(tickets):
    running = Counter(row.pool_id for row in tickets.values() if row.state is TicketState.RUNNING)
    assert not [pool for pool, count in running.items() if count > 1]


def _fences_are_unique(tickets, pools):
    fences = Counter((row.pool_id, row.fence) for row in tickets.values() if row.fence is not None)
    assert not [turn for turn, count in fences.items() if count > 1]
    assert all(fence <= pools[pool].fence for pool, fence in fences)


def _what_has_ended_stays(old, row):
    if old is not None and old.state.ended:
        assert tuple(old)[:-1] == tuple(row)[:-1]  # all but `notified`


def _names_its_preempter(row, tickets):
    if row.preempted_by is not None:
        by = tickets[row.preempted_by]
        assert by.pool_id == row.pool_id
        assert preempts(by.action, row.action)


def _ends_with_a_reason(row, tickets):
    """It says why, and one that merges names a ticket that is still to do what it asks for."""
    assert row.message
    assert row.ended_at is not None
    if row.state is TicketState.MERGED:
        into = tickets[row.merged_into]
        assert (into.pool_id, into.action) == (row.pool_id, row.action)
        assert not into.state.ended


def _may_start(row, before, after):
    """Its turn had come: all before it in the queue had really ended, and its fence is the highest ever."""
    olds, pools = before
    same = [old for old in olds.values() if old.pool_id == row.pool_id]
    assert not [old for old in same if old.state is TicketState.RUNNING]
    waiting = [(old.due_at, old.id) for old in same if old.state is TicketState.WAITING]
    assert (row.due_at, row.id) == min(waiting)
    assert row.fence > max([0, *(old.fence for old in same if old.fence is not None)])
    assert row.fence == after[1][row.pool_id].fence == pools[row.pool_id].fence + 1
    assert pools[row.pool_id].state is not PoolState.STOPPED or row.action in {"stop", "create"}
