"""Ids that the parts of the page share."""

from dashboards.web.ids import ident

PAGE = "system"
NAME = ident(PAGE, "name")
"""Store of the pool's name."""
NEWS = ident(PAGE, "news")
"""Store of a fingerprint that changes when there is something new to show."""
VIEW = ident(PAGE, "view")
"""Store of the other pool and of the kinds of actions, as the URL has them."""
CLOCK = ident(PAGE, "clock")
PULSE = ident(PAGE, "pulse")
