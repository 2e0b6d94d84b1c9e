"""Largest request size by path: checked before the body is read, because waitress stores it on disk."""

from collections.abc import Callable
from typing import Any, Final

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer

from dashboards.routes.uploads import PACKAGES
from p2ppool.settings import PREFECT_UI_PATH, Settings

_KIB: Final = 1024
SMALL: Final = 256 * _KIB
"""In bytes, for most requests; those of these pages send some hundred."""
_CALLBACK: Final = 2048 * _KIB  # one may hold a list of ten thousand hosts
_CALLBACKS: Final = "/_dash-update-component"
_PREFECT: Final = f"{PREFECT_UI_PATH}/api/"  # a run's parameters may hold such a list, too

SizeOf = Callable[[str], int]
"""Returns the largest body in bytes for a path."""


def size_of(config: Settings) -> SizeOf:
    """Return the limits under these settings."""

    def size(path: str) -> int:
        if path == PACKAGES:
            return config.package_max_bytes
        return _CALLBACK if path == _CALLBACKS or path.startswith(_PREFECT) else SMALL

    return size


def bound(servers: dict[Any, Any], sizes: SizeOf) -> None:
    """Let the servers in waitress's map refuse larger requests."""

    class Parser(_BoundParser):
        largest = staticmethod(sizes)

    class Channel(HTTPChannel):  # type: ignore[misc] # waitress has no types
        parser_class = Parser

    for server in servers.values():
        if isinstance(server, BaseWSGIServer):
            server.channel_class = Channel


class _BoundParser(HTTPRequestParser):  # type: ignore[misc] # waitress has no types
    largest: SizeOf
    adj: Any

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        self.adj = _Bounds(self.adj, type(self).largest(self.path))


class _Bounds:
    """waitress's adjustments with another largest body."""

    def __init__(self, others: Any, largest: int) -> None:
        self._others = others
        self.max_request_body_size = largest + 1  # waitress refuses from this size on

    def __getattr__(self, name: str) -> Any:
        return getattr(self._others, name)
