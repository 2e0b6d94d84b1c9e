"""A certificate request: an unsigned ADR map. It does not authenticate the sender; a group's secret does.

A certificate has the same fields, except for the key. Clients leave all but the node address and the key
empty: the secret identifies the sender, and the certificate gets the names that the group knows.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa

from p2ppool.groupvpn import adr, csp_blob
from p2ppool.groupvpn.errors import MalformedError

LARGEST: Final = 8192
"""The largest request that is read, in bytes: a key of 16,384 bits and generous names."""

_NAMES: Final = {
    "OrganizationalUnit": "unit",
    "NodeAddress": "node_address",
    "Email": "email",
    "Name": "name",
    "Organization": "organization",
    "Country": "country",
}
_KEY: Final = "PublicKey"
_ORDER: Final = ("OrganizationalUnit", "NodeAddress", "Email", "Name", "Organization", _KEY, "Country")


@dataclass(frozen=True, kw_only=True)
class CertificateRequest:
    """The subject of a requested certificate, and its key (a public CSP blob)."""

    key: bytes
    node_address: str = ""
    name: str = ""
    unit: str = ""
    organization: str = ""
    email: str = ""
    country: str = ""

    @property
    def public_key(self) -> rsa.RSAPublicKey:
        """The key.

        Raises:
            MalformedError: it is not a valid key.
        """
        return csp_blob.read_public(self.key)


def write_request(request: CertificateRequest) -> bytes:
    """Write a request, with its fields in the order of the original.

    Raises:
        ValueError: a name contains NUL.
    """
    fields: dict[str, str | bytes] = {
        name: request.key if name == _KEY else getattr(request, _NAMES[name]) for name in _ORDER
    }
    return adr.write(fields)


def read_request(data: bytes) -> CertificateRequest:
    """Parse a request that somebody sent.

    Raises:
        MalformedError: it is not a request.
    """
    if len(data) > LARGEST:
        raise MalformedError(f"a request of {len(data)} bytes: at most {LARGEST} are read")
    fields = adr.read(data)
    if not isinstance(fields, dict) or set(fields) != set(_ORDER):
        raise MalformedError("not the fields of a certificate request")
    key, names = fields[_KEY], {own: fields[theirs] for theirs, own in _NAMES.items()}
    if not isinstance(key, bytes):
        raise MalformedError("a certificate request without a key")
    texts = {own: value for own, value in names.items() if isinstance(value, str)}
    if len(texts) != len(names):
        raise MalformedError("a certificate request with a name that is no text")
    request = CertificateRequest(key=key, **texts)
    csp_blob.read_public(key)
    return request


def request_id(data: bytes) -> str:
    """Return the id of a request in the service: its bytes' SHA-1 as 40 upper-case hexadecimal digits."""
    return hashlib.sha1(data, usedforsecurity=False).hexdigest().upper()
