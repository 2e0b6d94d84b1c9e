"""The buttons: what can be asked of the pool from its page; what that does to others, docs/turns.md tells."""

from typing import Any, Final
from urllib.parse import quote

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboards.components.actions.offers import LABELS, may_upgrade, offered
from dashboards.components.actions.start import ask
from dashboards.live.polling import News
from dashboards.pages.pool.ids import ACTIVITY, NAME, PAGE
from dashboards.web import context
from dashboards.web.access import acts, may_act
from dashboards.web.ids import ident
from p2ppool.actions.rules import Action
from p2ppool.reports.pools.pools import pool
from p2ppool.store.models import PoolState

_BAR = ident(PAGE, "doing")
_SEEN = ident(PAGE, "doing-seen")
_TOLD = ident(PAGE, "doing-told")
_DO = ident(PAGE, "do")
_SURE = ident(PAGE, "do-surely")

_ASKED_TWICE: Final = {
    Action.SUSPEND: "Suspend {pool}? Its nodes end; what is installed and its history stay.",
    Action.STOP: "Stop {pool}? Whatever runs on it is cancelled, and it is uninstalled from every host.",
    Action.UNINSTALL_CHECK: "Clear what is left of {pool}? Once nothing is, it is archived and deleted.",
}


def layout() -> html.Div:
    """The place of the buttons, which a callback fills, and of what became of the last click."""
    return html.Div(
        [dcc.Store(id=_SEEN), html.Div(id=_BAR, className="doing"), html.P(id=_TOLD, role="status")]
    )


def register(app: Dash) -> None:
    """Offer what the pool's state allows; ask for what is clicked."""
    app.callback(
        Output(_BAR, "children"),
        Output(_SEEN, "data"),
        Input(ACTIVITY, "data"),
        State(NAME, "data"),
        State(_SEEN, "data"),
    )(_fill)
    app.callback(
        Output(_TOLD, "children"),
        Input({"part": _DO, "action": ALL}, "n_clicks"),
        Input({"part": _SURE, "action": ALL}, "submit_n_clicks"),
        State(NAME, "data"),
        prevent_initial_call=True,
    )(_clicked)


def _fill(_activity: str, name: str, seen: dict[str, str] | None) -> tuple[Any, Any]:
    found, news = pool(context.engine(), name), News(seen)
    buttons = [] if found is None or not may_act() else _buttons(found.state, name)
    return news.of("buttons", buttons), news.marks


def _buttons(state: PoolState, name: str) -> list[Any]:
    buttons = [_button(action, name) for action in offered(state)]
    if may_upgrade(state):
        buttons.append(_form(name))
    return buttons


def _button(action: Action, name: str) -> Any:
    label = LABELS[action]
    if action not in _ASKED_TWICE:
        return html.Button(label, id={"part": _DO, "action": action.value}, className="do")
    return dcc.ConfirmDialogProvider(
        html.Button(label, className="do grave"),
        id={"part": _SURE, "action": action.value},
        message=_ASKED_TWICE[action].format(pool=name),
    )


def _form(name: str) -> html.A:
    """An upgrade has much to be said: Prefect has the form."""
    address = f"/pools/{quote(name, safe='')}/upgrade"
    return html.A("Upgrade …", href=address, target="_blank", rel="noopener noreferrer", className="do")


@acts
def _clicked(_clicks: list[int | None], _sure: list[int | None], name: str) -> Any:
    clicked = ctx.triggered_id
    if not clicked or not ctx.triggered[0]["value"]:  # a button that has just come
        return no_update
    return ask(clicked["action"], name)
