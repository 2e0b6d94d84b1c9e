"""A node in the last crawl: its state, and the neighbours that it names."""

from typing import Any, Final

from dash import Dash, Input, Output, State, dcc, html

from dashboards.pages.nodes.node_ids import LAST, NODE, PAGE, get_node, node_path, state_label
from dashboards.web import context
from dashboards.web.ids import ident
from dashboards.web.text import consistency
from p2ppool.node.address import PREFIX
from p2ppool.reports.nodes.neighbours import Neighbour, Neighbourhood, neighbourhood

_NOW: Final = ident(PAGE, "now")
_POSITIONS: Final = {"left": "left", "left2": "second left", "right": "right", "right2": "second right"}
_AGREES: Final = {True: ("●", " names it back"), False: ("○", " does not name it back"), None: ("", "")}


def layout() -> html.Section:
    """Build the empty section; a callback fills it."""
    return html.Section([html.H2("In the last crawl"), html.Div(id=_NOW)])


def register(app: Dash) -> None:
    """Fill it with each crawl."""
    app.callback(Output(_NOW, "children"), Input(LAST, "data"), State(NODE, "data"))(_fill)


def _fill(last: int | None, data: dict[str, str]) -> list[Any]:
    node = get_node(data)
    found = neighbourhood(context.engine(), node, last) if node and last is not None else None
    if found is None:
        return [html.P("The last crawl did not see this node.", className="quiet")]
    facts: dict[str, Any] = {
        "State": state_label(found.health),
        "Consistency": consistency(found.consistency),
        "IP": found.ip or "not reported",
        "Neighbours": len(found.neighbours),
    }
    return [
        html.Dl(
            [html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts.items()], className="head"
        ),
        _table(data["pool"], found),
    ]


def _table(pool: str, found: Neighbourhood) -> html.Div | None:
    if not found.neighbours:
        return None
    heads = html.Tr([html.Th(text, scope="col") for text in ("Neighbour", "Address", "State", "Agrees")])
    rows = [_row(pool, neighbour) for neighbour in found.neighbours]
    table = html.Table([html.Thead(heads), html.Tbody(rows)], className="node-neighbours")
    return html.Div(table, className="node-neighbours-frame")


def _row(pool: str, neighbour: Neighbour) -> html.Tr:
    body = neighbour.address.removeprefix(PREFIX)
    sign, label = _AGREES[neighbour.agrees]
    address: html.Span | dcc.Link = html.Span(body, className="mono")
    if neighbour.health is not None:  # nodes that no crawl has seen have no page
        address = dcc.Link(body, href=node_path(pool, neighbour.address), className="mono")
    return html.Tr(
        [
            html.Td(_POSITIONS.get(neighbour.position, neighbour.position)),
            html.Td(address),
            html.Td(state_label(neighbour.health)),
            html.Td([sign, html.Span(label, className="words")]),
        ]
    )
