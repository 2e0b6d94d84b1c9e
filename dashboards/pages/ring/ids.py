"""Ids that the parts of the page share."""

from dashboards.web.ids import ident

PAGE = "ring"
LEAF = "/ring"
NAME = ident(PAGE, "name")
"""Store of the pool's name."""
CRAWL_RANGE = ident(PAGE, "stretch")
"""Store of the crawls to choose from: see dashboards.pages.ring.timeline."""
CRAWL = ident(PAGE, "crawl")
"""Store of the id of the crawl that is looked at."""
AGAINST = ident(PAGE, "against")
"""What the crawl is compared with: "", "before", or the id of another crawl."""
OTHER = ident(PAGE, "other")
"""Store of what that comes to: the `id` of a crawl, or None, and whether its ring is `shown`."""
NODE = ident(PAGE, "node")
"""Store of the address of the node that is looked at, or None."""
VIEW = ident(PAGE, "view")
"""How near one looks at it."""
PAIR = ident(PAGE, "pair")
"""Store of `crawl` and `other` (the id of the one to compare with), a moment after they last changed.

What asks the server for more than a frame listens to it, so that it does not ask for what is only passed by.
"""
SETTLED = ident(PAGE, "settled")
"""Store of `crawl` and `node`, likewise."""
IN_ADDRESS = ident(PAGE, "in-address")
"""Store of what the page's address says of it."""
ALL, NONE = ident(PAGE, "all"), ident(PAGE, "none")
"""What shows where there are crawls, and what else."""
CLOCK = ident(PAGE, "clock")
PULSE = ident(PAGE, "pulse")
SPACING = ident(PAGE, "spacing")
KINDS = ident(PAGE, "kinds")

NAMESPACE = "ring"
"""Of the functions in assets/ring.js."""
