"""Serving the pages with waitress, by http or https."""

import logging
import resource
import signal
import sys
from contextlib import suppress
from types import FrameType
from typing import Any, NoReturn

from flask import Flask
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.task import ThreadedTaskDispatcher

from dashboards.routes.request_sizes import RankOf, parser_with, size_of
from dashboards.serving.bounded_server import BoundedServer
from dashboards.serving.bounds import Bounds
from dashboards.serving.channel import Channel
from dashboards.serving.senders import ranks
from dashboards.serving.tls import Certificate, TlsChannel, TlsServer
from dashboards.web.access import Need
from p2ppool.errors import UserError, one_line
from p2ppool.loopback import is_loopback
from p2ppool.settings import Settings

_THREADS = 16
_LARGEST_HEAD = 32 * 1024  # bytes; browsers send a few thousand
_LOOP = 1.0  # seconds between two checks at slow clients
_FILES_OF_OURS = 256


def serve(app: Flask, settings: Settings, also: str = "") -> None:
    """Listen on the settings' address until SIGTERM or SIGINT.

    Prints the address, and `also` after it, once browsers can connect.

    Raises:
        UserError: it can't listen on the address, or only unencrypted where others can reach it.
    """
    # It warns of each request that waits for a thread, which is normal for a page's first load.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    _refuse_readable_passwords(settings)
    serve_wsgi(app, settings, also, ranks(app))


def serve_wsgi(
    app: Any, settings: Settings, also: str = "", rank_of: RankOf = lambda _headers: Need.NOTHING
) -> None:
    """Serve any WSGI application as `serve` does; `rank_of` tells who may send large requests.

    Raises:
        UserError: it can't listen on the address.
    """
    _allow_files(settings.web_connections)
    servers: dict[int, Any] = {}
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(_THREADS)
    listen(app, settings, rank_of, servers, dispatcher)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    sys.stdout.write(f"pages: {settings.web_url}\n{also}")
    sys.stdout.flush()
    try:
        wasyncore.loop(_LOOP, use_poll=True, map=servers)
    except SystemExit:
        dispatcher.shutdown()
        wasyncore.close_all(servers)


def listen(
    app: Any, settings: Settings, rank_of: RankOf, servers: dict[int, Any], dispatcher: Any
) -> list[BoundedServer]:
    """Listen on every address that the settings' name stands for; the sockets get into `servers`.

    Raises:
        UserError: it can't listen there, or the certificate can't be used.
    """
    kind = _server_kind(settings, rank_of)
    try:
        adjustments = _adjustments(settings)
        return [
            kind(app, servers, adj=adjustments, dispatcher=dispatcher, sockinfo=each)
            for each in adjustments.listen
        ]
    except (OSError, ValueError) as error:  # waitress turns an unknown address into a ValueError
        where = f"{settings.listen_address}:{settings.web_port}"
        raise UserError(
            f"the web server can't listen on {where}: {one_line(error)}; "
            f"free it, or set {Settings.variable('web_port')} or {Settings.variable('listen_address')}"
        ) from None


def _server_kind(settings: Settings, rank_of: RankOf) -> type[BoundedServer]:
    """Return the class of server that the settings call for."""
    granted = Bounds.of(settings)
    parser = parser_with(size_of(settings, rank_of))
    base: type[BoundedServer] = BoundedServer
    of_channel: type[Channel] = Channel
    own: dict[str, Any] = {"bounds": granted}
    if settings.tls_certificate is not None and settings.tls_key is not None:
        base, of_channel = TlsServer, TlsChannel
        own["certificate"] = Certificate(settings.tls_certificate, settings.tls_key)
    own["channel_class"] = type("Channel", (of_channel,), {"bounds": granted, "parser_class": parser})
    return type("Server", (base,), own)


def _adjustments(settings: Settings) -> Adjustments:
    return Adjustments(
        host=settings.listen_address,
        port=settings.web_port,
        threads=_THREADS,
        ident=None,
        url_scheme="https" if settings.tls_certificate else "http",
        # The server makes room by itself, long before.
        connection_limit=settings.web_connections + _FILES_OF_OURS,
        cleanup_interval=1,
        max_request_header_size=_LARGEST_HEAD,
        log_socket_errors=False,
        # Keep proxy headers as sent: the certificate service serves some calls only without a proxy.
        # Nothing else trusts these headers.
        clear_untrusted_proxy_headers=False,
        **_proxy(settings),
    )


def _refuse_readable_passwords(settings: Settings) -> None:
    """Refuse http on an address that others can reach, unless that is allowed.

    Raises:
        UserError: it is not.
    """
    if settings.tls_certificate is not None or is_loopback(settings.listen_address):
        return
    where = f"{settings.listen_address}:{settings.web_port}"
    if not settings.insecure:
        raise UserError(
            f"on {where} passwords would cross the network readable: set "
            f"{Settings.variable('tls_certificate')} and {Settings.variable('tls_key')}, or listen on "
            f"127.0.0.1 behind a proxy that does TLS; {Settings.variable('insecure')}=true allows it anyway"
        )
    sys.stderr.write(
        f"warning: the pages on {where} are served by http: passwords cross the network readable\n"
    )


def _allow_files(connections: int) -> None:
    """Let this process open as many files as connections need: each a socket and two buffers on disk."""
    wanted = 3 * connections + _FILES_OF_OURS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _proxy(settings: Settings) -> dict[str, Any]:
    """Return the settings of the proxy that is trusted to name the sender."""
    if not settings.trusted_proxy:
        return {}
    headers = {"x-forwarded-for", "x-forwarded-proto"}
    return {"trusted_proxy": settings.trusted_proxy, "trusted_proxy_headers": headers}


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
