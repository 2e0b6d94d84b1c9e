"""Ids that the parts of the page share."""

from dashboards.web.ids import ident

PAGE = "pools"
FACE = ident(PAGE, "face")
"""The content of a card: updates replace it."""
BAR = ident(PAGE, "bar")
"""Its buttons: they stay while they are the same, which keeps menus open and focus in place."""
