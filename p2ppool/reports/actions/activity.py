"""The activity in all pools or in one: what runs and its progress, what waits, what has ended."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, Select, func, or_, select
from sqlalchemy.orm import Session

from p2ppool.fleet.host.outcome import ErrorKind
from p2ppool.reports.actions.action import HostPhase
from p2ppool.reports.actions.tickets import TicketRecord
from p2ppool.store.models import ACTIVE, QUEUE_ORDER, HostResult, Pool, Ticket, TicketState
from p2ppool.store.unit_of_work import reading

_COUNTED: Final = (HostPhase.DONE, HostPhase.FAILED, HostPhase.CUT_OFF)


@dataclass(frozen=True, kw_only=True)
class Active:
    """A ticket that runs or waits.

    Attributes:
        place: position in its pool's queue, from 1; 0 while it runs.
        behind: the ticket right before it in the queue.
        hosts: numbers of hosts with a result, by phase.
    """

    pool: str
    ticket: TicketRecord
    place: int
    behind: TicketRecord | None
    hosts: dict[HostPhase, int]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A ticket that has ended."""

    pool: str
    ticket: TicketRecord


@dataclass(frozen=True, kw_only=True)
class EndedPage:
    """One page of ended tickets, the latest first.

    Attributes:
        older: ticket number before which there are more; None on the last page.
        newer: ticket number before which the next newer page lies; None on the newest page.
    """

    tickets: tuple[Ended, ...]
    older: int | None
    newer: int | None


def active(engine: Engine, pool_name: str | None, limit: int) -> list[Active]:
    """List what runs, then what waits, each by pool in the order of the turns; at most `limit` in total."""
    with reading(engine) as work:
        rows = list(work.session.execute(_active(pool_name, limit)))
        counts = _counts(
            work.session, [row.Ticket.id for row in rows if row.Ticket.state is TicketState.RUNNING]
        )
    found = list(_queued([(TicketRecord.of(ticket), pool) for ticket, pool in rows], counts))
    return sorted(found, key=lambda one: one.place > 0)


def ended(engine: Engine, pool_name: str | None, limit: int, before: int | None = None) -> EndedPage:
    """List at most `limit` ended tickets, the latest first; only those with a number below `before`."""
    with reading(engine) as work:
        query = _ended(pool_name).order_by(Ticket.id.desc()).limit(limit + 1)
        older = query if before is None else query.where(Ticket.id < before)
        rows = list(work.session.execute(older))
        newer = None if before is None else _newer(work.session, pool_name, limit, before)
    shown = tuple(Ended(pool=pool, ticket=TicketRecord.of(ticket)) for ticket, pool in rows[:limit])
    return EndedPage(tickets=shown, older=shown[-1].ticket.id if len(rows) > limit else None, newer=newer)


@dataclass(frozen=True, kw_only=True)
class Consequence:
    """The effect of a ticket on another: `how` is "preempted", "took in" (merged) or "retried by"."""

    how: str
    ticket: TicketRecord


def consequences(engine: Engine, ticket_id: int, limit: int = 20) -> list[Consequence]:
    """List the tickets of the same pool that refer to this one, the earliest first."""
    with reading(engine) as work:
        pool_id = select(Ticket.pool_id).where(Ticket.id == ticket_id).scalar_subquery()
        names_it = or_(
            Ticket.preempted_by == ticket_id, Ticket.merged_into == ticket_id, Ticket.retry_of == ticket_id
        )
        query = select(Ticket).where(Ticket.pool_id == pool_id, names_it).order_by(Ticket.id).limit(limit)
        rows = [TicketRecord.of(row) for row in work.session.scalars(query)]
    return [Consequence(how=_how(row, ticket_id), ticket=row) for row in rows]


def _how(other: TicketRecord, ticket_id: int) -> str:
    if other.preempted_by == ticket_id:
        return "preempted"
    return "took in" if other.merged_into == ticket_id else "retried by"


def _queued(
    tickets: Iterable[tuple[TicketRecord, str]], counts: Mapping[int, dict[HostPhase, int]]
) -> Iterator[Active]:
    """Add the place to tickets that arrive pool by pool in the order of the turns."""
    before: dict[str, TicketRecord] = {}
    waiting = Counter[str]()
    for ticket, pool in tickets:
        waits = ticket.state is TicketState.WAITING
        waiting[pool] += waits
        yield Active(
            pool=pool,
            ticket=ticket,
            place=waiting[pool] if waits else 0,
            behind=before.get(pool),
            hosts=counts.get(ticket.id, {}),
        )
        before[pool] = ticket


def _active(pool_name: str | None, limit: int) -> Select[Ticket, str]:
    query = select(Ticket, Pool.name).join(Pool).where(Ticket.state.in_(ACTIVE))
    if pool_name is not None:
        query = query.where(Pool.name == pool_name)
    return query.order_by(Pool.name, *QUEUE_ORDER).limit(limit)


def _ended(pool_name: str | None) -> Select[Ticket, str]:
    query = select(Ticket, Pool.name).join(Pool).where(Ticket.state.not_in(ACTIVE))
    return query if pool_name is None else query.where(Pool.name == pool_name)


def _newer(session: Session, pool_name: str | None, limit: int, before: int) -> int | None:
    """Return the number before which lie the `limit` tickets that came right after this page."""
    query = _ended(pool_name).with_only_columns(Ticket.id).where(Ticket.id >= before).order_by(Ticket.id)
    following = list(session.scalars(query.limit(limit)))
    return following[-1] + 1 if following else None


def _counts(session: Session, ticket_ids: Collection[int]) -> dict[int, dict[HostPhase, int]]:
    """Count the results of each ticket by phase."""
    query = (
        select(HostResult.ticket_id, HostResult.error, func.count())
        .where(HostResult.ticket_id.in_(ticket_ids))
        .group_by(HostResult.ticket_id, HostResult.error)
    )
    found: dict[int, dict[HostPhase, int]] = {}
    for ticket_id, error, count in session.execute(query):
        counts = found.setdefault(ticket_id, dict.fromkeys(_COUNTED, 0))
        counts[_phase_of(error)] += count
    return found


def _phase_of(error: str | None) -> HostPhase:
    if error is None:
        return HostPhase.DONE
    return HostPhase.CUT_OFF if error == ErrorKind.CANCELLED else HostPhase.FAILED
