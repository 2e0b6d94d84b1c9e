"""Tables of actions: those that hold a pool, those that wait, and those that ended."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from p2ppool.reports.actions.queue import ActionReport
from p2ppool.store.models import TicketState


def action_row(report: ActionReport) -> dict[str, Any]:
    """Return everything, for programs."""
    ticket = report.ticket
    return {
        "ticket": ticket.id,
        "pool": report.pool,
        "action": ticket.action,
        "state": ticket.state.value,
        "behind": report.behind.id if report.behind else None,
        "requester": ticket.requester,
        "parameters": ticket.parameters,
        "done": ticket.done,
        "total": ticket.total,
        "message": ticket.message,
        "told_to_end": ticket.cancel,
        "preempted_by": ticket.preempted_by,
        "merged_into": ticket.merged_into,
        "retry_of": ticket.retry_of,
        "run": ticket.flow_run,
        "due_at": ticket.due_at,
        "requested_at": ticket.requested_at,
        "started_at": ticket.started_at,
        "ended_at": ticket.ended_at,
    }


def action_rows(reports: Sequence[ActionReport]) -> list[dict[str, Any]]:
    """Return rows of a table, for people."""
    return [
        {
            "ticket": report.ticket.id,
            "pool": report.pool,
            "action": report.ticket.action,
            "state": report.ticket.state.value,
            "progress": f"{report.ticket.done}/{report.ticket.total}" if report.ticket.total else None,
            "requester": report.ticket.requester,
            "since": _short(_since(report)),
            "what": describe(report),
        }
        for report in reports
    ]


def describe(report: ActionReport) -> str:
    """Describe the current state of an action."""
    ticket = report.ticket
    if ticket.state is TicketState.RUNNING:
        return f"being cancelled: {ticket.cancel}" if ticket.cancel else "holds the pool"
    if ticket.state is TicketState.WAITING:
        ahead = report.behind
        return f"behind {ahead.action} (ticket {ahead.id})" if ahead else "next in turn"
    return ticket.message


def _since(report: ActionReport) -> datetime:
    ticket = report.ticket
    return ticket.ended_at or ticket.started_at or ticket.requested_at


def _short(moment: datetime) -> str:
    today = moment.date() == datetime.now(UTC).date()
    return f"{moment:%H:%M:%S}Z" if today else f"{moment:%Y-%m-%d %H:%MZ}"
