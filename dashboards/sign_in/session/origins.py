"""Where a request comes from, in the words of the record of sign-ins."""

from typing import Final

from flask import request

from p2ppool.accounts.sign_in_record import Origin
from p2ppool.errors import one_line

_BROWSERS: Final = {
    "Edg/": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "Chromium/": "Chromium",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
"""By their marks in the User-Agent header, the more special ones first: each names others, too."""
_SYSTEMS: Final = {
    "Android": "Android",
    "iPhone": "iOS",
    "iPad": "iPadOS",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}
_SHOWN: Final = 60  # characters of a header that is not known


def origin(way: str) -> Origin:
    """Return the origin of the current request, in which somebody signs in by `way`."""
    return Origin(way, request.remote_addr or "", browser_name(request.headers.get("User-Agent", "")))


def browser_name(header: str) -> str:
    """Return "Firefox on Linux" or the like for a User-Agent header; one that is not known as it is."""
    browser = next((name for mark, name in _BROWSERS.items() if mark in header), "")
    system = next((name for mark, name in _SYSTEMS.items() if mark in header), "")
    if browser:
        return f"{browser} on {system}" if system else browser
    return one_line(header, _SHOWN)
