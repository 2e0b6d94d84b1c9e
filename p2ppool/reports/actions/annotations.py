"""The actions on a pool, as annotations on a time axis."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Self

from sqlalchemy import ColumnElement, Engine, or_, select

from p2ppool.records.repairs import has_repaired
from p2ppool.reports.period import Period
from p2ppool.store.models import Pool, Ticket, TicketState
from p2ppool.store.unit_of_work import reading

MOST_ANNOTATIONS: Final = 5000
"""The largest number of annotations that are read at once, the latest ones."""


class AnnotationKind(StrEnum):
    """Actions worth an annotation, by their meaning for the pool."""

    INSTALL = "install"
    UPGRADE = "upgrade"
    SUSPEND = "suspend"
    RESUME = "resume"
    STOP = "stop"
    CHECK = "check"  # one that repaired something, or did not end well


_KINDS: Final[Mapping[str, AnnotationKind]] = MappingProxyType(
    {"create": AnnotationKind.INSTALL, "uninstall-check": AnnotationKind.STOP}
    | {kind.value: kind for kind in AnnotationKind}
)
_CHECKS: Final = ("check", "uninstall-check")


@dataclass(frozen=True, kw_only=True)
class Annotation:
    """One action: when it began and ended (None while it runs), who requested it, and how it went."""

    ticket: int
    at: datetime
    ended_at: datetime | None
    kind: AnnotationKind
    action: str
    state: TicketState
    requester: str
    message: str

    @classmethod
    def of(cls, row: Ticket) -> Self:
        """Build the annotation of a ticket that has begun."""
        assert row.started_at is not None  # noqa: S101 - the query ensures it
        return cls(
            ticket=row.id,
            at=row.started_at,
            ended_at=row.ended_at,
            kind=_KINDS[row.action],
            action=row.action,
            state=row.state,
            requester=row.requester,
            message=row.message,
        )


def annotations(
    engine: Engine, pool_name: str, period: Period, kinds: Collection[AnnotationKind] = tuple(AnnotationKind)
) -> list[Annotation]:
    """List the actions of these kinds that began in the period, by time; at most `MOST_ANNOTATIONS`."""
    query = (
        select(Ticket)
        .join(Pool, Pool.id == Ticket.pool_id)
        .where(Pool.name == pool_name, *_begun_in(period), _is_worth_one(kinds))
        .order_by(Ticket.started_at.desc(), Ticket.id.desc())
        .limit(MOST_ANNOTATIONS)
    )
    with reading(engine) as work:
        return [Annotation.of(row) for row in work.session.scalars(query)][::-1]


def _begun_in(period: Period) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Ticket.started_at.is_not(None)]
    if period.start is not None:
        conditions.append(Ticket.started_at >= period.start)
    if period.end is not None:
        conditions.append(Ticket.started_at < period.end)
    return conditions


def _is_worth_one(kinds: Collection[AnnotationKind]) -> ColumnElement[bool]:
    """Exclude scheduled checks that find everything in order: they run hourly and would drown the others."""
    actions = [action for action, kind in _KINDS.items() if kind in kinds]
    in_order = Ticket.state.in_([TicketState.DONE, TicketState.RUNNING])
    worth = or_(Ticket.action.not_in(_CHECKS), ~in_order, has_repaired())
    return Ticket.action.in_(actions) & worth
