"""Refuses requests under foreign host names, and leads browsers to the Prefect UI among our pages.

Prefect has no list of names that it answers to. Without one, a page of another site could point a name of its
own to the server and read it as its own (DNS rebinding).
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from p2ppool.loopback import is_own, listening_names
from p2ppool.settings import PREFECT_UI_PATH, Settings

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
"""An ASGI application (version 3.0)."""

_MISDIRECTED: Final = 421  # RFC 9110, section 15.5.20
_TEMPORARY_REDIRECT: Final = 307
_POLICY_VIOLATION: Final = 1008  # RFC 6455, section 7.4.1
_SERVED: Final = ("/api", PREFECT_UI_PATH)


class OwnNamesOnly:
    """An ASGI application around `application` that answers only under the server's own names."""

    def __init__(self, application: Application, settings: Settings) -> None:
        """Take the names from where the server listens."""
        self._application = application
        self._names = listening_names(settings.prefect_listen_address)
        self._ui = settings.prefect_ui_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, request or the application's life."""
        if scope["type"] == "lifespan":
            await self._application(scope, receive, send)
        elif not is_own(_host(scope), self._names):
            await _refuse(scope, send)
        elif scope["type"] == "http" and not scope["path"].startswith(_SERVED):
            await _answer(send, _TEMPORARY_REDIRECT, (b"location", _quoted(self._ui, scope)))
        else:
            await self._application(scope, receive, send)


def _host(scope: Scope) -> str:
    """Return the Host header; empty if there is not exactly one."""
    found = [value for name, value in scope["headers"] if name == b"host"]
    return found[0].decode("latin-1") if len(found) == 1 else ""


def _quoted(ui: str, scope: Scope) -> bytes:
    """Return the address of the same page among ours."""
    path: bytes = scope.get("raw_path") or b"/"
    return ui.encode() + path.partition(b"?")[0]


async def _refuse(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
    else:
        await _answer(send, _MISDIRECTED)


async def _answer(send: Send, status: int, *headers: tuple[bytes, bytes]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body"})
