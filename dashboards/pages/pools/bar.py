"""The buttons of a card: some visible, the others in a menu."""

from typing import Any, Final

from dash import html

from dashboards.components.actions.confirm import action_button, retry_button
from dashboards.components.actions.offers import may_upgrade, offered
from dashboards.frame.navigation import pool_path
from dashboards.web.untyped import labelled
from p2ppool.actions.catalogue import Action
from p2ppool.reports.pools.cards import PoolCard

_SHOW: Final = frozenset({Action.CRAWL, Action.CHECK, Action.RESUME, Action.UNINSTALL_CHECK})


def bar(card: PoolCard, *, may_act: bool) -> list[Any]:
    """Build the buttons that the pool's state allows; none for visitors who may not act."""
    if not may_act:
        return []
    name, actions = card.pool.name, offered(card.pool.state)
    shown = [action_button(action, name) for action in actions if action in _SHOW]
    if card.retry:
        shown.append(retry_button(name, card.retry.hosts))
    others: list[Any] = [action_button(action, name) for action in actions if action not in _SHOW]
    if may_upgrade(card.pool.state):
        others.insert(len(others) - 1, _upgrade(name))
    return [*shown, _menu(name, others)] if others else shown


def _menu(name: str, buttons: list[Any]) -> html.Details:
    summary = html.Summary("More", id=f"more-{name}", className="do", **labelled(f"More actions: {name}"))
    return html.Details([summary, html.Div(buttons)], className="menu")


def _upgrade(name: str) -> html.A:
    """Build the link to Prefect's form: an upgrade has many parameters."""
    return html.A(
        "Upgrade …",
        id=f"do-{name}-upgrade",
        href=pool_path(name, "/upgrade"),
        target="_blank",
        rel="noopener noreferrer",
        className="do",
        **labelled(f"Upgrade: {name}"),
    )
