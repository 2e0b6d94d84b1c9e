"""The buttons of the pool's page, with the same confirmations as on its card."""

from typing import Any
from urllib.parse import quote

from dash import Dash, Input, Output, State, dcc, html

from dashboards.components.actions import confirm
from dashboards.components.actions.offers import may_upgrade, offered
from dashboards.live.polling import News
from dashboards.pages.pool.ids import ACTIVITY, NAME, PAGE
from dashboards.web import context
from dashboards.web.access import may, visitor
from dashboards.web.ids import ident
from p2ppool.reports.pools.pools import pool
from p2ppool.store.models import PoolState

_BAR = ident(PAGE, "doing")
_SEEN = ident(PAGE, "doing-seen")


def layout() -> html.Div:
    """Build the place of the buttons, which a callback fills, and of the result of the last click."""
    return html.Div([dcc.Store(id=_SEEN), html.Div(id=_BAR, className="doing"), confirm.layout()])


def register(app: Dash) -> None:
    """Offer what the pool's state allows."""
    app.callback(
        Output(_BAR, "children"),
        Output(_SEEN, "data"),
        Input(ACTIVITY, "data"),
        State(NAME, "data"),
        State(_SEEN, "data"),
    )(_fill)


def _fill(_activity: str, name: str, seen: dict[str, str] | None) -> tuple[Any, Any]:
    found, news = pool(context.engine(), name), News(seen)
    buttons = [] if found is None else _buttons(found.state, name)
    return news.of("buttons", buttons), news.marks


def _buttons(state: PoolState, name: str) -> list[Any]:
    allowed = [action for action in offered(state) if may(action, name)]
    buttons: list[Any] = [confirm.action_button(action, name) for action in allowed]
    if may_upgrade(state) and visitor().is_manager:  # the form is in Prefect
        buttons.append(_form(name))
    return buttons


def _form(name: str) -> html.A:
    """Build the link to Prefect's form: an upgrade has many parameters."""
    address = f"/pools/{quote(name, safe='')}/upgrade"
    return html.A("Upgrade …", href=address, target="_blank", rel="noopener noreferrer", className="do")
