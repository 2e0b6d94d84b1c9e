"""The XML-RPC call in a request, parsed once, and where it came from."""

from typing import Final
from urllib.parse import urlsplit

from flask import g, request

from dashboards.group_service.xml_rpc import LARGEST, Call, CallError, read_call
from p2ppool.loopback import is_loopback

_CALL: Final = "p2ppool_call"
_FORWARDING: Final = (
    "Forwarded",
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Real-Ip",
)


def get_call() -> Call:
    """Return the call in the request.

    The result is kept for the rest of the request.

    Raises:
        CallError: it is not a valid call.
        RequestEntityTooLarge: it is larger than any call.
    """
    found: Call | CallError | None = g.get(_CALL)
    if found is None:
        request.max_content_length = LARGEST
        try:
            found = read_call(request.get_data(cache=False))
        except CallError as error:
            found = error
        setattr(g, _CALL, found)
    if isinstance(found, CallError):
        raise found
    return found


def is_from_this_machine() -> bool:
    """Tell whether a program on this machine sent the request, not a local proxy for somebody else.

    A proxy that adds none of these headers still passes on or replaces the requested host name. One that
    hides even that looks like a local program, so such calls must be harmless.
    """
    if any(name in request.headers for name in _FORWARDING):
        return False
    return is_loopback(request.remote_addr or "") and is_loopback(
        urlsplit(f"//{request.host}").hostname or ""
    )
