"""Serving the pages with waitress."""

import logging
import signal
import sys
from types import FrameType
from typing import Any, NoReturn

from flask import Flask
from waitress.server import create_server

from dashboards.routes.request_sizes import SMALL, bound, size_of
from p2ppool.errors import UserError, one_line
from p2ppool.settings import Settings

_THREADS = 16


def serve(app: Flask, settings: Settings, also: str = "") -> None:
    """Listen on the settings' address until SIGTERM or SIGINT.

    Prints the address, and `also` after it, once browsers can connect.

    Raises:
        UserError: it can't listen on the address.
    """
    # It warns of each request that waits for a thread, which is normal for a page's first load.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = _listening(app, settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    sys.stdout.write(f"pages: {settings.web_url}\n{also}")
    sys.stdout.flush()
    try:
        server.run()
    except SystemExit:
        server.close()


def _listening(app: Flask, settings: Settings) -> Any:
    servers: dict[Any, Any] = {}
    try:
        server = create_server(
            app,
            servers,
            host=settings.listen_address,
            port=settings.web_port,
            threads=_THREADS,
            ident=None,
            max_request_body_size=SMALL,
            # Keep proxy headers as sent: the certificate service serves some calls only without a proxy.
            # Nothing else trusts these headers.
            clear_untrusted_proxy_headers=False,
            **_proxy(settings),
        )
    except (OSError, ValueError) as error:  # waitress turns an unknown address into a ValueError
        where = f"{settings.listen_address}:{settings.web_port}"
        raise UserError(
            f"the web server can't listen on {where}: {one_line(error)}; "
            f"free it, or set {Settings.variable('web_port')} or {Settings.variable('listen_address')}"
        ) from None
    bound(servers, size_of(settings))
    return server


def _proxy(settings: Settings) -> dict[str, Any]:
    """Return the settings of the proxy that is trusted to name the sender."""
    if not settings.trusted_proxy:
        return {}
    headers = {"x-forwarded-for", "x-forwarded-proto"}
    return {"trusted_proxy": settings.trusted_proxy, "trusted_proxy_headers": headers}


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
