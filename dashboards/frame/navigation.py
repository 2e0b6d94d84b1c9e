"""Navigation: the links in the header, and the tabs of a pool."""

from urllib.parse import quote, urlencode

from dash import dcc, html

from dashboards.web.access import visitor
from dashboards.web.untyped import labelled

SITE = {"Pools": "/", "Map": "/map", "Activity": "/activity", "Export": "/export"}
"""The pages about all pools, by name."""
OF_USERS = {"Groups": "/groups"}
"""Pages outside Dash, for everybody who is signed in."""
_TABS = {"Overview": "", "Nodes": "/nodes", "Ring": "/ring", "System": "/system"}
_AROUND = {"Map": "/map", "Activity": "/activity"}


def site_navigation() -> html.Nav:
    """Build the links to the pages about all pools."""
    links = [dcc.Link(text, href=href) for text, href in SITE.items()]
    others = [
        html.A(text, href=href) for text, href in (OF_USERS if visitor().id is not None else {}).items()
    ]
    return html.Nav([*links, *others], className="site", **labelled("Pages"))


def pool_path(name: str, leaf: str = "") -> str:
    """Return the path of a page of the pool; `leaf` begins with a slash."""
    return f"/pools/{quote(name, safe='')}{leaf}"


def pool_navigation(name: str, leaf: str = "") -> html.Div:
    """Build the breadcrumbs of a pool's page, and the tabs with the pool's other pages.

    `leaf` is the end of the page's own path, with a slash; for a page that is not below the pool, its path.
    """
    tabs = [
        dcc.Link(text, href=pool_path(name, end), className="tab here" if end == leaf else "tab")
        for text, end in _TABS.items()
    ]
    around = [
        dcc.Link(
            text, href=f"{path}?{urlencode({'pool': name})}", className="tab here" if path == leaf else "tab"
        )
        for text, path in _AROUND.items()
    ]
    return html.Div(
        [
            html.Nav([dcc.Link("Pools", href="/"), html.Span(name)], className="crumbs"),
            html.Nav([*tabs, *around], className="tabs", **labelled(f"Pages of {name}")),
        ]
    )
