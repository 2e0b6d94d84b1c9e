"""One action, host by host, while it runs and afterwards."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Engine, select
from sqlalchemy.orm import Session

from p2ppool.actions.catalogue import Action
from p2ppool.fleet.host.outcome import EXPLANATIONS, ErrorKind
from p2ppool.records.repairs import REPAIRED, repaired_on_host
from p2ppool.reports.actions.retries import done_by
from p2ppool.reports.actions.tickets import TicketRecord, active_tickets
from p2ppool.store.models import Host, HostResult, HostsInProgress, HostState, Pool, Ticket, TicketState
from p2ppool.store.unit_of_work import reading


class HostPhase(StrEnum):
    """The progress of an action on one host."""

    FAILED = "failed"
    CUT_OFF = "cut off"
    WORKING = "working"
    NOT_STARTED = "not started"
    DONE = "done"


@dataclass(frozen=True, kw_only=True, slots=True)
class HostProgress:
    """The progress of the action on one host.

    Attributes:
        error: kind of error; empty if there is none.
        message: text from the host or the manager; hostile text of any length.
        seconds: the duration; None while it is not over.
        at: when it ended, or since when it is being worked on; None before that.
    """

    id: int
    host: str
    phase: HostPhase
    error: str = ""
    step: str = ""
    message: str = ""
    seconds: float | None = None
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ActionDetail:
    """A ticket with its pool and its hosts.

    Attributes:
        place: position in the queue, from 1; None if it is not waiting.
        behind: the ticket right before it in the queue.
        hosts: in the order in which they were added; empty for an action that works on no hosts.
    """

    pool: str
    ticket: TicketRecord
    place: int | None
    behind: TicketRecord | None
    hosts: tuple[HostProgress, ...]


@dataclass(frozen=True, kw_only=True)
class ErrorGroup:
    """Hosts with the same kind of error: what is wrong, how to fix it, and the first of the hosts."""

    kind: str
    count: int
    what: str
    remedy: str
    first: tuple[str, ...]


_HOSTLESS: Final = frozenset({Action.CRAWL})
_NAMED: Final = 3  # hosts that a group lists by name
_UNINSTALLING: Final = frozenset({Action.STOP, Action.UNINSTALL_CHECK})
_RUNNING: Final = (HostState.MEMBER, HostState.JOINING, HostState.LEAVING)


def action_detail(engine: Engine, ticket_id: int) -> ActionDetail | None:
    """Return the current state of the action with that ticket; None if there is no such ticket."""
    with reading(engine) as work:
        row = work.session.get(Ticket, ticket_id)
        if row is None:
            return None
        place, behind = _place(work.session, row)
        return ActionDetail(
            pool=work.session.scalars(select(Pool.name).where(Pool.id == row.pool_id)).one(),
            ticket=TicketRecord.of(row),
            place=place,
            behind=behind,
            hosts=tuple(_hosts(work.session, row)),
        )


def action_and_pool(engine: Engine, ticket_id: int) -> tuple[str, str] | None:
    """Return the ticket's action and the name of its pool; None if there is no such ticket."""
    query = select(Ticket.action, Pool.name).join(Pool, Pool.id == Ticket.pool_id)
    with reading(engine) as work:
        found = work.session.execute(query.where(Ticket.id == ticket_id)).one_or_none()
    return None if found is None else (found[0], found[1])


def pool_of_ticket(engine: Engine, ticket_id: int) -> str | None:
    """Return the name of the ticket's pool; None if there is no such ticket."""
    with reading(engine) as work:
        return work.session.scalar(select(Pool.name).join(Ticket).where(Ticket.id == ticket_id))


def error_groups(hosts: Iterable[HostProgress]) -> list[ErrorGroup]:
    """Group the hosts with an error by its kind, the most frequent first; hosts never started have none."""
    named: dict[str, list[str]] = defaultdict(list)
    for host in hosts:
        if host.phase in {HostPhase.FAILED, HostPhase.CUT_OFF}:
            named[host.error].append(host.host)
    counted = Counter({kind: len(names) for kind, names in named.items()})
    return [_group(kind, named[kind]) for kind, _ in counted.most_common()]


