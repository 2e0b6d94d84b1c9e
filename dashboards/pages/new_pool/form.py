"""The form itself: groups of fields, each with its hint and a place for its error."""

from collections.abc import Sequence
from typing import Any, Final

from dash import dcc, html

from dashboards.pages.new_pool.fields import COLUMNS, PAGE, Field, FieldKind, Group
from dashboards.routes.uploads import KEYS, PACKAGES
from dashboards.web import context
from dashboards.web.access import require_manager
from dashboards.web.ids import ident
from dashboards.web.untyped import data
from p2ppool.fleet.inventory.hosts_file import BYTES_LIMIT
from p2ppool.keys.keyring import list_keys
from p2ppool.keys.private_key import MAX_KEY_BYTES
from p2ppool.software.package.library import list_packages
from p2ppool.store.unit_of_work import UnitOfWork, reading

ADDED: Final = ident(PAGE, "added")
"""Store: kind and name of the package or key that was just added; assets/uploads.js fills it."""

Option = dict[str, str]


def layout() -> html.Div:
    """Build all groups, for a manager: they name keys and packages."""
    require_manager()
    with reading(context.engine()) as work:
        options = {"package": package_options(work), "ssh_key": key_options(work)}
    return html.Div(
        [html.Div([_group(group, options) for group in column]) for column in COLUMNS], className="fields"
    )


def package_options(work: UnitOfWork) -> list[Option]:
    """List every package that was added."""
    return [
        {"value": f"{one.name}@{one.version}", "label": f"{one.name} {one.version} ({one.runtime})"}
        for one in list_packages(work)
    ]


def key_options(work: UnitOfWork) -> list[Option]:
    """List every key that was added."""
    return [
        {"value": key.name, "label": f"{key.name} ({key.key_type}, {key.fingerprint})"}
        for key in list_keys(work)
    ]


def _group(group: Group, options: dict[str, list[Option]]) -> html.Fieldset:
    about = html.P(group.about, className="quiet")
    return html.Fieldset(
        [
            html.Legend(group.title),
            about,
            *(_field(field, options.get(field.name)) for field in group.fields),
        ],
        className=f"group {group.title.lower()}",
    )


def _field(field: Field, options: list[Option] | None) -> html.Div:
    problem = html.P(id=field.problem, className="problem", role="alert")
    if field.kind is FieldKind.TICK:
        return html.Div([_tick(field), problem], className="field tick")
    parts: list[Any] = [
        html.Label(field.label, htmlFor=field.id),
        html.P(field.hint, className="hint") if field.hint else None,
        _component(field, options),
        problem,
        *_beside(field, nothing_yet=options == []),
    ]
    width = "number" if field.kind is FieldKind.NUMBER else "wide"
    return html.Div(parts, className=f"field {width} field-{field.name}")


def _component(field: Field, options: list[Option] | None) -> Any:
    if field.kind is FieldKind.TEXT:
        rows = 7 if field.name == "hosts" else 2
        return dcc.Textarea(
            id=field.id, value="", placeholder=field.empty, rows=rows, spellCheck=field.name != "hosts"
        )
    if field.kind is FieldKind.CHOICE:
        choices = {str(value): label for value, label in (field.choices or {}).items()}
        return dcc.Dropdown(
            options=choices if options is None else options, id=field.id, placeholder=field.empty
        )
    return dcc.Input(
        id=field.id,
        value="",
        placeholder=field.empty,
        debounce=True,
        inputMode="numeric" if field.kind is FieldKind.NUMBER else None,
        autoComplete="off",
        spellCheck="false",
    )


def _tick(field: Field) -> dcc.Checklist:
    return dcc.Checklist(options={"yes": field.label}, value=["yes"] if field.ticked else [], id=field.id)


def _beside(field: Field, *, nothing_yet: bool) -> Sequence[Any]:
    """Build what fills the field from a file."""
    if field.name == "hosts":
        text = html.P(id=ident(PAGE, "hosts-told"), className="hint", role="status")
        return [
            text,
            html.Div(className="upload", **data(kind="hosts", into=field.id, most=str(BYTES_LIMIT))),
        ]
    if field.name == "ssh_key":
        return [_upload("Add a key", "key", KEYS, MAX_KEY_BYTES, is_open=nothing_yet)]
    if field.name == "package":
        most = context.settings().package_max_bytes
        return [_upload("Add a package", "package", PACKAGES, most, is_open=nothing_yet)]
    return []


def _upload(title: str, kind: str, address: str, most: int, *, is_open: bool) -> html.Details:
    """Build the place of an upload, filled by assets/uploads.js: the chosen file never gets into a store."""
    box = html.Div(className="upload", **data(kind=kind, into=ADDED, most=str(most), to=address))
    return html.Details([html.Summary(title), box], open=is_open, className="adding")
