"""Reads certificates as a client does: the other half of p2ppool.groupvpn.certificate."""

from dataclasses import dataclass

from asn1crypto import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding

from p2ppool.groupvpn.certificate import Digest, _whole
from p2ppool.groupvpn.errors import MalformedError

_LARGEST = 16 * 1024  # bytes


@dataclass(frozen=True)
class Certificate:
    """A certificate, as far as the group's service needs it."""

    der: bytes
    name: str
    unit: str
    organization: str
    node_address: str
    serial: bytes


def read_certificate(der, authority):
    """Parse a certificate that this authority signed.

    Raises:
        MalformedError: it is not a certificate, or another authority signed it.
    """
    if len(der) > _LARGEST:
        raise MalformedError(f"a certificate of {len(der)} bytes")
    try:
        found = x509.Certificate.load(der, strict=True)
        body = found["tbs_certificate"]
        digest = Digest(body["signature"].hash_algo)
        authority.verify(found.signature, body.dump(), padding.PKCS1v15(), digest.algorithm)
        certificate, whole = _read(der, body), _whole(body, digest, found.signature)
    except InvalidSignature:
        raise MalformedError("a certificate that another authority signed") from None
    except (ValueError, TypeError, KeyError, IndexError):
        raise MalformedError("no certificate") from None
    if whole != der:  # the signature does not cover all of it
        raise MalformedError("a certificate with something changed around it")
    return certificate


def _read(der, body):
    names = {one[0]["type"].native: one[0]["value"].native for one in body["subject"].chosen}
    (alternative,) = body["extensions"][0]["extn_value"].parsed
    return Certificate(
        der=der,
        name=names["common_name"],
        unit=names["organizational_unit_name"],
        organization=names["organization_name"],
        node_address=alternative.contents.decode("ascii"),
        serial=body["serial_number"].contents,
    )
