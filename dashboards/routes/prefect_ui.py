"""`/prefect/`: the Prefect server and its UI, for those who are signed in and may look at all pools.

Managers may do everything there, others only read: it knows no pools, and shows and takes runs of all. The
server's credential is added here and never reaches a browser; the visitor's cookies never reach the server.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

import httpx
from flask import Blueprint, Flask, Response, current_app, request

from dashboards.routes.prefect_reads import only_reads
from dashboards.routes.prefect_requests import deployment_in, signed
from dashboards.web.access import for_senders_of_our_pages, refuse, require_manager, visitor
from p2ppool.actions.requesters import Requesters
from p2ppool.errors import UserError, one_line
from p2ppool.prefect_client.credential import PrefectAuth, credential_of
from p2ppool.settings import PREFECT_UI_PATH, Settings

prefect_ui = Blueprint("prefect_ui", __name__, url_prefix=PREFECT_UI_PATH)

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_UPSTREAM: Final = "p2ppool_prefect"  # among the application's extensions
_TIMEOUT: Final = httpx.Timeout(20.0, connect=3.0)  # seconds
_AT_ONCE: Final = 10  # requests; the other threads of the web server stay free if Prefect hangs
_SENT_ON: Final = ("Accept", "Content-Type", "If-None-Match", "If-Modified-Since", "X-Prefect-Ui")
_GIVEN_BACK: Final = ("Content-Type", "Cache-Control", "ETag", "Last-Modified", "Content-Disposition")
_SETTINGS: Final = "ui-settings"
_OWN_SETTINGS: Final = MappingProxyType(
    {
        "api_url": f"{PREFECT_UI_PATH}/api",
        "auth": None,
        "csrf_enabled": False,
        # The second UI contacts outside addresses: it is neither served nor offered.
        "available_uis": ["v1"],
        "v2_base_url": None,
    }
)
_PLACES: Final = BoundedSemaphore(_AT_ONCE)
_HIDDEN: Final = frozenset({"api/csrf-token"})
_SAFE: Final = "/:@!$&'()*+,;=~"  # in a path (RFC 3986, section 3.3)


@prefect_ui.route("/", defaults={"path": ""}, methods=_METHODS)
@prefect_ui.route("/<path:path>", methods=_METHODS)
@for_senders_of_our_pages
def forward(path: str) -> Response:
    """Forward the request to the Prefect server, and its answer to the browser."""
    if not visitor().rights.sees_all:
        refuse("Only those who may look at all pools may look here.")
    if not only_reads(request.method, path):
        require_manager()
    if path in _HIDDEN or any(part in {".", ".."} for part in path.split("/")):
        return _text("There is no such page.", 404)
    try:
        with _place():
            answer = _answer(path)
    except httpx.HTTPError as error:
        return _text(f"The Prefect server does not answer ({one_line(error)}): is `p2ppool up` running?", 503)
    except UserError as error:
        return _text(str(error), 503)
    return _ui_settings(answer) if path == _SETTINGS else _given_back(answer)


@dataclass(frozen=True)
class _Upstream:
    """The way to the Prefect server, and the signer of requests for runs."""

    client: httpx.Client
    requesters: Requesters


def connect(server: Flask, settings: Settings) -> None:
    """Let the views of `server` reach the Prefect server.

    Raises:
        VaultError: the vault's key, from which the credential is derived, can't be used.
    """
    client = httpx.Client(
        base_url=settings.prefect_url,
        auth=PrefectAuth(credential_of(settings)),
        timeout=_TIMEOUT,
        trust_env=False,
        limits=httpx.Limits(max_keepalive_connections=0),  # the server closes some without a word
    )
    server.extensions[_UPSTREAM] = _Upstream(client, Requesters.open(settings))


@contextmanager
def _place() -> Iterator[None]:
    """Take one of the places for requests to Prefect.

    Raises:
        UserError: all are taken.
    """
    if not _PLACES.acquire(timeout=1.0):
        raise UserError("The Prefect server is busy: try again in a moment.")
    try:
        yield
    finally:
        _PLACES.release()


def _upstream() -> _Upstream:
    found: _Upstream = current_app.extensions[_UPSTREAM]
    return found


def _answer(path: str) -> httpx.Response:
    """Return Prefect's answer to this request."""
    return _upstream().client.request(
        request.method,
        f"{_address(path)}?{request.query_string.decode('latin-1')}".removesuffix("?"),
        content=_body(path) or None,
        headers={name: request.headers[name] for name in _SENT_ON if name in request.headers},
    )


def _body(path: str) -> bytes:
    """Return the body to send on: a request for a run names the visitor."""
    deployment = deployment_in(request.method, path)
    if deployment is None:
        return request.get_data()
    return signed(
        request.get_data(),
        _upstream().requesters,
        f"Prefect UI {visitor().name}",
        lambda: _action_of(deployment),
    )


def _action_of(deployment: str) -> str | None:
    found = _upstream().client.get(f"/api/deployments/{deployment}")
    return str(found.json()["name"]) if found.is_success else None


def _address(path: str) -> str:
    """Return the path on the Prefect server: the API has its own, the UI the same as here."""
    place = f"/{path}" if path.startswith("api/") else f"{PREFECT_UI_PATH}/{path}"
    return quote(place, safe=_SAFE)


def _given_back(answer: httpx.Response) -> Response:
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return _text("The Prefect server does not take this manager's credential: restart `p2ppool up`.", 502)
    headers = {name: answer.headers[name] for name in _GIVEN_BACK if name in answer.headers}
    return _with(answer.content, answer.status_code, headers)


def _ui_settings(answer: httpx.Response) -> Response:
    """Tell the UI that its API is on this server and wants nothing: the credential is added on the way."""
    if not answer.is_success:
        return _given_back(answer)
    found = answer.json() | _OWN_SETTINGS
    return _with(json.dumps(found).encode(), 200, {"Content-Type": "application/json"})


def _text(message: str, status: int) -> Response:
    return _with(f"{message}\n".encode(), status, {"Content-Type": "text/plain; charset=utf-8"})


def _with(content: bytes, status: int, headers: Mapping[str, str]) -> Response:
    return Response(content, status=status, headers=dict(headers))
