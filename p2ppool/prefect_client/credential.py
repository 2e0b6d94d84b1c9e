"""What the Prefect server asks of its clients: a credential, and a token against forged requests.

The credential is derived from the vault's key. So it needs no file of its own, every process of the manager
knows it, and it is in no command line and no setting.
"""

import base64
from collections.abc import Generator
from typing import Final
from uuid import uuid4

import httpx

from p2ppool.settings import Settings
from p2ppool.store.vault import Vault

_USER: Final = "p2ppool"
_PURPOSE: Final = "Prefect server"
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
LACKS_TOKEN: Final = b"CSRF"
"""What stands in Prefect's answer to a request without a valid token."""


def credential_of(config: Settings) -> str:
    """Return the credential, as Prefect's settings take it: a name and a secret with a colon in between.

    Raises:
        VaultError: the vault's key can't be used.
    """
    vault = Vault.existing(config.data_folder, config.vault_key)
    return f"{_USER}:{vault.derive(_PURPOSE).hex()}"


def server_environment(config: Settings) -> dict[str, str]:
    """Return the secret variable of the Prefect server's own process."""
    return {"PREFECT_SERVER_API_AUTH_STRING": credential_of(config)}


def client_environment(config: Settings) -> dict[str, str]:
    """Return the variables with which Prefect's own client reaches our server."""
    return {
        "PREFECT_API_URL": f"{config.prefect_url}/api",
        "PREFECT_API_AUTH_STRING": credential_of(config),
        "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "true",
    }


class PrefectAuth(httpx.Auth):
    """Adds the credential to each request, and a token against forged ones to those that change something.

    A token belongs to one client and lasts an hour; one that the server does not take is replaced once.
    """

    requires_response_body = True

    def __init__(self, credential: str) -> None:
        """Take the credential; a token is requested when it is first needed."""
        self._basic = f"Basic {base64.b64encode(credential.encode()).decode()}"
        self._client = uuid4().hex
        self._token = ""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request, before it one for a token if needed."""
        request.headers["Authorization"] = self._basic
        if request.method in _READING:
            yield request
            return
        if not self._token:
            yield from self._request_token(request)
        response = yield self._with_token(request)
        if response.status_code == httpx.codes.FORBIDDEN and LACKS_TOKEN in response.content:
            yield from self._request_token(request)
            yield self._with_token(request)

    def _with_token(self, request: httpx.Request) -> httpx.Request:
        request.headers["Prefect-Csrf-Client"] = self._client
        request.headers["Prefect-Csrf-Token"] = self._token
        return request

    def _request_token(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        url = request.url.copy_with(path="/api/csrf-token", query=f"client={self._client}".encode())
        response = yield httpx.Request(
            "GET", url, headers={"Authorization": self._basic}, extensions=request.extensions
        )
        if response.is_success:
            self._token = str(response.json().get("token", ""))
