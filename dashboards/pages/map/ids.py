"""Ids that several modules of this page share."""

from typing import Final

from dashboards.web.ids import ident

PAGE: Final = "world"
CLOCK: Final = ident(PAGE, "clock")
PULSE: Final = ident(PAGE, "pulse")
MARK: Final = ident(PAGE, "mark")
"""Store: changes when there is something new."""

WIDTH: Final = ident(PAGE, "width")
"""Store: the map's width in pixels, from the browser."""

VIEW: Final = ident(PAGE, "view")
"""Store: the visible part of the world; see dashboards.pages.map.viewport."""

CHOSEN: Final = ident(PAGE, "chosen")
"""Store: the clicked mark, as [latitude, longitude, extent]."""

MAP: Final = ident(PAGE, "map")
PLACES: Final = ident(PAGE, "places")
WHOLE: Final = ident(PAGE, "whole")
CLOSER: Final = ident(PAGE, "closer")
FARTHER: Final = ident(PAGE, "farther")
POOLS: Final = ident(PAGE, "pools")
NAMESPACES: Final = ident(PAGE, "namespaces")
HEALTH: Final = ident(PAGE, "health")
SHOWN: Final = ident(PAGE, "shown")

NODES: Final = "nodes"
HOSTS: Final = "hosts"
