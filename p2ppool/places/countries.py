"""Countries: name and centre, and that of an IP address by the data that geoip2fast brings.

The centres in countries.csv are those of the outlines that the map draws (see docs/third-party.md); of the
few that it does not draw they are ours.
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
_SPOILT: Final = ("PYTHONWARNINGS", "PYTHONIOENCODING")  # what geoip2fast sets when it is imported
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
    """All, by code."""
    text = files("p2ppool.places").joinpath("countries.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {
        row["code"]: Country(
            row["code"], row["outline"], row["name"], float(row["latitude"]), float(row["longitude"])
        )
        for row in rows
    }


def country_of(ip: str) -> Country | None:
    """The country of a public address, if `can_look_up`; the first call reads the data: 0.3 s and 45 MB."""
    data = _data()
    return None if data is None else countries().get(data.lookup(ip).country_code)


def can_look_up() -> bool:
    """Whether the data is there: whoever wants it installs it as an extra."""
    return _data() is not None


def _data() -> Any:
    """None: it is not installed."""
    with _loading:  # or two pages that are the first would read it twice
        return _loaded()


@cache
def _loaded() -> Any:
    before = {name: os.environ.get(name) for name in _SPOILT}
    try:
        from geoip2fast import GeoIP2Fast, geoip2fast  # noqa: PLC0415 - an extra, of ten megabytes
    except ModuleNotFoundError:
        return None
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    # It starts `ps` to tell how much memory it takes. And without the whole path it would take (and unpickle)
    # a file of that name in the current folder first.
    geoip2fast.get_mem_usage = lambda: 0.0
    return GeoIP2Fast(geoip2fast_data_file=str(Path(geoip2fast.__file__).with_name(_DATA)))
