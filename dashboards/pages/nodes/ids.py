"""Ids that the parts of the page of all nodes share."""

from typing import Final

from dashboards.web.ids import ident

PAGE: Final = "nodes"
LEAF: Final = "/nodes"
NAME: Final = ident(PAGE, "name")
"""Store of the pool's name."""
LAST: Final = ident(PAGE, "last")
"""Store of the id of the pool's last crawl: changes when one ends."""
SNAPSHOT: Final = ident(PAGE, "snapshot")
"""Store of the id of the crawl that is shown; None before the first."""
CLOCK: Final = ident(PAGE, "clock")
PULSE: Final = ident(PAGE, "pulse")
GRID: Final = ident(PAGE, "grid")
