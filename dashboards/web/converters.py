"""Numbers of rows in addresses: one that no row can have leads nowhere, instead of to the database."""

from typing import Final

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

LARGEST: Final = 2**31 - 1
"""Of the 32 bits that the numbers of users, tokens and registrations have."""


class RowNumber(IntegerConverter):
    """What `<int:...>` takes in the routes of this server."""

    def __init__(self, map: Map) -> None:  # noqa: A002 - the library's
        super().__init__(map, max=LARGEST)


def bound_numbers(server: Flask) -> None:
    """To be called before any route is made."""
    server.url_map.converters["int"] = RowNumber
