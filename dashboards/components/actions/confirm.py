"""The question before what ends nodes or destroys: one dialog, the same on every page.

A button carries the names of action and pool; assets/acting.js puts those of the one that was clicked into
the store ASKED, so that a page of many pools needs no callback for each button.
"""

from typing import Any, Final

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboards.components.actions import start
from dashboards.components.actions.offers import RETRY, has_button
from dashboards.web import context
from dashboards.web.access import acts
from dashboards.web.ids import ident
from dashboards.web.text import counted
from dashboards.web.untyped import bind_in_browser, data, labelled
from p2ppool.actions import rules
from p2ppool.actions.catalogue import Action
from p2ppool.actions.rules import Answer
from p2ppool.reports.pools.pools import PoolReport, pool

_PART: Final = "asking"
ASKED: Final = ident(_PART, "asked")
"""Store: action, pool and a number that is another with each click."""
TOLD: Final = ident(_PART, "told")
"""Where it is said what became of the click."""
_QUESTION = ident(_PART, "question")
_WORDS = ident(_PART, "words")
_TYPING = ident(_PART, "typing")
_TYPED = ident(_PART, "typed")
_SURE = ident(_PART, "sure")
_OPEN = ident(_PART, "open")


def action_button(action: Action, name: str) -> html.Button:
    """Make the button of an action on that pool; it works on pages with `layout`."""
    return _button(action, name, action.row.label, "do grave" if action.row.typed else "do")


def retry_button(name: str, hosts: int) -> html.Button:
    """Make the button that tries the latest action again on the hosts that it left behind."""
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
    """The dialog, closed, and the place for what became of a click."""
    return html.Div(
        [
            dcc.Store(id=ASKED),
            dcc.Store(id=_OPEN),
            html.Dialog(
                [
                    html.Div(id=_WORDS),
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
            html.P(id=TOLD, className="told", role="status"),
        ]
    )


def _typing() -> list[Any]:
    typed = dcc.Input(id=_TYPED, value="", autoComplete="off", spellCheck="false", maxLength=32)
    return [html.Label("To be sure, type the pool's name:", htmlFor=_TYPED), typed]


def register(app: Dash) -> None:
    """Ask, or ask back."""
    app.callback(
        Output(TOLD, "children"),
        Output(_WORDS, "children"),
        Output(_SURE, "children"),
        Output(_TYPING, "hidden"),
        Output(_TYPED, "value"),
        Output(_OPEN, "data"),
        Input(ASKED, "data"),
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


@acts
def _clicked(asked: dict[str, Any] | None, _sure: int | None, typed: str | None) -> tuple[Any, ...]:
    return _answered(asked, typed) if ctx.triggered_id == _SURE else _asked(asked)


def _asked(asked: dict[str, Any] | None) -> tuple[Any, ...]:
    """Ask back, or do it."""
    action, name = _parts(asked)
    found = pool(context.engine(), name)
    row = Action(action).row if has_button(action) else None
    if row is None or not row.question or found is None:
        return _tell(action, name), *(5 * (no_update,))
    opened = {"pool": name if row.typed else None, "asked": (asked or {}).get("at")}
    return no_update, _words(Action(action), found), row.label, not row.typed, "", opened


def _answered(asked: dict[str, Any] | None, typed: str | None) -> tuple[Any, ...]:
    """Do it, and close the dialog."""
    action, name = _parts(asked)
    is_another = has_button(action) and Action(action).row.typed and typed != name
    said = start.refusal(f"Nothing was done: that is not the name of {name}.") if is_another else None
    return said or _tell(action, name), *(4 * (no_update,)), None


def _parts(asked: dict[str, Any] | None) -> tuple[str, str]:
    given = asked or {}  # a browser can send anything
    return str(given.get("action", "")), str(given.get("pool", ""))


def _tell(action: str, name: str) -> list[Any]:
    became = start.retry(name) if action == RETRY else start.ask(action, name)
    return [html.B(name), " ", *became]


def _words(action: Action, found: PoolReport) -> list[Any]:
    return [
        html.H2(f"{action.row.label} {found.name}?"),
        html.P(f"{counted(found.hosts, 'host')}. {action.row.question}"),
        *(html.P(text, className="cancelled") for text in _cancelled(action, found)),
    ]


def _cancelled(action: Action, found: PoolReport) -> list[str]:
    """Whose work ends for it."""
    return [
        f"The {ticket.action} that runs on it ({ticket.done} of {ticket.total}) is cancelled."
        for ticket in found.running
        if ticket.action in set(Action) and rules.answer(action, ticket.action) is Answer.PREEMPTS
    ]
