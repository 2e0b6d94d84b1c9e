"""Runs that the dispatcher has accepted: kept in our database until Prefect knows how they ended.

So a run goes on although everything died while it was starting, and acts although Prefect does not answer.
"""

import json
from typing import Any

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from p2ppool.actions.processes import is_gone
from p2ppool.prefect_client.client import DueRun
from p2ppool.store.models import AcceptedRun, TicketState
from p2ppool.store.unit_of_work import UnitOfWork


def accept(session: Session, run: DueRun) -> None:
    """Keep a run, before it gets a ticket; one that is kept already stays as it is. The caller commits."""
    if session.get(AcceptedRun, run.id) is None:
        session.add(
            AcceptedRun(
                flow_run=run.id,
                action=run.action,
                parameters=json.dumps(dict(run.parameters)),
                requester=run.requester,
                due_at=run.due,
            )
        )


def find(session: Session, flow_run: str) -> AcceptedRun | None:
    """Return the accepted run with this id; None if it was not accepted here, or has ended."""
    return session.get(AcceptedRun, flow_run)


def without_ticket(session: Session) -> list[AcceptedRun]:
    """List the accepted runs that have no ticket yet, or never get one, in the order of their requests.

    One whose ticket is deleted with its pool goes with it.
    """
    query = select(AcceptedRun).where(AcceptedRun.ticket_id.is_(None)).order_by(AcceptedRun.due_at)
    return list(session.scalars(query))


def parameters_of(run: AcceptedRun) -> dict[str, Any]:
    """Return the parameters as Prefect had them."""
    found: dict[str, Any] = json.loads(run.parameters)
    return found


def claim(engine: Engine, flow_run: str, process: str) -> bool:
    """Make `process` the one that acts for the run; False if another living process does.

    A run that was not accepted here belongs to whoever started the process.
    """
    with UnitOfWork(engine) as work:
        run = work.session.get(AcceptedRun, flow_run, with_for_update=True)
        if run is None or run.process == process:
            return True
        if run.process is not None and not is_gone(run.process):
            return False
        run.process = process
        work.commit()
        return True


def end(engine: Engine, flow_run: str, state: TicketState, message: str) -> None:
    """Note how a run without a ticket ended, unless that is noted already."""
    with UnitOfWork(engine) as work:
        run = work.session.get(AcceptedRun, flow_run, with_for_update=True)
        if run is not None and run.ended_as is None:
            run.ended_as, run.ending = state.value, message
            work.commit()


def forget(session: Session, flow_run: str) -> None:
    """Remove a run whose ending Prefect knows; the caller commits."""
    session.execute(delete(AcceptedRun).where(AcceptedRun.flow_run == flow_run))
