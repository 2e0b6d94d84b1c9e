"""Countries: their names and centres, and the country of an IP address from geoip2fast's data.

The centres in countries.csv are those of the outlines that the map draws (docs/reference/third-party.md);
those of the few countries that it does not draw were chosen here.
"""

import csv
import os
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any, Final

_DATA: Final = "geoip2fast-ipv6.dat.gz"  # IPv4 and IPv6
_SPOILT: Final = ("PYTHONWARNINGS", "PYTHONIOENCODING")  # geoip2fast changes these when imported
_loading = Lock()


@dataclass(frozen=True, slots=True)
class Country:
    """One country: code (ISO 3166-1, two letters), the outline's id (three), name, centre in degrees."""

    code: str
    outline: str
    name: str
    latitude: float
    longitude: float


@cache
def countries() -> dict[str, Country]:
    """Return all countries by code."""
    text = files("p2ppool.places").joinpath("countries.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {
        row["code"]: Country(
            row["code"], row["outline"], row["name"], float(row["latitude"]), float(row["longitude"])
        )
        for row in rows
    }


def country_of(ip: str) -> Country | None:
    """Return the country of a public address, if `can_locate`;
    the first call loads the data: 0.3 s and 45 MB.
    """
    data = _data()
    return None if data is None else countries().get(data.lookup(ip).country_code)


def can_locate() -> bool:
    """Return whether the data is available: it is installed as an extra."""
    return _data() is not None


def _data() -> Any:
    """Return the data; None if it is not installed."""
    with _loading:  # otherwise the first two pages would both load it
        return _loaded()


@cache
def _loaded() -> Any:
    before = {name: os.environ.get(name) for name in _SPOILT}
    try:
        from geoip2fast import GeoIP2Fast, geoip2fast  # noqa: PLC0415 - an extra of ten megabytes
    except ModuleNotFoundError:
        return None
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    # It starts `ps` to report its memory usage. And without the full path it would first load (and unpickle)
    # a file of that name in the current folder.
    geoip2fast.get_mem_usage = lambda: 0.0
    return GeoIP2Fast(geoip2fast_data_file=str(Path(geoip2fast.__file__).with_name(_DATA)))
