"""The pool's files: data gathered from its hosts, and archives."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from dash import Dash, Input, Output, State, dcc, html, no_update

from dashboards.pages.pool.ids import ACTIVITY, NAME, PAGE
from dashboards.web import context
from dashboards.web.access import may
from dashboards.web.ids import ident
from dashboards.web.text import age, counted, size
from p2ppool.actions.permissions.table import Act
from p2ppool.pools.recording.pool_files import PoolFile, files_of
from p2ppool.reports.pools.changes import fingerprint_of

_LIST = ident(PAGE, "files")
_SEEN = ident(PAGE, "files-seen")
_SHOWN: Final = 20


def layout(name: str) -> html.Div:
    """Build the config for joining the pool, and the place of the list, which a callback fills."""
    address = f"/pools/{quote(name, safe='')}/node.config"
    config = html.P(
        [
            html.A("node.config", href=address, download="node.config"),
            html.Span(" lets a node of your own join this pool", className="quiet"),
        ]
    )
    return html.Div([config, html.Div(id=_LIST), dcc.Store(id=_SEEN)])


def register(app: Dash) -> None:
    """Fill it with each change of a ticket: only actions create files."""
    app.callback(
        Output(_LIST, "children"),
        Output(_SEEN, "data"),
        Input(ACTIVITY, "data"),
        State(NAME, "data"),
        State(_SEEN, "data"),
    )(_fill)


def _fill(_activity: str, name: str, seen: str | None) -> tuple[Any, Any]:
    found = files_of(context.settings().data_folder, name) if may(Act.LOOK, name) else []
    mark = fingerprint_of(found)
    return (no_update, no_update) if mark == seen else (_list(name, found), mark)


def _list(name: str, files: Sequence[PoolFile]) -> list[Any]:
    if not files:
        hint: list[Any] = [
            "None yet. Gather the hosts' logs with: ",
            html.Code(f"p2ppool pool gather-logs {name}"),
        ]
        return [html.P(hint, className="quiet")]
    listed: list[Any] = [html.Ul([_item(name, file) for file in files[:_SHOWN]], className="files")]
    if len(files) > _SHOWN:
        more = f"{counted(len(files) - _SHOWN, 'older one')}: "
        listed.append(html.P([more, html.Code(f"p2ppool pool files {name}")], className="quiet older"))
    return listed


def _link(pool: str, name: str, address: str) -> html.A | html.Span:
    """Build the link; not all who see the pool may download the file."""
    return html.A(name, href=address, download=name) if may(Act.DOWNLOAD, pool) else html.Span(name)


def _item(name: str, file: PoolFile) -> html.Li:
    address = f"/pools/{quote(name, safe='')}/files/{quote(file.name, safe='')}"
    return html.Li(
        [
            html.B(file.kind.value),
            _link(name, file.name, address),
            html.Span(size(file.size), className="quiet"),
            html.Span([age(file.made_at), _origin(file)], className="quiet when"),
        ]
    )


def _origin(file: PoolFile) -> str:
    return " · exported" if file.ticket is None else f" · ticket {file.ticket}"
