"""Summary of one action."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html

from dashboards.components.tickets import TONES, action_path, brief, facts
from dashboards.pages.activity.bar import bar
from dashboards.pages.activity.buttons import cancel_button, retry_button
from dashboards.pages.activity.lists import pool_link, running_badge
from dashboards.pages.activity.sources import Followed
from dashboards.web.text import age, duration
from dashboards.web.untyped import labelled
from p2ppool.reports.actions.action import ActionDetail
from p2ppool.reports.actions.activity import Consequence
from p2ppool.reports.actions.tickets import TicketRecord
from p2ppool.store.models import TicketState


def crumbs(detail: ActionDetail) -> html.Nav:
    """Build the breadcrumbs of the page."""
    of_pool = f"/activity?{urlencode({'pool': detail.pool})}"
    return html.Nav(
        [
            dcc.Link("Activity", href="/activity"),
            html.Span(dcc.Link(detail.pool, href=of_pool)),
            html.Span(f"ticket {detail.ticket.id}"),
        ],
        className="crumbs",
        **labelled("Where this page is"),
    )


def shown(followed: Followed, others: Sequence[Consequence]) -> list[Any]:
    """Show state, times, progress, final message, parameters, and effects on other actions."""
    detail, ticket = followed.detail, followed.detail.ticket
    buttons = [
        cancel_button(ticket, detail.pool),
        retry_button(ticket, detail.pool) if followed.can_retry else None,
    ]
    line: list[Any] = [_badge(ticket), html.Span(["on ", pool_link(detail.pool)]), *_when(detail), *buttons]
    return [
        html.Span(_in_short(ticket), className="unseen", role="status"),
        html.Div(line, className="card-title"),
        html.P(brief(ticket.message), className="message") if ticket.message else None,
        None if ticket.state is TicketState.WAITING else bar(ticket, followed.counts),
        facts(ticket),
        _consequences(others),
    ]


def _in_short(ticket: TicketRecord) -> str:
    """Summarise for screen readers; changes rarely, not with every host."""
    tenths = f", {10 * ticket.done // ticket.total}0 %" if ticket.total and not ticket.state.ended else ""
    return f"{brief(ticket.action)}: {ticket.state.value}{tenths}"


def _badge(ticket: TicketRecord) -> html.Span:
    if ticket.state is TicketState.RUNNING:
        return running_badge(ticket)
    return html.Span(ticket.state.value, className=f"badge {TONES[ticket.state]}")


def _when(detail: ActionDetail) -> Iterator[html.Span]:
    ticket = detail.ticket
    if detail.place is not None:
        yield html.Span(_behind(detail))
    if ticket.started_at is None:
        yield html.Span(["requested ", age(ticket.requested_at)], className="quiet")
        return
    yield html.Span(["started ", age(ticket.started_at)], className="quiet")
    if ticket.ended_at:
        took = (ticket.ended_at - ticket.started_at).total_seconds()
        yield html.Span(f"took {duration(took)}", className="quiet")


def _behind(detail: ActionDetail) -> list[Any]:
    place, ahead = f"place {detail.place} in the queue, ", detail.behind
    if ahead is None:
        return [place, "next in turn"]
    return [
        place,
        f"behind {brief(ahead.action)} (",
        dcc.Link(f"ticket {ahead.id}", href=action_path(ahead.id)),
        ")",
    ]


def _consequences(others: Sequence[Consequence]) -> html.Ul | None:
    """List the actions that it preempted or merged, and its retries."""
    if not others:
        return None
    lines = [
        html.Li(
            [
                f"{one.how} ",
                dcc.Link(
                    f"{brief(one.ticket.action)} (ticket {one.ticket.id})", href=action_path(one.ticket.id)
                ),
            ]
        )
        for one in others
    ]
    return html.Ul(lines, className="ticket-facts")
