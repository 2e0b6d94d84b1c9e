"""The lists of running, waiting and ended actions."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html

from dashboards.components.tickets import action_path, brief, ended_item, facts
from dashboards.frame.navigation import pool_path
from dashboards.pages.activity.bar import bar
from dashboards.pages.activity.buttons import cancel_button
from dashboards.pages.activity.sources import PageOf
from dashboards.web.text import age
from dashboards.web.untyped import labelled
from p2ppool.reports.actions.activity import Active, EndedPage
from p2ppool.reports.actions.tickets import TicketRecord


def running_list(found: Sequence[Active], *, one_pool: bool) -> html.Ol | html.P:
    """Build a card for each action that holds its pool."""
    if not found:
        return html.P("Nothing is running.", className="quiet")
    return html.Ol([_running(one, one_pool=one_pool) for one in found], className="running")


def waiting_list(found: Sequence[Active], *, one_pool: bool) -> html.Ol | html.P:
    """List the queue pool by pool, in the order of the turns."""
    if not found:
        return html.P("Nothing is waiting.", className="quiet")
    return html.Ol([_waiting(one, one_pool=one_pool) for one in found], className="queue waiting")


def ended_list(page: EndedPage, which: PageOf) -> html.Div | html.P:
    """List ended actions, with links to older and newer ones."""
    if not page.tickets:
        return html.P(
            "Nothing has ended yet." if which.before is None else "There is nothing older.", className="quiet"
        )
    items = [ended_item(one.ticket, None if which.pool else pool_link(one.pool)) for one in page.tickets]
    return html.Div(
        [html.Ol(items, className="history" if which.pool else "history pools"), _page_links(page, which)]
    )


def running_badge(ticket: TicketRecord) -> html.Span:
    """Show whether it is running or being cancelled."""
    if ticket.cancel is None:
        return html.Span("running", className="badge busy")
    return html.Span(f"being cancelled: {brief(ticket.cancel)}", className="badge watch")


def pool_link(name: str) -> dcc.Link:
    """Build the link to the pool's page."""
    return dcc.Link(name, href=pool_path(name), className="pool")


def _running(one: Active, *, one_pool: bool) -> html.Li:
    ticket = one.ticket
    title: list[Any] = [
        html.H3(dcc.Link(brief(ticket.action), href=action_path(ticket.id))),
        None if one_pool else html.Span(["on ", pool_link(one.pool)]),
        running_badge(ticket),
        html.Span(["started ", age(ticket.started_at or ticket.requested_at)], className="quiet"),
        cancel_button(ticket, one.pool),
    ]
    return html.Li([html.Div(title, className="card-title"), bar(ticket, one.hosts), facts(ticket)])


def _waiting(one: Active, *, one_pool: bool) -> html.Li:
    ticket, ahead = one.ticket, one.behind
    behind: list[Any] = ["next in turn"]
    if ahead:
        behind = [
            f"behind {brief(ahead.action)} (",
            dcc.Link(f"ticket {ahead.id}", href=action_path(ahead.id)),
            ")",
        ]
    requested = html.Span(["requested ", age(ticket.requested_at)])
    return html.Li(
        [
            html.Span(one.place, className="place", title="place in the queue"),
            html.B(brief(ticket.action)),
            html.Span(behind if one_pool else ["on ", pool_link(one.pool), " ", *behind], className="behind"),
            facts(ticket),
            html.Span([requested, cancel_button(ticket, one.pool)], className="quiet when"),
        ]
    )


def _page_links(page: EndedPage, which: PageOf) -> html.Nav:
    """Build the links between pages; links keep the browser's back button and bookmarks working."""
    links = [
        dcc.Link("Latest", href=_address(which.pool, None)) if which.before else None,
        dcc.Link("Newer", href=_address(which.pool, page.newer)) if page.newer else None,
        dcc.Link("Older", href=_address(which.pool, page.older)) if page.older else None,
    ]
    return html.Nav([link for link in links if link], className="ways", **labelled("Pages of what has ended"))


def _address(pool: str | None, before: int | None) -> str:
    query = {name: value for name, value in (("pool", pool), ("before", before)) if value is not None}
    return f"/activity?{urlencode(query)}" if query else "/activity"
