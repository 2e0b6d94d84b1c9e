"""OpenSSH certificates of users, which a host accepts by their authority instead of the key itself."""

import time

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    SSHCertificate,
    SSHCertificateType,
    load_ssh_public_identity,
)

from p2ppool.errors import UserError


def check_certificate(data: bytes, public_line: str) -> str:
    """Return the certificate's line, after checking that it belongs to the key and has not expired.

    Raises:
        UserError: it is none, another key's or a host's, or has expired.
    """
    found = _read(data)
    public = found.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    if public.split()[:2] != public_line.split()[:2]:
        raise UserError("SSH certificate: it belongs to another key")
    if found.type is not SSHCertificateType.USER:
        raise UserError("SSH certificate: it is for hosts, not for users")
    if found.valid_before <= time.time():
        raise UserError("SSH certificate: it has expired; have the key signed again")
    return " ".join(data.decode("ascii").split()[:2])


def _read(data: bytes) -> SSHCertificate:
    try:
        found = load_ssh_public_identity(data.strip())
        if isinstance(found, SSHCertificate):
            return found
    except (ValueError, UnsupportedAlgorithm):
        pass
    raise UserError("SSH certificate: it is none in OpenSSH's form (the file that ends in -cert.pub)")
