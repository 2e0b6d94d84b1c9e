"""The visible part of the world."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any, Final

LARGEST: Final = 400.0
"""The scale beyond which the outlines have no more detail."""

_SMALLEST: Final = 0.5
_MIDDLE: Final = 13.5  # degrees north, of what the map shows
_NARROW: Final = 600  # px
_PIXELS: Final = 160  # of a cluster that was chosen, from its middle to its farthest member


@dataclass(frozen=True)
class Viewport:
    """The middle in degrees; at `scale` 1 the whole earth is as wide as the map, which has `width` pixels."""

    latitude: float
    longitude: float
    scale: float
    width: int

    @property
    def narrow(self) -> bool:
        """Whether the map is as narrow as on a phone."""
        return self.width < _NARROW

    @property
    def degrees_per_pixel(self) -> float:
        """Degrees per pixel at the equator."""
        return 360 / (self.width * self.scale)

    def shows(self, latitude: float, longitude: float) -> bool:
        """Tell whether the point is on the map, or near enough to be dragged onto it."""
        window = 360 / self.scale
        across = abs((longitude - self.longitude + 180) % 360 - 180)
        return abs(latitude - self.latitude) <= window and across <= window

    def at(self, latitude: float, longitude: float, extent: float) -> "Viewport":
        """Zoom in on that point, so that its surroundings of `extent` degrees fill a part of the map."""
        wanted = 360 * _PIXELS / (self.width * extent) if extent > 0 else LARGEST / 8
        return Viewport(latitude, longitude, min(LARGEST, max(wanted, self.scale * 2)), self.width)

    def scaled(self, factor: float) -> "Viewport":
        """Zoom in or out around the same middle."""
        return _instead(self, None, None, self.scale * factor)

    def as_data(self) -> dict[str, float]:
        """Return the view as data for the browser to keep."""
        return asdict(self)


def whole_world(width: int) -> Viewport:
    """Return the initial view of a map of that many pixels."""
    return Viewport(_MIDDLE, 10.0, 1.0, width)


def read_view(data: Mapping[str, Any] | None, width: int) -> Viewport:
    """Read the view that a browser kept; if it is invalid, return the whole world."""
    given = data or {}
    names = ("latitude", "longitude", "scale")
    return _instead(whole_world(width), *(given.get(name) for name in names))


def moved(view: Viewport, relayout: Mapping[str, Any] | None) -> Viewport:
    """Apply what Plotly reports of zooming and dragging; other events leave the view unchanged."""
    reported = relayout or {}
    names = ("geo.center.lat", "geo.center.lon", "geo.projection.scale")
    return _instead(view, *(reported.get(name) for name in names))


def _instead(view: Viewport, latitude: object, longitude: object, scale: object) -> Viewport:
    """Replace the values that are numbers, within bounds."""
    return Viewport(
        _within(_number(latitude, view.latitude), 90),
        _within(_number(longitude, view.longitude), 180),
        max(_SMALLEST, min(LARGEST, _number(scale, view.scale))),
        view.width,
    )


def _number(value: object, otherwise: float) -> float:
    return float(value) if isinstance(value, int | float) and isfinite(value) else otherwise


def _within(value: float, bound: float) -> float:
    return max(-bound, min(bound, value))
