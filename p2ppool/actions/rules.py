"""The rules of turns and of pool states: two tables in readable form.

The code, the docs and the tests read the same text; it is parsed and checked for completeness at import.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from p2ppool.actions.catalogue import Action, Rank
from p2ppool.actions.text_table import TextTable, read_table
from p2ppool.store.states import PoolState

TURNS: Final = """
    arriving | stop    | suspend  | change   | check              | read
    stop     | merges  | preempts | preempts | preempts           | preempts
    suspend  | refused | merges   | preempts | preempts           | preempts
    change   | refused | waits    | preempts | preempts           | preempts
    check    | refused | waits    | waits    | merges if it waits | waits
    read     | refused | waits    | waits    | waits              | merges if it waits
"""
"""The effect of an arriving request on an existing one, waiting or running, by rank."""

STATES: Final = """
    asked of a pool | active      | suspended    | stopped      | gone
    stop            | → stopped   | → stopped    | → stopped    | too late
    suspend         | → suspended | → suspended  | create first | too late
    change          | → active    | → active     | create first | too late
    create          | → active    | → active     | → active     | too late
    check           | unchanged   | resume first | create first | too late
    uninstall-check | stop first  | stop first   | unchanged    | too late
    read            | unchanged   | resume first | create first | too late
"""
"""The state of a pool after an action, or why it is refused: a row for each rank, and for each
single action that differs from its rank."""

REFUSALS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "resume first": "the pool is suspended: `p2ppool pool resume` brings it back",
        "create first": "the pool is stopped: `p2ppool pool create` with the same options brings it back",
        "stop first": "the pool is not stopped: run `p2ppool pool stop` first",
        "too late": "the pool is uninstalled everywhere and about to be deleted",
    }
)
"""The explanation for each reason in the table of states."""

_UNCHANGED: Final = "unchanged"
_BECOMES: Final = "→ "


class Answer(StrEnum):
    """The effect of an arriving request on an existing one."""

    PREEMPTS = "preempts"
    WAITS = "waits"
    MERGES = "merges"
    MERGES_IF_WAITING = "merges if it waits"
    REFUSED = "refused"


def parse_turns(text: str) -> Mapping[Rank, Mapping[Rank, Answer]]:
    """Parse a table of turns, by the ranks of the arriving and the existing request.

    Raises:
        ValueError: a rank is missing, or a cell is no answer.
    """
    cells = read_table(text)
    _require_all("arriving ranks", cells, Rank)
    for row in cells.values():
        _require_all("ranks that are there", row, Rank)
    return MappingProxyType(
        {
            arriving: MappingProxyType({there: Answer(cells[arriving][there]) for there in Rank})
            for arriving in Rank
        }
    )


def parse_states(text: str) -> Mapping[Action, Mapping[PoolState, str]]:
    """Parse a table of states, by action and state of the pool.

    Raises:
        ValueError: a rank or state is missing, a cell means nothing, or a row is never used.
    """
    cells = read_table(text)
    found = {action: cells.get(action) or cells.get(action.rank) or {} for action in Action}
    _require_all("rows", cells, {action if action in cells else action.rank for action in Action})
    for row in found.values():
        _require_all("states", row, PoolState)
        for cell in row.values():
            _require_meaning(cell)
    return MappingProxyType(
        {
            action: MappingProxyType({state: row[state] for state in PoolState})
            for action, row in found.items()
        }
    )


def _require_all(what: str, given: TextTable | Mapping[str, str], wanted: Iterable[str]) -> None:
    expected = {str(name) for name in wanted}
    missing, unused = sorted(expected - set(given)), sorted(set(given) - expected)
    if missing or unused:
        raise ValueError(f"{what}: {missing} missing, {unused} never used")


def _require_meaning(cell: str) -> None:
    if cell.startswith(_BECOMES):
        PoolState(cell.removeprefix(_BECOMES))
    elif cell != _UNCHANGED and cell not in REFUSALS:
        raise ValueError(f"{cell!r} is neither a state nor a reason to refuse")


_TURNS: Final = parse_turns(TURNS)
_STATES: Final = parse_states(STATES)


def answer(arriving: str, there: str) -> Answer:
    """Return what the table of turns says about these two actions."""
    return _TURNS[Action(arriving).rank][Action(there).rank]


def state_after(action: str, before: PoolState) -> PoolState:
    """Return the pool's state once `action` has its turn; unchanged if it is refused."""
    cell = _STATES[Action(action)][before]
    return PoolState(cell.removeprefix(_BECOMES)) if cell.startswith(_BECOMES) else before


def changes_pool(action: str) -> bool:
    """Tell whether the action decides the pool's state: done late, it could undo a later decision."""
    return any(cell.startswith(_BECOMES) for cell in _STATES[Action(action)].values())


def refusal(action: str, state: PoolState) -> str | None:
    """Return why the action is refused on a pool in that state; None: it is possible."""
    return REFUSALS.get(_STATES[Action(action)][state])
