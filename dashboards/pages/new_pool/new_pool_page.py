"""Registers the form that creates a pool, and its callbacks."""

from typing import Any, Final

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboards.pages.new_pool import creation, form, review
from dashboards.pages.new_pool.checking import FieldsError, wrong_so_far
from dashboards.pages.new_pool.fields import PAGE, Field, FieldKind, all_fields
from dashboards.web import context
from dashboards.web.access import acts, managers_only, visitor
from dashboards.web.ids import ident
from dashboards.web.text import counted
from dashboards.web.untyped import bind_in_browser, register_page
from p2ppool.errors import UserError
from p2ppool.fleet.inventory.hosts_file import format_of
from p2ppool.records.pools import find_pool
from p2ppool.store.unit_of_work import reading

_PATH: Final = "/new-pool"
_REVIEW = ident(PAGE, "review")
_PANEL = ident(PAGE, "panel")
_RESULT = ident(PAGE, "told")
_WAITING = ident(PAGE, "waiting")
_CLOCK = ident(PAGE, "clock")
_GO = ident(PAGE, "go")
_HOSTS_HINT = ident(PAGE, "hosts-told")
_ONLY_MANAGERS: Final = "Only managers can create pools: sign in as one."
_EVERY: Final = 700  # milliseconds
_ADDED: Final = {"package": "package", "ssh_key": "key"}
"""The kind of upload for a field."""


def register(app: Dash) -> None:
    """Register the page; fields are checked when they are left, the review on request."""
    register_page(__name__, path=_PATH, title="New pool · P2PPool Manager", layout=_layout)
    app.callback(
        output={
            "problems": {field.name: Output(field.problem, "children") for field in all_fields()},
            "panel": Output(_PANEL, "children"),
            "told": Output(_RESULT, "children"),
            "hosts": Output(_HOSTS_HINT, "children"),
        },
        inputs={
            "_review": Input(_REVIEW, "n_clicks"),
            "_left": {field.name: _changes(field) for field in all_fields()},
            "values": _values(),
        },
        prevent_initial_call=True,
    )(_checked)
    app.callback(
        output={
            name: [Output(ident(PAGE, name), "options"), Output(ident(PAGE, name), "value")]
            for name in _ADDED
        },
        inputs=[Input(form.ADDED, "data")],
        prevent_initial_call=True,
    )(_added)
    app.callback(
        output=Output(review.FOUND, "children"),
        inputs={"clicks": Input(review.CHECK, "n_clicks"), "values": _values()},
        prevent_initial_call=True,
        running=[
            (Output(review.CHECK, "disabled"), True, False),
            (Output(review.CHECK, "children"), "Checking …", review.CHECK_LABEL),
        ],
    )(_check)
    app.callback(
        output=[
            Output(_WAITING, "data"),
            Output(_CLOCK, "disabled"),
            Output(_RESULT, "children", allow_duplicate=True),
            Output(review.CREATE, "disabled"),
        ],
        inputs={"clicks": Input(review.CREATE, "n_clicks"), "values": _values()},
        prevent_initial_call=True,
    )(_created)
    app.callback(
        Output(_GO, "href"),
        Output(_CLOCK, "disabled", allow_duplicate=True),
        Output(_RESULT, "children", allow_duplicate=True),
        Input(_CLOCK, "n_intervals"),
        State(_WAITING, "data"),
        prevent_initial_call=True,
    )(_waited)
    bind_in_browser(
        app,
        ClientsideFunction("uploads", "reviewing"),
        Output(_RESULT, "children", allow_duplicate=True),
        Input(_REVIEW, "n_clicks"),
        prevent_initial_call=True,
    )


def is_there(path: str) -> bool:
    """Tell whether `path`, as the server decoded it, is this page."""
    return path == _PATH


