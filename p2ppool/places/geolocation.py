"""Locates an address by the most reliable source that knows it.

1. A manager has set the location of the host by hand.
2. The manager's geo database gives coordinates to city precision. It has precedence over the node, which may
   report anything.
3. The coordinates that the node reports: more exact than a country, if true.
4. The centre of the address's country, by the geo database, otherwise by geoip2fast's data, if installed.
"""

import ipaddress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from p2ppool.errors import UserError
from p2ppool.places.countries import Country, can_locate, countries, country_of
from p2ppool.places.geo_database import GeoDatabase
from p2ppool.places.place import Place, Precision, Source, Unplaced, format_coordinates, read_coordinates

_REMEMBERED: Final = 65_536  # addresses; a look-up costs ten microseconds and more
_NOWHERE: Final = (0.0, 0.0)  # in the sea: reported by software that does not know its location


@dataclass(frozen=True, slots=True)
class _OfAddress:
    """The result for an address alone."""

    place: Place | None = None
    reason: Unplaced = Unplaced.UNKNOWN


class Geolocation:
    """Locates addresses and caches the results.

    `problem` says in one line why the geo database is not used; empty if there is no problem.
    """

    def __init__(self, file: Path | None) -> None:
        """Open the geo database; None if there is none."""
        self.problem = ""
        self._database: GeoDatabase | None = None
        self._of_address = lru_cache(_REMEMBERED)(self._locate)
        if file is not None:
            try:
                self._database = GeoDatabase(file)
            except UserError as error:
                self.problem = str(error)

    def find(
        self, ip: str | None, reported: str | None = None, by_hand: Place | None = None
    ) -> Place | Unplaced:
        """Locate whatever has that address.

        Args:
            ip: its IP address, as any text.
            reported: the coordinates that it reports of itself, as any text.
            by_hand: the location that a manager has set.
        """
        if by_hand is not None:
            return by_hand
        known = self._of_address(ip) if ip else _OfAddress(None, Unplaced.NO_ADDRESS)
        if known.place is None or known.place.precision is Precision.COUNTRY:
            return _reported_place(reported, known.place) or known.place or known.reason
        return known.place

    def _locate(self, ip: str) -> _OfAddress:
        try:
            address = _unwrapped(ip)
        except ValueError:
            return _OfAddress(None, Unplaced.NO_ADDRESS)
        if reason := _not_public(address):
            return _OfAddress(None, reason)
        if found := self._by_database(str(address)):
            return _OfAddress(found)
        if not can_locate():
            return _OfAddress(None, Unplaced.NO_LOOK_UP)
        return _OfAddress(_centre(country_of(str(address))))

    def _by_database(self, ip: str) -> Place | None:
        if self._database is None:
            return None
        try:
            return self._database.place(ip) or _centre(countries().get(self._database.country(ip)))
        except UserError as error:
            self.problem = str(error)
            return None


def geolocation(file: Path | None) -> Geolocation:
    """Return the geolocation with that database; the same object as long as the file is unchanged."""
    return _of_file(file, _stamp(file))


@lru_cache(2)
def _of_file(file: Path | None, _stamp: tuple[int, int]) -> Geolocation:
    return Geolocation(file)


def _stamp(file: Path | None) -> tuple[int, int]:
    if file is None:
        return (0, 0)
    try:
        status = file.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)


def _unwrapped(ip: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the IPv4 address inside an IPv6 one (RFC 4291, section 2.5.5.2; RFC 3056), if there is one."""
    address = ipaddress.ip_address(ip)
    if isinstance(address, ipaddress.IPv6Address):
        return address.ipv4_mapped or address.sixtofour or address
    return address


def _not_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> Unplaced | None:
    if address.is_loopback:
        return Unplaced.LOOPBACK
    if address.is_multicast or address.is_unspecified or address.is_reserved:
        return Unplaced.RESERVED
    if address.is_global:
        return None
    return Unplaced.PRIVATE if address.is_private or address.is_link_local else Unplaced.RESERVED


def _reported_place(reported: str | None, country: Place | None) -> Place | None:
    found = read_coordinates(reported) if reported else None
    if found is None or found == _NOWHERE:
        return None
    code = country.country if country else ""
    return Place(*found, Source.NODE, Precision.CITY, format_coordinates(*found), code)


def _centre(country: Country | None) -> Place | None:
    if country is None:
        return None
    return Place(
        country.latitude, country.longitude, Source.COUNTRY, Precision.COUNTRY, country.name, country.code
    )
