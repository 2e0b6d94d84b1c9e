"""A manager's own database of addresses in MaxMind's format (MMDB 2.0), such as GeoLite2 City or DB-IP's."""

from pathlib import Path
from typing import Any, Final

import maxminddb

from p2ppool.errors import UserError, one_line
from p2ppool.places.place import LABEL_LIMIT, Place, Precision, Source, on_earth

_CITY_RADIUS: Final = 200
"""Kilometres of uncertainty (`accuracy_radius`) beyond which coordinates only determine the country."""


class GeoDatabase:
    """An open database; any number of threads may read it."""

    def __init__(self, file: Path) -> None:
        """Open it.

        Raises:
            UserError: the file can't be read or is not such a database.
        """
        self._file = file
        try:
            self._reader = maxminddb.open_database(file)
        except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
            raise self._bad(error) from None

    def place(self, ip: str) -> Place | None:
        """Return the location of the address; None if the database has none.

        Raises:
            UserError: the database is damaged there.
        """
        return _place(self._record(ip))

    def country(self, ip: str) -> str:
        """Return the code of the address's country; empty if the database has none.

        Raises:
            UserError: the database is damaged there.
        """
        return _country_code(self._record(ip))

    def _record(self, ip: str) -> Any:
        try:
            return self._reader.get(ip)
        except ValueError:  # an IPv6 address, and the database is of IPv4
            return None
        except (maxminddb.InvalidDatabaseError, RecursionError, UnicodeError, OverflowError) as error:
            raise self._bad(error) from None

    def _bad(self, error: Exception) -> UserError:
        return UserError(
            f"the geo database {self._file} can't be used: {one_line(error)}; "
            "set P2PPOOL_GEO_DATABASE to a file in MaxMind's format (.mmdb), or to nothing"
        )


def _place(record: Any) -> Place | None:
    where = _part(record, "location")
    found = on_earth(_part(where, "latitude"), _part(where, "longitude"))
    if found is None:
        return None
    radius = _part(where, "accuracy_radius")
    coarse = isinstance(radius, int | float) and radius > _CITY_RADIUS
    precision = Precision.COUNTRY if coarse else Precision.CITY
    return Place(*found, Source.GEO_DATABASE, precision, _label(record), _country_code(record))


def _label(record: Any) -> str:
    names = [_part(_part(_part(record, part), "names"), "en") for part in ("city", "country")]
    return one_line(", ".join(name for name in names if isinstance(name, str) and name), LABEL_LIMIT)


def _country_code(record: Any) -> str:
    code = _part(_part(record, "country"), "iso_code")
    return code if isinstance(code, str) and len(code) == 2 and code.isascii() and code.isalpha() else ""  # noqa: PLR2004


def _part(record: Any, name: str) -> Any:
    return record.get(name) if isinstance(record, dict) else None
