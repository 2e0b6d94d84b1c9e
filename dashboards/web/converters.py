"""Row numbers in addresses: one that no row can have is a 404, without asking the database."""

from typing import Final

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

LARGEST: Final = 2**31 - 1
"""Users, tokens and registrations have 32-bit numbers."""


class RowNumber(IntegerConverter):
    """The converter of `<int:...>` in this server's routes."""

    def __init__(self, map: Map) -> None:  # noqa: A002 - the library's
        super().__init__(map, max=LARGEST)


def bound_numbers(server: Flask) -> None:
    """Install the converter; call this before any route is made."""
    server.url_map.converters["int"] = RowNumber
