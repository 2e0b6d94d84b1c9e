"""actions: one row for each request."""

from typing import Any, Final

from sqlalchemy import Select, literal, select

from p2ppool.exports.tables.columns import Column, Table, Type
from p2ppool.store.models import Pool, Ticket


def _rows(pool: int) -> Select[Any]:
    return select(Ticket.id).join(Pool, Pool.id == Ticket.pool_id).where(Ticket.pool_id == pool)


def _parents(pool: int) -> Select[int, int]:
    return select(Ticket.id, literal(1)).where(Ticket.pool_id == pool)


ACTIONS: Final = Table(
    meaning="One row for each request of an action, by the time of the request.",
    columns=(
        Column("ticket", Ticket.id, Type.INTEGER, "number of the request"),
        Column("pool", Pool.name, Type.TEXT, "name of the pool"),
        Column("action", Ticket.action, Type.TEXT, "the requested action"),
        Column(
            "state",
            Ticket.state,
            Type.TEXT,
            "waiting, running, done, partial, failed, cancelled, crashed, merged or refused",
        ),
        Column("requester", Ticket.requester, Type.TEXT, "who requested it"),
        Column("requested_utc", Ticket.requested_at, Type.TIME, "when it was requested"),
        Column("due_utc", Ticket.due_at, Type.TIME, "when it was due"),
        Column("started_utc", Ticket.started_at, Type.TIME, "when its turn began"),
        Column("ended_utc", Ticket.ended_at, Type.TIME, "when it ended"),
        Column("done", Ticket.done, Type.INTEGER, "hosts or nodes that are done"),
        Column("total", Ticket.total, Type.INTEGER, "hosts or nodes in total"),
        Column("message", Ticket.message, Type.TEXT, "how it ended, in one line"),
        Column("cancel", Ticket.cancel, Type.TEXT, "why it was asked to stop"),
        Column("preempted_by", Ticket.preempted_by, Type.INTEGER, "number of the request that preempted it"),
        Column("merged_into", Ticket.merged_into, Type.INTEGER, "number of the request that replaced it"),
        Column("retry_of", Ticket.retry_of, Type.INTEGER, "number of the request that it retries"),
        Column("flow_run", Ticket.flow_run, Type.TEXT, "id of the run in Prefect"),
    ),
    moment=Ticket.requested_at,
    parent=Ticket.id,
    order=(),
    rows=_rows,
    parents=_parents,
)