def _layout(**_query: str) -> html.Div:
    crumbs = html.Nav([dcc.Link("Pools", href="/"), html.Span("New pool")], className="crumbs")
    title = html.Div(html.H1("New pool"), className="title")
    if not visitor().is_manager:
        return html.Div([crumbs, title, html.P(_ONLY_MANAGERS, className="note watch")])
    return html.Div(
        [
            dcc.Store(id=form.ADDED),
            dcc.Store(id=_WAITING),
            dcc.Interval(id=_CLOCK, interval=_EVERY, disabled=True),
            dcc.Location(id=_GO, refresh="callback-nav"),
            crumbs,
            title,
            form.layout(),
            html.Div(
                [
                    html.Button("Review", id=_REVIEW, type="button", className="do strong"),
                    html.P(id=_RESULT, role="status"),
                ],
                className="submit",
            ),
            html.Section(id=_PANEL, className="review"),
        ],
        className="new-pool",
    )


def _changes(field: Field) -> Input:
    """Return the input that signals that the field was filled in: for a text, that it was left."""
    return Input(field.id, "n_blur" if field.kind is FieldKind.TEXT else "value")


def _values() -> dict[str, State]:
    return {field.name: State(field.id, "value") for field in all_fields()}


@managers_only
def _checked(*, _review: int | None, _left: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """Show the errors so far, or the review if that was requested."""
    if _REVIEW not in {key.partition(".")[0] for key in ctx.triggered_prop_ids}:
        return _show_problems(wrong_so_far(values) | _name_taken(values), values)
    try:
        return _show_problems({}, values) | {"panel": review.panel(review.reviewed(values))}
    except FieldsError as error:
        return _show_problems(error.problems, values)


def _show_problems(problems: dict[str, str], values: dict[str, Any]) -> dict[str, Any]:
    """Show each error at its field, and remove the review, which is outdated."""
    fields = [field.name for field in all_fields()]
    general = [text for name, text in problems.items() if name not in fields]
    count = counted(len(problems), "field needs", "fields need")
    text = " ".join(general) or (f"{count} correction." if problems else "")
    return {
        "problems": {name: problems.get(name, "") for name in fields},
        "panel": [],
        "told": html.Span(text, className="bad") if text else "",
        "hosts": _form_of_hosts(values, wrong="hosts" in problems),
    }


def _form_of_hosts(values: dict[str, Any], *, wrong: bool) -> str:
    text = str(values.get("hosts") or "")
    if wrong or not text.strip():
        return ""
    lines = sum(1 for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    return f"{counted(lines, 'line')}, read as {format_of(text).value.replace('_', ' ')}"


def _name_taken(values: dict[str, Any]) -> dict[str, str]:
    name = str(values.get("name") or "").strip()
    with reading(context.engine()) as work:
        taken = name and find_pool(work.session, name) is not None
    return {"name": f"pool {name} already exists"} if taken else {}


@managers_only
def _added(added: dict[str, str] | None) -> dict[str, list[Any]]:
    """Offer and select what was just added."""
    kind, name = (added or {}).get("kind"), (added or {}).get("name")
    with reading(context.engine()) as work:
        options = {"package": form.package_options(work), "ssh_key": form.key_options(work)}
    return {field: [options[field], name if kind == _ADDED[field] else no_update] for field in _ADDED}


@managers_only
def _check(*, clicks: int | None, values: dict[str, Any]) -> Any:
    if not clicks:  # the button has just come
        return no_update
    return review.check_hosts(values)


@acts
def _created(*, clicks: int | None, values: dict[str, Any]) -> tuple[Any, Any, Any, Any]:
    if not clicks:
        return 4 * (no_update,)
    try:
        waiting = creation.created(values)
    except (FieldsError, UserError) as error:
        return None, True, creation.problem(error), False
    return waiting, False, creation.is_waiting(waiting), True  # one click is one pool


@managers_only
def _waited(_tick: int | None, waiting: creation.Waiting | None) -> tuple[Any, Any, Any]:
    if not waiting:
        return no_update, True, no_update
    try:
        found = creation.address(waiting)
    except UserError as error:
        return no_update, True, creation.problem(error)
    return (found, True, no_update) if found else (no_update, no_update, no_update)
