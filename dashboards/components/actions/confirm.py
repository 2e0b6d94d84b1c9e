"""The confirmation dialog for actions that stop nodes or destroy something; the same on every page.

A button carries the names of action and pool; assets/acting.js puts those of the clicked one into the store
ASKED, so that a page of many pools needs no callback for each button.
"""

from typing import Any, Final

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboards.components.actions import start
from dashboards.components.actions.offers import RETRY, has_button
from dashboards.web import context
from dashboards.web.access import acts_on_pools, require
from dashboards.web.ids import ident
from dashboards.web.text import counted
from dashboards.web.untyped import bind_in_browser, data, labelled
from p2ppool.actions import rules
from p2ppool.actions.catalogue import Action
from p2ppool.actions.rules import Answer
from p2ppool.reports.pools.pools import PoolReport, pool
from p2ppool.store.models import PoolRole

_PART: Final = "asking"
REQUESTED: Final = ident(_PART, "asked")
"""Store: action, pool and a number that differs with each click."""
RESULT: Final = ident(_PART, "told")
"""The place for the result of the click."""
_QUESTION = ident(_PART, "question")
_TEXT = ident(_PART, "words")
_TYPING = ident(_PART, "typing")
_TYPED = ident(_PART, "typed")
_SURE = ident(_PART, "sure")
_OPEN = ident(_PART, "open")


def action_button(action: Action, name: str) -> html.Button:
    """Build the button of an action on that pool; it works on pages with `layout`."""
    return _button(action, name, action.row.label, "do grave" if action.row.typed else "do")


def retry_button(name: str, hosts: int) -> html.Button:
    """Build the button that repeats the latest action on the hosts that still need it."""
    return _button(RETRY, name, f"Retry failed ({hosts})", "do")


def _button(action: str, name: str, label: str, style: str) -> html.Button:
    return html.Button(
        label,
        id=f"do-{name}-{action}",
        type="button",
        className=style,
        **data(ask=action, pool=name),
        **labelled(f"{label}: {name}"),
    )


def layout() -> html.Div:
    """Build the closed dialog, and the place for the result of a click."""
    return html.Div(
        [
            dcc.Store(id=REQUESTED),
            dcc.Store(id=_OPEN),
            html.Dialog(
                [
                    html.Div(id=_TEXT),
                    html.Div(_typing(), id=_TYPING, className="typing", hidden=True),
                    html.Div(
                        [
                            html.Button("Cancel", type="button", className="do", **data(close="")),
                            html.Button("Yes", id=_SURE, type="button", className="do strong"),
                        ],
                        className="answers",
                    ),
                ],
                id=_QUESTION,
                className="question",
                **labelled("Are you sure?"),
            ),
            html.P(id=RESULT, className="told", role="status"),
        ]
    )


def _typing() -> list[Any]:
    typed = dcc.Input(id=_TYPED, value="", autoComplete="off", spellCheck="false", maxLength=32)
    return [html.Label("To confirm, type the pool's name:", htmlFor=_TYPED), typed]


def register(app: Dash) -> None:
    """Bind the buttons and the dialog."""
    app.callback(
        Output(RESULT, "children"),
        Output(_TEXT, "children"),
        Output(_SURE, "children"),
        Output(_TYPING, "hidden"),
        Output(_TYPED, "value"),
        Output(_OPEN, "data"),
        Input(REQUESTED, "data"),
        Input(_SURE, "n_clicks"),
        State(_TYPED, "value"),
        prevent_initial_call=True,
    )(_clicked)
    bind_in_browser(
        app, ClientsideFunction("acting", "open"), Output(_QUESTION, "data-open"), Input(_OPEN, "data")
    )
    bind_in_browser(
        app,
        ClientsideFunction("acting", "unsure"),
        Output(_SURE, "disabled"),
        Input(_TYPED, "value"),
        Input(_OPEN, "data"),
    )


@acts_on_pools(PoolRole.OPERATOR)
def _clicked(request: dict[str, Any] | None, _sure: int | None, typed: str | None) -> tuple[Any, ...]:
    return _confirmed(request, typed) if ctx.triggered_id == _SURE else _confirm_or_start(request)


def _confirm_or_start(request: dict[str, Any] | None) -> tuple[Any, ...]:
    """Ask for confirmation, or start the action at once."""
    action, name = _action_and_pool(request)
    if has_button(action):
        require(Action(action), name)
    found = pool(context.engine(), name)
    row = Action(action).row if has_button(action) else None
    if row is None or not row.question or found is None:
        return _start(action, name), *(5 * (no_update,))
    opened = {"pool": name if row.typed else None, "asked": (request or {}).get("at")}
    return no_update, _confirmation(Action(action), found), row.label, not row.typed, "", opened


def _confirmed(request: dict[str, Any] | None, typed: str | None) -> tuple[Any, ...]:
    """Start the action, and close the dialog."""
    action, name = _action_and_pool(request)
    is_another = has_button(action) and Action(action).row.typed and typed != name
    mismatch = (
        start.refusal(f"Nothing was done: that is not the pool's name, {name}.") if is_another else None
    )
    return mismatch or _start(action, name), *(4 * (no_update,)), None


def _action_and_pool(request: dict[str, Any] | None) -> tuple[str, str]:
    given = request or {}  # a browser can send anything
    return str(given.get("action", "")), str(given.get("pool", ""))


def _start(action: str, name: str) -> list[Any]:
    became = start.retry(name) if action == RETRY else start.start_action(action, name)
    return [html.B(name), " ", *became]


def _confirmation(action: Action, found: PoolReport) -> list[Any]:
    return [
        html.H2(f"{action.row.label} {found.name}?"),
        html.P(f"{counted(found.hosts, 'host')}. {action.row.question}"),
        *(html.P(text, className="cancelled") for text in _cancelled(action, found)),
    ]


def _cancelled(action: Action, found: PoolReport) -> list[str]:
    """List the actions that will be cancelled for it."""
    return [
        f"The running {ticket.action} ({ticket.done} of {ticket.total}) will be cancelled."
        for ticket in found.running
        if ticket.action in set(Action) and rules.answer(action, ticket.action) is Answer.PREEMPTS
    ]
