"""The call in a request, read once, and who sends it."""

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
    """What the request asks for.

    Raises:
        CallError: it is no call.
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
    """Whether a program of this machine has sent it, and no proxy on this machine for somebody else.

    A proxy that says nothing in its headers at least hands on, or makes up, the name that it was asked under;
    one that hides that, too, can't be told from a program. So such calls must do no harm.
    """
    if any(name in request.headers for name in _FORWARDING):
        return False
    return is_loopback(request.remote_addr or "") and is_loopback(
        urlsplit(f"//{request.host}").hostname or ""
    )
