"""Browser security: a strict content policy, and no answers to foreign host names."""

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from flask import Flask, Response, request

from p2ppool.loopback import is_own, listening_names
from p2ppool.settings import PREFECT_UI_PATH, Settings

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # Nothing to other sites; without any referrer, browsers would send forms with `Origin: null`.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_YEAR = 365 * 86_400  # seconds
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def protect(app: Flask, settings: Settings, script_hashes: Callable[[], Iterable[str]]) -> None:
    """Add the headers to every answer of `app`, and refuse requests under a foreign host name.

    Args:
        app: the server.
        settings: where it listens.
        script_hashes: returns the CSP sources of Dash's own inline scripts; called for each answer,
            because Dash adds the last of them late.
    """
    names = own_names(settings)
    is_https = urlsplit(settings.web_url).scheme == "https"

    @app.before_request
    def refuse_foreign_names() -> Response | None:
        if is_own(request.host, names):
            return None
        return Response(
            "This server does not answer under that host name.\n", status=421, mimetype="text/plain"
        )

    @app.before_request
    def refuse_foreign_pages() -> Response | None:
        if request.method in _READING or is_same_site(
            request.headers.get("Sec-Fetch-Site"), request.origin, request.host
        ):
            return None
        return Response(
            "This server does not accept requests from other sites.\n", status=403, mimetype="text/plain"
        )

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(_HEADERS)
        response.headers["Content-Security-Policy"] = (
            content_policy(("'unsafe-eval'",), fonts="'self' data:")  # its graph of a run compiles shaders
            if request.path.startswith(f"{PREFECT_UI_PATH}/")
            else content_policy(script_hashes())
        )
        if is_https:
            # RFC 6797: from now on, browsers come by https only, and take no doubtful certificate.
            response.headers["Strict-Transport-Security"] = f"max-age={_YEAR}"
        return response


def content_policy(script_hashes: Iterable[str], fonts: str = "'self'") -> str:
    """Build the Content-Security-Policy (level 3): all from this server; inline only styles and Dash's
    scripts, and in the Prefect UI its fonts.
    """
    directives = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *script_hashes]),
        "style-src": "'self' 'unsafe-inline'",
        "font-src": fonts,
        "img-src": "'self' data: blob:",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def own_names(settings: Settings) -> frozenset[str]:
    """Return the host names that browsers may use; the machine's own name only if it listens beyond
    loopback.
    """
    public = urlsplit(settings.public_url).hostname
    return listening_names(settings.listen_address) | ({public} if public else set())


def is_same_site(fetch_site: str | None, origin: str | None, host: str) -> bool:
    """Tell whether a request that may change something comes from a page of ours, or from no page at all.

    Args:
        fetch_site: its Sec-Fetch-Site header (W3C Fetch Metadata): the browser's own statement.
        origin: its Origin header (RFC 6454), for browsers without the former.
        host: its Host header.
    """
    if fetch_site is not None:
        return fetch_site in {"same-origin", "none"}
    return origin is None or urlsplit(origin).netloc.lower() == host.lower()
