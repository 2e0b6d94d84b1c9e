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
    meaning="One row for each request of an action; when it was asked for counts.",
    columns=(
        Column("ticket", Ticket.id, Type.INTEGER, "number of the request"),
        Column("pool", Pool.name, Type.TEXT, "name of the pool"),
        Column("action", Ticket.action, Type.TEXT, "what was asked for"),
        Column(
            "state",
            Ticket.state,
            Type.TEXT,
            "waiting, running, done, partial, failed, cancelled, crashed, merged or refused",
        ),
        Column("requester", Ticket.requester, Type.TEXT, "who asked"),
        Column("requested_utc", Ticket.requested_at, Type.TIME, "when it was asked for"),
        Column("due_utc", Ticket.due_at, Type.TIME, "when it was to happen"),
        Column("started_utc", Ticket.started_at, Type.TIME, "when its turn began"),
        Column("ended_utc", Ticket.ended_at, Type.TIME, "when it ended"),
        Column("done", Ticket.done, Type.INTEGER, "hosts or nodes that were done"),
        Column("total", Ticket.total, Type.INTEGER, "hosts or nodes there were to do"),
        Column("message", Ticket.message, Type.TEXT, "how it ended, in one line"),
        Column("cancel", Ticket.cancel, Type.TEXT, "why it was told to end"),
        Column("preempted_by", Ticket.preempted_by, Type.INTEGER, "number of the request that told it to"),
        Column("merged_into", Ticket.merged_into, Type.INTEGER, "number of the request that did it instead"),
        Column("retry_of", Ticket.retry_of, Type.INTEGER, "number of the request that it tries again"),
        Column("flow_run", Ticket.flow_run, Type.TEXT, "id of the run in Prefect"),
    ),
    moment=Ticket.requested_at,
    parent=Ticket.id,
    order=(),
    rows=_rows,
    parents=_parents,
)
