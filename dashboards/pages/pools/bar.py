"""The buttons of a card: some visible, the others in a menu."""

from typing import Any, Final

from dash import html

from dashboards.components.actions.confirm import action_button, retry_button
from dashboards.components.actions.offers import may_upgrade, offered
from dashboards.frame.navigation import pool_path
from dashboards.web.untyped import labelled
from p2ppool.accounts.roles.rights import Rights
from p2ppool.actions.catalogue import Action
from p2ppool.actions.permissions.table import may, may_request
from p2ppool.reports.pools.cards import PoolCard
from p2ppool.store.models import PoolRole

_SHOW: Final = frozenset({Action.CRAWL, Action.CHECK, Action.RESUME, Action.UNINSTALL_CHECK})


def bar(card: PoolCard, rights: Rights) -> list[Any]:
    """Build the buttons that the pool's state and these rights allow."""
    name = card.pool.name
    actions = [action for action in offered(card.pool.state) if may(rights, action, name)]
    shown = [action_button(action, name) for action in actions if action in _SHOW]
    if card.retry and may_request(rights, card.retry.action, name):
        shown.append(retry_button(name, card.retry.hosts))
    others: list[Any] = [action_button(action, name) for action in actions if action not in _SHOW]
    if may_upgrade(card.pool.state) and rights.everywhere is PoolRole.MANAGER:  # the form is in Prefect
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
