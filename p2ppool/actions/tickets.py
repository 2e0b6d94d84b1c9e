"""A ticket is one request of one action on one pool: who asked, how far it is, how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from p2ppool.store.models import Pool, Ticket, TicketState
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Request:
    """What is asked: `parameters` hold names, never a secret; `flow_run` is the id of the Prefect run."""

    action: str
    requester: str
    parameters: Mapping[str, Any]
    flow_run: str | None = None


def begin(session: Session, pool: Pool, request: Request) -> Ticket:
    """A running ticket for `request` on `pool`; the caller commits."""
    ticket = Ticket(
        pool=pool,
        action=request.action,
        state=TicketState.RUNNING,
        requester=request.requester,
        parameters=dict(request.parameters),
        flow_run=request.flow_run,
        started_at=now(),
    )
    session.add(ticket)
    session.flush()
    return ticket


def progress(engine: Engine, ticket_id: int, done: int, total: int) -> None:
    """Say how far the ticket's action is: `done` of `total` hosts or nodes."""
    _change(engine, ticket_id, done=done, total=total)


def end(engine: Engine, ticket_id: int, state: TicketState, message: str) -> None:
    """End the ticket in `state`; one that has ended already stays as it is."""
    _change(engine, ticket_id, state=state, message=message, ended_at=now())


def by_flow_run(session: Session, flow_run: str) -> Ticket | None:
    """The ticket of a Prefect run; None before the run has asked for one."""
    return session.scalars(select(Ticket).where(Ticket.flow_run == flow_run)).one_or_none()


def _change(engine: Engine, ticket_id: int, **values: Any) -> None:
    with UnitOfWork(engine) as work:
        work.session.execute(
            update(Ticket).where(Ticket.id == ticket_id, Ticket.ended_at.is_(None)).values(**values)
        )
        work.commit()
