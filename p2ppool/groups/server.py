"""The server's addresses for members' machines; they are the original's, from which clients derive others."""

import ipaddress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from p2ppool.errors import UserError
from p2ppool.groups.downloads import Server
from p2ppool.settings import Settings

SERVICE: Final = "/components/com_groupvpn/mono/GroupVPN.rem"
"""Path of the certificate service."""

REVOCATIONS: Final = "/components/com_groupvpn/data/<name>/revocation_list"
"""Path of a group's list: clients replace `mono/GroupVPN.rem` at the end of the service's path."""

_LARGEST: Final = 256 * 1024  # bytes that are read of the certificate file: enough for a chain
_PEM: Final = b"-----BEGIN"


def server_of(settings: Settings) -> Server:
    """Return how members' machines reach the server under these settings.

    Raises:
        UserError: the certificate file is unusable.
    """
    file = settings.web_certificate
    is_https = urlsplit(settings.web_url).scheme == "https"
    return Server(settings.web_url + SERVICE, _certificate(file) if file and is_https else None)


def nowhere(settings: Settings) -> str:
    """Return the address given to members' machines if only this machine can reach it; otherwise `""`."""
    return settings.web_url if _is_loopback(urlsplit(settings.web_url).hostname or "") else ""


def unread(settings: Settings) -> str:
    """Return the address given to members' machines if they can't read revocation lists there; else `""`.

    They ask the same host and port for the list, but by http.
    """
    address = urlsplit(settings.web_url)
    return settings.web_url if address.scheme == "https" and address.port is not None else ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in {"", "localhost"}


def _certificate(file: Path) -> bytes:
    """Return the DER of the first certificate in the file, which is the server's own in a chain."""
    try:
        with file.open("rb") as opened:
            data = opened.read(_LARGEST)
        read = x509.load_pem_x509_certificate if _PEM in data else x509.load_der_x509_certificate
        return read(data).public_bytes(Encoding.DER)
    except OSError as error:
        problem = error.strerror or "can't be read"
    except ValueError:
        problem = "no certificate in PEM or DER"
    raise UserError(f"{Settings.variable('web_certificate')}: {file}: {problem}")