def _group(kind: str, names: list[str]) -> ErrorGroup:
    known = kind in set(ErrorKind)
    what, remedy = EXPLANATIONS[ErrorKind(kind)] if known else (kind.replace("_", " "), "")
    return ErrorGroup(kind=kind, count=len(names), what=what, remedy=remedy, first=tuple(names[:_NAMED]))


def _place(session: Session, ticket: Ticket) -> tuple[int | None, TicketRecord | None]:
    if ticket.state is not TicketState.WAITING:
        return None, None
    queue = active_tickets(session, ticket.pool_id)
    at = [other.id for other in queue].index(ticket.id)
    runs = sum(other.state is TicketState.RUNNING for other in queue)
    return at + 1 - runs, queue[at - 1] if at else None


def _hosts(session: Session, ticket: Ticket) -> list[HostProgress]:
    """Return the hosts with a result and, while the action runs, those that have none yet."""
    found = _with_results(session, ticket.id)
    if ticket.state is TicketState.RUNNING and ticket.action not in _HOSTLESS:
        for host in _to_come(session, ticket):
            found.setdefault(host.id, host)
    return [found[key] for key in sorted(found)]


def _with_results(session: Session, ticket_id: int) -> dict[int, HostProgress]:
    query = (
        select(
            Host.id,
            Host.name,
            HostResult.error,
            HostResult.step,
            HostResult.message,
            repaired_on_host(),
            HostResult.seconds,
            HostResult.ended_at,
        )
        .join(HostResult, HostResult.host_id == Host.id)
        .where(HostResult.ticket_id == ticket_id)
    )
    return {row.id: _ended(row) for row in session.execute(query)}


def _ended(row: Any) -> HostProgress:
    repaired = f"{REPAIRED}: {row.repaired}" if row.repaired else ""
    return HostProgress(
        id=row.id,
        host=row.name,
        phase=_phase_of(row.error, row.step),
        error=row.error or "",
        step=row.step,
        message=row.message or repaired,
        seconds=row.seconds,
        at=row.ended_at,
    )


def _phase_of(error: str | None, step: str) -> HostPhase:
    if error is None:
        return HostPhase.DONE
    if error != ErrorKind.CANCELLED:
        return HostPhase.FAILED
    return HostPhase.CUT_OFF if step else HostPhase.NOT_STARTED


def _to_come(session: Session, ticket: Ticket) -> list[HostProgress]:
    """Return all hosts of the action, as if none had a result yet."""
    in_progress = _in_progress(session, ticket.id)
    before = session.get(Ticket, ticket.retry_of) if ticket.retry_of else None
    skipped = done_by(session, before) if before else set()
    query = select(Host.id, Host.name).where(Host.pool_id == ticket.pool_id, _taking_part(ticket.action))
    return [
        _not_ended(row.id, row.name, in_progress) for row in session.execute(query) if row.id not in skipped
    ]


def _taking_part(action: str) -> ColumnElement[bool]:
    if action in _UNINSTALLING:
        members = Host.state == HostState.MEMBER if action == Action.STOP else Host.touched
        return (members | Host.touched) & (Host.state != HostState.JUMP)
    return Host.state.in_(_RUNNING) if action == Action.UPGRADE else Host.state == HostState.MEMBER


def _not_ended(key: int, name: str, in_progress: Mapping[str, Any]) -> HostProgress:
    step, since = in_progress.get(str(key), (None, None))
    if step is None:
        return HostProgress(id=key, host=name, phase=HostPhase.NOT_STARTED)
    begun = datetime.fromisoformat(since)
    return HostProgress(id=key, host=name, phase=HostPhase.WORKING, step=step or "connect", at=begun)


def _in_progress(session: Session, ticket_id: int) -> Mapping[str, Any]:
    return session.scalar(select(HostsInProgress.hosts).where(HostsInProgress.ticket_id == ticket_id)) or {}
