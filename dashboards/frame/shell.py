"""The frame of every page: the document, the header with the theme switch, the footer."""

import base64
import hashlib
import json
from collections.abc import Iterable
from html import escape
from importlib.resources import files
from typing import Final

from dash import ClientsideFunction, Dash, Input, Output, dcc, html, page_container

from dashboards.frame.navigation import site_navigation
from dashboards.frame.user_menu import visitor_menu
from dashboards.web.untyped import bind_in_browser
from p2ppool import __version__

THEME = "theme"
"""Id of the store that holds `light` or `dark`; figures depend on it."""

_SWITCH = "theme-switch"

IN_HEAD = r"(theme|plain|passkeys|retry)\.js"
"""Assets that the document loads itself before the first paint, or that are not for pages of Dash."""

_RETRY: Final = files("dashboards").joinpath("assets/retry.js").read_text(encoding="utf-8")
"""Repeats requests that are lost on the way, even for scripts: so it is inlined in the document."""

RETRY_HASH: Final = f"'sha256-{base64.b64encode(hashlib.sha256(_RETRY.encode()).digest()).decode()}'"
"""The script's source in the Content-Security-Policy."""

_INDEX: Final = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<meta name="changing-callbacks" content="CHANGING">
<script>RETRY</script>
<meta name="color-scheme" content="light dark">
<title>{%title%}</title>
<link rel="icon" type="image/svg+xml" href="/assets/ring.svg">
{%css%}
<script src="/assets/theme.js"></script>
</head>
<body>
{%app_entry%}
<p id="unanswered" class="unanswered" role="alert" hidden>
<span></span><button type="button" class="do">Close</button>
</p>
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>
"""


def document(changing: Iterable[str] = ()) -> str:
    """Build the template of the document.

    Args:
        changing: outputs of the callbacks that change something: no page repeats their requests.
    """
    outputs = escape(json.dumps(sorted(changing)))
    return _INDEX.replace("CHANGING", outputs).replace("RETRY", _RETRY)


def register(app: Dash) -> None:
    """Bind the theme switch; its code is in assets/theme.js."""
    bind_in_browser(
        app, ClientsideFunction("theme", "current"), Output(THEME, "data"), Input(_SWITCH, "n_clicks")
    )


def layout() -> html.Div:
    """Build the frame around the page."""
    return html.Div(
        [
            dcc.Store(id=THEME),
            html.A("Skip to content", href="#content", className="skip"),
            html.Header([_brand(), site_navigation(), _end()], className="top"),
            html.Main(page_container, id="content", tabIndex=-1),
            html.Div(["P2PPool Manager ", __version__], className="bottom"),
        ],
        className="frame",
    )


def _brand() -> dcc.Link:
    mark = html.Img(src="/assets/ring.svg", alt="", width=26, height=26)
    return dcc.Link([mark, html.Span("P2PPool Manager")], href="/", className="brand")


def _end() -> html.Div:
    return html.Div([visitor_menu(), _theme_switch()], className="top-end")


def _theme_switch() -> html.Button:
    return html.Button(
        "Light / dark", id=_SWITCH, type="button", className="switch", title="Switch between light and dark"
    )
