"""The admission of requests, by the rules and by what else is requested of the pool. No database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from p2ppool.actions import rules
from p2ppool.actions.rules import Answer


@dataclass(frozen=True, kw_only=True)
class QueueEntry:
    """A request as the rules take it.

    Attributes:
        due: when it was due.
        running: it has its turn; else it waits or has ended.
        ending: it was asked to stop, or has ended: nothing can merge into it any more.
        ended: nothing of it is left to wait for.
    """

    id: int
    action: str
    parameters: Mapping[str, Any]
    due: datetime
    running: bool = False
    ending: bool = False
    ended: bool = False


class Admission(StrEnum):
    """The ways in which a request can be received."""

    WAITS = "waits"
    MERGES = "merges"
    REFUSED = "refused"
    SUPERSEDED = "superseded"


@dataclass(frozen=True)
class Decision:
    """The admission of a request, the request that decided it, and the requests it preempts."""

    admission: Admission
    by: int | None = None
    preempts: tuple[int, ...] = ()


def decide(new: QueueEntry, others: Sequence[QueueEntry], moment: datetime) -> Decision:
    """Decide how to receive `new` at this moment.

    The outcome is as if everybody had asked when they were due: a request that arrives late, because its
    process started slowly, yields to a request due after it that would have preempted it.
    """
    if superseding := next((other for other in others if _supersedes(other, new, moment)), None):
        return Decision(Admission.SUPERSEDED, superseding.id)
    there = [(other.id, _answer(new, other)) for other in others if not other.ended]
    by_answer = {answer: [ident for ident, given in there if given is answer] for answer in Answer}
    if refusing := by_answer[Answer.REFUSED]:
        return Decision(Admission.REFUSED, refusing[0])
    preempted = tuple(by_answer[Answer.PREEMPTS])
    if same := by_answer[Answer.MERGES]:  # requests in between are preempted all the same
        return Decision(Admission.MERGES, same[0], preempted)
    return Decision(Admission.WAITS, preempts=preempted)


def place(due: datetime, waiting: Iterable[datetime], moment: datetime) -> datetime:
    """Return the due time to queue under: never before one that is due in the future.

    Requests are never made ahead of time, so such a one was made before the clock was set back.
    """
    return max([due, *(other for other in waiting if other > moment)])


def _supersedes(other: QueueEntry, new: QueueEntry, moment: datetime) -> bool:
    """Tell whether `other` was due later than `new` and would have preempted it.

    One that has ended counts only if `new` would undo its decision about the pool. A due time in the future
    is ignored: the clock was set back.
    """
    if not new.due < other.due <= moment or (other.ending and not other.ended):
        return False
    if other.ended and not rules.changes_pool(new.action):
        return False
    return rules.answer(other.action, new.action) is Answer.PREEMPTS


def _answer(new: QueueEntry, other: QueueEntry) -> Answer:
    """Return REFUSED, MERGES, PREEMPTS or WAITS."""
    given = rules.answer(new.action, other.action)
    if other.ending:  # whatever the rules say, it is about to end
        return Answer.WAITS
    alike = (new.action, new.parameters) == (other.action, other.parameters)
    match given:
        case Answer.MERGES:
            return Answer.MERGES if alike else Answer.WAITS
        case Answer.MERGES_IF_WAITING:
            return Answer.MERGES if alike and not other.running else Answer.WAITS
    return given
