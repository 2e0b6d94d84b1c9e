"""Ids that the parts of the page share."""

from dashboards.web.ids import ident

PAGE = "pools"
FACE = ident(PAGE, "face")
"""What is to be seen of a pool: news replace it."""
BAR = ident(PAGE, "bar")
"""Its buttons: they stay as long as they are the same, and with them what is open or has the focus."""
