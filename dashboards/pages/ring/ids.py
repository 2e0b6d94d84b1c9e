"""Ids that the parts of the page share."""

from dashboards.web.ids import ident

PAGE = "ring"
LEAF = "/ring"
NAME = ident(PAGE, "name")
"""Store of the pool's name."""
CRAWL_RANGE = ident(PAGE, "crawl-range")
"""Store of the crawls to choose from: see dashboards.pages.ring.timeline."""
CRAWL = ident(PAGE, "crawl")
"""Store of the id of the crawl that is shown."""
AGAINST = ident(PAGE, "against")
"""The comparison: "", "before", or the id of another crawl."""
OTHER = ident(PAGE, "other")
"""Store of the resolved comparison: the `id` of a crawl, or None, and whether its ring is `shown`."""
NODE = ident(PAGE, "node")
"""Store of the address of the focused node, or None."""
VIEW = ident(PAGE, "view")
"""The zoom level on it."""
PAIR = ident(PAGE, "pair")
"""Store of `crawl` and `other` (the id of the one to compare with), a moment after they last changed.

Callbacks that request more than a frame listen to it, so that crawls merely passed over cost nothing.
"""
SETTLED = ident(PAGE, "settled")
"""Store of `crawl` and `node`, likewise."""
IN_ADDRESS = ident(PAGE, "in-address")
"""Store of the page's state in its URL."""
ALL, NONE = ident(PAGE, "all"), ident(PAGE, "none")
"""The parts to show if there are crawls, or if there are none."""
CLOCK = ident(PAGE, "clock")
PULSE = ident(PAGE, "pulse")
SPACING = ident(PAGE, "spacing")
KINDS = ident(PAGE, "kinds")

NAMESPACE = "ring"
"""The namespace of the functions in assets/ring.js."""
