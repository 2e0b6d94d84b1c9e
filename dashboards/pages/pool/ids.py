"""Ids and frames that the parts of the page share."""

from dash import html

from dashboards.web.ids import ident

PAGE = "pool"
NAME = ident(PAGE, "name")
"""Store of the pool's name."""
SNAPSHOT = ident(PAGE, "snapshot")
"""Store of the last snapshot's id: changes when a crawl ends."""
ACTIVITY = ident(PAGE, "activity")
"""Store of a fingerprint that changes with the pool's tickets."""
CLOCK = ident(PAGE, "clock")
PULSE = ident(PAGE, "pulse")


def section(title: str, content: html.Div) -> html.Section:
    """Build a titled part of the page."""
    return html.Section([html.H2(title), content])
