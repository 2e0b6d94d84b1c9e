"""Largest request size by path and sender: checked before the body is read, because waitress stores it.

A request that states its length in two ways is none: a proxy may end it elsewhere than we do, and what comes
behind would be a request that the proxy has not seen (RFC 9112, section 6.3).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from waitress.parser import HTTPRequestParser, ParsingError

from dashboards.routes.uploads import PACKAGES
from dashboards.web.access import Need
from dashboards.web.callback_requests import CALLBACKS
from p2ppool.settings import PREFECT_UI_PATH, Settings

_PREFECT: Final = f"{PREFECT_UI_PATH}/api/"  # a run's parameters may hold a list of hosts, too

SizeOf = Callable[[str, Mapping[str, str]], int]
"""Returns the largest body in bytes for a path and the headers of a request."""
RankOf = Callable[[Mapping[str, str]], Need]
"""Returns what the sender of these headers is."""


def size_of(config: Settings, rank_of: RankOf) -> SizeOf:
    """Return the limits under these settings; `rank_of` is asked only about what is large."""

    def size(path: str, headers: Mapping[str, str]) -> int:
        if not _may_exceed(headers, config.web_form_max_bytes):
            return config.web_form_max_bytes
        rank = rank_of(headers)
        if rank < Need.USER:
            return config.web_form_max_bytes
        if path == PACKAGES and rank is Need.MANAGER:
            return config.package_max_bytes
        is_long = path == CALLBACKS or path.startswith(_PREFECT)
        return config.web_callback_max_bytes if is_long else config.web_request_max_bytes

    return size


def parser_with(sizes: SizeOf) -> type[HTTPRequestParser]:
    """Return a parser for waitress that refuses larger requests."""

    class Parser(_BoundParser):
        largest = staticmethod(sizes)

    return Parser


def _may_exceed(headers: Mapping[str, str], size: int) -> bool:
    length = headers.get("CONTENT_LENGTH")
    # waitress has taken the header of a body in chunks away: without a length, there may be one.
    return length is None or not length.isdecimal() or int(length) > size


class _BoundParser(HTTPRequestParser):  # type: ignore[misc] # waitress has no types
    largest: SizeOf
    adj: Any

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("Content-Length with Transfer-Encoding")
        if self.chunked or self.content_length:
            self.adj = _Bounds(self.adj, type(self).largest(self.path, self.headers))


class _Bounds:
    """waitress's adjustments with another largest body."""

    def __init__(self, others: Any, largest: int) -> None:
        self._others = others
        self.max_request_body_size = largest + 1  # waitress refuses from this size on

    def __getattr__(self, name: str) -> Any:
        return getattr(self._others, name)
