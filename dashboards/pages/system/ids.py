"""Ids that the parts of the page share."""

from dashboards.web.ids import ident

PAGE = "system"
NAME = ident(PAGE, "name")
"""Store of the pool's name."""
NEWS = ident(PAGE, "news")
"""Store of a mark that changes when something has happened that the page is to show."""
VIEW = ident(PAGE, "view")
"""Store of the other pool and of the kinds of actions, as the address has them."""
CLOCK = ident(PAGE, "clock")
PULSE = ident(PAGE, "pulse")
