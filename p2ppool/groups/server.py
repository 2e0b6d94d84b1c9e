"""Where members' machines find this server: at the original's addresses, from which clients derive others."""

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
"""Path of a group's list: where the service's ends with `mono/GroupVPN.rem`, clients put another end."""

_LARGEST: Final = 256 * 1024  # bytes that are read of the file with the certificate: a chain fits, too
_PEM: Final = b"-----BEGIN"


def server_of(settings: Settings) -> Server:
    """How members' machines reach the server under these settings.

    Raises:
        UserError: the file with the certificate can't be used.
    """
    file = settings.web_certificate
    is_https = urlsplit(settings.web_url).scheme == "https"
    return Server(settings.web_url + SERVICE, _certificate(file) if file and is_https else None)


def nowhere(settings: Settings) -> str:
    """The address that members' machines get of this server, where only this machine finds it; else `""`."""
    return settings.web_url if _is_loopback(urlsplit(settings.web_url).hostname or "") else ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in {"", "localhost"}


def _certificate(file: Path) -> bytes:
    """The DER of the first certificate in the file, which is the server's own where a chain is in it."""
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
