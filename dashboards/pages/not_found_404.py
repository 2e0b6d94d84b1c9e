"""The page for unknown addresses."""

from dash import Dash, dcc, html

from dashboards.web.untyped import register_page


def register(_app: Dash) -> None:
    """Register the page; Dash finds it by its module's name."""
    register_page(__name__, title="Not found · P2PPool Manager", layout=layout)


def layout(**_query: str) -> html.Div:
    """Build the page."""
    return nothing("There is no such page.", "The address may be mistyped, or its pool was deleted.")


def nothing(title: str, hint: str) -> html.Div:
    """Build a page without content, with a link back."""
    return html.Div(
        [html.H1(title), html.P(hint), html.P(dcc.Link("All pools", href="/"))], className="empty"
    )
