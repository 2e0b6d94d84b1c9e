"""Which part of the world somebody looks at."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any, Final

LARGEST: Final = 400.0
"""Scale beyond which the outlines have nothing more to show."""

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
        """As on a phone."""
        return self.width < _NARROW

    @property
    def degrees_per_pixel(self) -> float:
        """At the equator."""
        return 360 / (self.width * self.scale)

    def shows(self, latitude: float, longitude: float) -> bool:
        """Whether the point is on the map, or so near that a hand can pull it there."""
        window = 360 / self.scale
        across = abs((longitude - self.longitude + 180) % 360 - 180)
        return abs(latitude - self.latitude) <= window and across <= window

    def at(self, latitude: float, longitude: float, extent: float) -> "Viewport":
        """Closer to that point, such that what is so many degrees around it fills a part of the map."""
        wanted = 360 * _PIXELS / (self.width * extent) if extent > 0 else LARGEST / 8
        return Viewport(latitude, longitude, min(LARGEST, max(wanted, self.scale * 2)), self.width)

    def scaled(self, factor: float) -> "Viewport":
        """Closer or farther, around the same middle."""
        return _instead(self, None, None, self.scale * factor)

    def as_data(self) -> dict[str, float]:
        """For the browser to keep."""
        return asdict(self)


def whole_world(width: int) -> Viewport:
    """How a map of that many pixels begins."""
    return Viewport(_MIDDLE, 10.0, 1.0, width)


def read_view(data: Mapping[str, Any] | None, width: int) -> Viewport:
    """What a browser kept; where it is no view, the whole world."""
    given = data or {}
    names = ("latitude", "longitude", "scale")
    return _instead(whole_world(width), *(given.get(name) for name in names))


def moved(view: Viewport, relayout: Mapping[str, Any] | None) -> Viewport:
    """The view after what Plotly told of a hand's zooming and pulling; other news leave it as it is."""
    told = relayout or {}
    names = ("geo.center.lat", "geo.center.lon", "geo.projection.scale")
    return _instead(view, *(told.get(name) for name in names))


def _instead(view: Viewport, latitude: object, longitude: object, scale: object) -> Viewport:
    """With what of it is a number, within bounds."""
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
