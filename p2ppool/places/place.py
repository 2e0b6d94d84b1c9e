"""A location on earth, or the reason why there is none."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from p2ppool.errors import UserError, one_line

LABEL_LIMIT: Final = 80
"""The largest number of characters in a place's name."""

_TEXT_LIMIT: Final = 64
_LATITUDE_LIMIT: Final = 90
_LONGITUDE_LIMIT: Final = 180
_DIGITS: Final = 4  # about ten metres


class Source(StrEnum):
    """The source of a location."""

    BY_HAND = "set by hand"
    GEO_DATABASE = "geo database"
    NODE = "reported by the node"
    COUNTRY = "country of its address"


class Precision(StrEnum):
    """The precision of a location."""

    EXACT = "exact"
    CITY = "city"
    COUNTRY = "country"


class Unplaced(StrEnum):
    """The reason why something has no location."""

    NO_ADDRESS = "no IP address known"
    LOOPBACK = "loopback address"
    PRIVATE = "private address"
    RESERVED = "address that is in no public network"
    UNKNOWN = "address of an unknown country"
    NO_LOOK_UP = "no look-up of countries: pip install 'p2ppool[geo]'"


@dataclass(frozen=True, slots=True)
class Place:
    """Degrees north and east (WGS 84), and their source.

    Attributes:
        label: its name; may be untrusted text.
        country: code of ISO 3166-1 (two letters); empty if unknown.
    """

    latitude: float
    longitude: float
    source: Source
    precision: Precision
    label: str
    country: str = ""


def read_coordinates(text: str) -> tuple[float, float] | None:
    """Parse latitude and longitude in a text such as "48.14, 11.58"; None if it is not a point on earth."""
    if len(text) > _TEXT_LIMIT:
        return None
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError:
        return None
    return on_earth(latitude, longitude)


def on_earth(latitude: object, longitude: object) -> tuple[float, float] | None:
    """Return the two as rounded degrees; None if they are not numbers or out of range."""
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return None
    if not (abs(latitude) <= _LATITUDE_LIMIT and abs(longitude) <= _LONGITUDE_LIMIT):  # also true of NaN
        return None
    return round(float(latitude), _DIGITS), round(float(longitude), _DIGITS)


def parse_coordinates(text: str) -> tuple[float, float]:
    """Parse the coordinates that a manager entered.

    Raises:
        UserError: it is not a point on earth.
    """
    found = read_coordinates(text)
    if found is None:
        raise UserError(
            f"{one_line(text, _TEXT_LIMIT)!r} is not a location: "
            'give degrees north and east, such as "48.14,11.58" or "-33.87,151.21"'
        )
    return found


def format_coordinates(latitude: float, longitude: float) -> str:
    """Format coordinates like "48.14° N, 11.58° E"."""
    north, east = "N" if latitude >= 0 else "S", "E" if longitude >= 0 else "W"
    return f"{abs(latitude):.2f}° {north}, {abs(longitude):.2f}° {east}"


def by_hand(latitude: float | None, longitude: float | None, label: str | None) -> Place | None:
    """Return the location that a manager has set for a host, or None."""
    if latitude is None or longitude is None:
        return None
    name = label or format_coordinates(latitude, longitude)
    return Place(latitude, longitude, Source.BY_HAND, Precision.EXACT, name)
