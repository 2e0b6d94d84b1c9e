"""Certificates as Brunet's nodes read them: X.509 v3 in DER (RFC 5280) with the original's oddities.

- The serial number is the reversed SHA-1 of the *authority's* request, and the same for the authority and for
  every certificate that it signs: clients report any other as "Unsupported CA!".
- Names are in the order country, organization, unit, name, mail, even if empty. For the authority, the
  organization is the group; for a member, the unit is.
- Valid from the year 1, which UTCTime reads as 2001, to the end of 9999: only the revocation list ends a
  membership.
- One extension: subjectAltName with one URI, the node's address (empty for the authority).

Libraries refuse such serials and SHA-1 in new certificates, so the structure is built here, and only its
signature is made by the library.
"""

import hashlib
import re
from enum import StrEnum
from typing import Any, Final

from asn1crypto import algos, core, keys, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from p2ppool.groupvpn import csp_blob
from p2ppool.groupvpn.request import CertificateRequest, write_request

ADMINISTRATOR: Final = "admin"
"""The name in every group authority's certificate."""

_PRINTABLE: Final = re.compile(r"[A-Za-z0-9 '()+,./:=?-]*")  # PrintableString, ITU-T X.680
_BMP_LIMIT: Final = 0x10000
_NOT_BEFORE: Final = b"010101000000Z"
_NOT_AFTER: Final = b"99991231235959Z"
_URI: Final = 0x86  # tag of uniformResourceIdentifier in GeneralName
_SHORT: Final = 127  # bytes: the longest content whose length is one byte
_ORDER: Final = {
    "country_name": "country",
    "organization_name": "organization",
    "organizational_unit_name": "unit",
    "common_name": "name",
    "email_address": "email",
}


class Digest(StrEnum):
    """The signed digest. Clients of 2009 support only SHA-1, which a wealthy attacker can forge;
    SHA-256 can't be.
    """

    SHA1 = "sha1"
    SHA256 = "sha256"

    @property
    def algorithm(self) -> hashes.HashAlgorithm:
        """The library's class for it."""
        return hashes.SHA256() if self is Digest.SHA256 else hashes.SHA1()  # noqa: S303 - see the class


def authority_request(group: str, key: rsa.RSAPublicKey) -> CertificateRequest:
    """Build the request that a group's authority makes for itself."""
    return CertificateRequest(key=csp_blob.write_public(key), name=ADMINISTRATOR, organization=group)


def authority_certificate(group: str, key: rsa.RSAPrivateKey, digest: Digest = Digest.SHA1) -> bytes:
    """Create the self-signed certificate (`cacert`) of a group's authority.

    Raises:
        ValueError: the group's name has a character that a certificate can't hold.
    """
    request = authority_request(group, key.public_key())
    return _signed(_body(request, request, digest), key, digest)


def member_certificate(
    group: str, request: CertificateRequest, key: rsa.RSAPrivateKey, digest: Digest = Digest.SHA1
) -> bytes:
    """Create a member's certificate, signed by the group's authority.

    Args:
        group: the name of the group.
        request: the names for the certificate; its unit is ignored, as the group takes its place.
        key: the authority's key.
        digest: a digest that the group's clients can check.

    Raises:
        ValueError: a name has a character that a certificate can't hold.
        MalformedError: the request has no valid key.
    """
    subject = CertificateRequest(
        key=request.key,
        node_address=request.node_address,
        name=request.name,
        unit=group,
        organization=request.organization,
        email=request.email,
        country=request.country,
    )
    authority = authority_request(group, key.public_key())
    return _signed(_body(subject, authority, digest), key, digest)


def _body(subject: CertificateRequest, issuer: CertificateRequest, digest: Digest) -> Any:
    serial = hashlib.sha1(write_request(issuer), usedforsecurity=False).digest()[::-1]
    return x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": core.Integer(contents=serial),
            "signature": _algorithm(digest),
            "issuer": _name(issuer),
            "validity": {
                "not_before": x509.Time("utc_time", x509.UTCTime(contents=_NOT_BEFORE)),
                "not_after": x509.Time("general_time", x509.GeneralizedTime(contents=_NOT_AFTER)),
            },
            "subject": _name(subject),
            "subject_public_key_info": _public_key(subject.public_key),
            "extensions": [_alternative_name(subject.node_address)],
        }
    )


def _signed(body: Any, key: rsa.RSAPrivateKey, digest: Digest) -> bytes:
    return _whole(body, digest, key.sign(body.dump(), padding.PKCS1v15(), digest.algorithm))


def _whole(body: Any, digest: Digest, signature: bytes) -> bytes:
    parts = {
        "tbs_certificate": body,
        "signature_algorithm": _algorithm(digest),
        "signature_value": signature,
    }
    der: bytes = x509.Certificate(parts).dump()
    return der


def _algorithm(digest: Digest) -> Any:
    return algos.SignedDigestAlgorithm({"algorithm": f"{digest}_rsa", "parameters": core.Null()})


def _public_key(key: rsa.RSAPublicKey) -> Any:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return keys.PublicKeyInfo.load(key.public_bytes(serialization.Encoding.DER, form))


def _name(request: CertificateRequest) -> Any:
    parts = [
        x509.RelativeDistinguishedName(
            [x509.NameTypeAndValue({"type": kind, "value": _text(kind, getattr(request, field))})]
        )
        for kind, field in _ORDER.items()
    ]
    return x509.Name(name="", value=x509.RDNSequence(parts))


def _text(kind: str, text: str) -> Any:
    if kind == "email_address":
        return x509.EmailAddress(contents=text.encode("ascii"))
    if _PRINTABLE.fullmatch(text):
        return x509.DirectoryString("printable_string", core.PrintableString(text))
    if any(ord(character) >= _BMP_LIMIT for character in text):
        raise ValueError(f"{text!r} has a character that a certificate of this kind can't hold")
    return x509.DirectoryString("bmp_string", core.BMPString(text))


def _alternative_name(address: str) -> Any:
    uri = x509.GeneralName.load(_uri(address.encode("ascii")))
    return x509.Extension({"extn_id": "subject_alt_name", "extn_value": x509.GeneralNames([uri])})


def _uri(address: bytes) -> bytes:
    """Encode the DER by hand: the library would rewrite an address like an ordinary URI."""
    if len(address) > _SHORT:
        raise ValueError(f"a node address of {len(address)} bytes")
    return bytes([_URI, len(address)]) + address
