"""The catalogue and the rules as tables of the documentation; `scripts/document` puts them into docs/."""

from collections.abc import Iterable, Sequence

from p2ppool.actions import rules
from p2ppool.actions.catalogue import Action, Rank, actions_of
from p2ppool.store.states import PoolState


def turns_table() -> str:
    """Build the table of turns: what an arriving request does about an existing one."""
    rows = [
        [_names(arriving), *(rules.answer(actions_of(arriving)[0], actions_of(there)[0]) for there in Rank)]
        for arriving in Rank
    ]
    return _table(["arriving ↓ \\ there →", *map(_names, Rank)], rows)


def states_table() -> str:
    """Build the table of states: the effect of each action on a pool, by its state; empty: refused."""
    rows = [[f"*{action}*", *(_effect(action, state) for state in PoolState)] for action in Action]
    return _table(["action ↓ \\ pool is →", *PoolState], rows)


def actions_table() -> str:
    """Build the table of actions: what each does, and which one retries the hosts it left behind."""
    rows = [[f"*{action}*", action.row.summary, action.row.retried_as or ""] for action in Action]
    return _table(["action", "what it does", "retried as"], rows)


def _names(rank: Rank) -> str:
    return ", ".join(action.replace("-", " ") for action in actions_of(rank))


def _effect(action: Action, state: PoolState) -> str:
    after = rules.state_after(action, state)
    return "" if rules.refusal(action, state) else "runs" if after is state else f"becomes {after}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
