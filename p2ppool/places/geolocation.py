"""Where an address is, by the surest of the sources that know.

1. A manager has set the place of the host by hand.
2. The manager's geo database gives coordinates to city precision. It is asked before the node, as a node may
   say of itself what it likes.
3. The coordinates that the node reports of itself: more exact than a country, if true.
4. The centre of the address's country, by the geo database, else by geoip2fast's data, if it is installed.
"""

import ipaddress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from p2ppool.errors import UserError
from p2ppool.places.countries import Country, can_look_up, countries, country_of
from p2ppool.places.geo_database import GeoDatabase
from p2ppool.places.place import Place, Precision, Source, Unplaced, in_words, read_coordinates

_REMEMBERED: Final = 65_536  # addresses; a look-up costs ten microseconds and more
_NOWHERE: Final = (0.0, 0.0)  # in the sea: where software that knows no place is


@dataclass(frozen=True, slots=True)
class _OfAddress:
    """What an address alone tells."""

    place: Place | None = None
    reason: Unplaced = Unplaced.UNKNOWN


class Geolocation:
    """Answers where addresses are, and remembers its answers.

    `problem` says in one line why the geo database is not used; empty: all is well.
    """

    def __init__(self, file: Path | None) -> None:
        """Open the geo database; None: there is none."""
        self.problem = ""
        self._database: GeoDatabase | None = None
        self._of_address = lru_cache(_REMEMBERED)(self._look_up)
        if file is not None:
            try:
                self._database = GeoDatabase(file)
            except UserError as error:
                self.problem = str(error)

    def find(self, ip: str | None, told: str | None = None, by_hand: Place | None = None) -> Place | Unplaced:
        """The place of what has that address.

        Args:
            ip: its IP address, as any text.
            told: the coordinates that it reports of itself, as any text.
            by_hand: what a manager has said.
        """
        if by_hand is not None:
            return by_hand
        known = self._of_address(ip) if ip else _OfAddress(None, Unplaced.NO_ADDRESS)
        if known.place is None or known.place.precision is Precision.COUNTRY:
            return _told_place(told, known.place) or known.place or known.reason
        return known.place

    def _look_up(self, ip: str) -> _OfAddress:
        try:
            address = _unwrapped(ip)
        except ValueError:
            return _OfAddress(None, Unplaced.NO_ADDRESS)
        if reason := _not_public(address):
            return _OfAddress(None, reason)
        if found := self._by_database(str(address)):
            return _OfAddress(found)
        if not can_look_up():
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
    """The gazetteer with that geo database, the same one as long as the file stays the same."""
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
    """An IPv4 address inside an IPv6 one (RFC 4291, section 2.5.5.2; RFC 3056) is where it comes from."""
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


def _told_place(told: str | None, country: Place | None) -> Place | None:
    found = read_coordinates(told) if told else None
    if found is None or found == _NOWHERE:
        return None
    code = country.country if country else ""
    return Place(*found, Source.NODE, Precision.CITY, in_words(*found), code)


def _centre(country: Country | None) -> Place | None:
    if country is None:
        return None
    return Place(
        country.latitude, country.longitude, Source.COUNTRY, Precision.COUNTRY, country.name, country.code
    )
