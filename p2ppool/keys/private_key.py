"""Parses SSH private keys in all common formats.

paramiko reads neither PKCS#8 nor what OpenSSH encrypted with AES-GCM. So `cryptography` reads the key, and
paramiko gets it in OpenSSH's own form, decrypted.
"""

import io
from dataclasses import dataclass, field

import paramiko
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

from p2ppool.errors import UserError

MAX_KEY_BYTES = 16 * 1024  # an RSA key of 16384 bits has 12.7 KB
MIN_RSA_BITS = 2048

_OPENSSH = b"-----BEGIN OPENSSH PRIVATE KEY-----"
_PUTTY = b"PuTTY-User-Key-File-"
_PUBLIC_STARTS = (b"ssh-", b"ecdsa-sha2-", b"sk-ssh-", b"sk-ecdsa-")
_PUBLIC_WORDS = (b" PUBLIC KEY-----", b"-----BEGIN CERTIFICATE-----", b"BEGIN SSH2 PUBLIC KEY")
_CURVES = frozenset({"secp256r1", "secp384r1", "secp521r1"})


class PrivateKeyError(UserError):
    """The text can't be used as an SSH private key; the message gives the reason without quoting it."""


@dataclass(frozen=True)
class PrivateKey:
    """A usable key, decrypted.

    Attributes:
        pkey: the key as paramiko uses it.
        openssh: the key in OpenSSH's form, without a passphrase; secret.
        type: its SSH name, such as ssh-ed25519.
        bits: its length.
        fingerprint: of the public half, as `ssh-keygen -l` shows it: SHA256:…
        public_line: the line for `authorized_keys`, without a comment.
    """

    pkey: paramiko.PKey = field(repr=False)
    openssh: bytes = field(repr=False)
    type: str
    bits: int
    fingerprint: str
    public_line: str


def parse_private_key(data: bytes, passphrase: str | None = None) -> PrivateKey:
    """Parse the key in `data`: OpenSSH's format, PKCS#1, SEC 1 or PKCS#8 (PEM), encrypted or not.

    A passphrase for a key that has none is ignored.

    Raises:
        PrivateKeyError: not a private key, too weak, of no kind that SSH has, or the passphrase is missing
            or wrong.
    """
    text = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").strip() + b"\n"
    _check_form(text)
    key = _decrypted(text, passphrase)
    kind = _paramiko_class(key)
    openssh = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    pkey = kind.from_private_key(io.StringIO(openssh.decode("ascii")))
    return PrivateKey(
        pkey=pkey,
        openssh=openssh,
        type=pkey.get_name(),
        bits=pkey.get_bits(),
        fingerprint=pkey.fingerprint,
        public_line=f"{pkey.get_name()} {pkey.get_base64()}",
    )


def _check_form(text: bytes) -> None:
    if len(text) > MAX_KEY_BYTES:
        raise PrivateKeyError(f"SSH key: more than {MAX_KEY_BYTES} bytes are no private key")
    if text.startswith(_PUTTY):
        raise PrivateKeyError(
            "SSH key: this is PuTTY's form (.ppk); convert it: puttygen KEY.ppk -O private-openssh -o KEY"
        )
    if text.startswith(_PUBLIC_STARTS) or any(word in text for word in _PUBLIC_WORDS):
        raise PrivateKeyError("SSH key: this is a public key; give the private one (the file without .pub)")
    if b"PRIVATE KEY-----" not in text:
        raise PrivateKeyError(
            "SSH key: not a private key in OpenSSH's or PEM form (-----BEGIN … PRIVATE KEY-----)"
        )


def _decrypted(text: bytes, passphrase: str | None) -> PrivateKeyTypes:
    try:
        return _load(text, None)
    except TypeError:  # how both loaders say that it is encrypted
        if not passphrase:
            raise PrivateKeyError("SSH key: it is encrypted; give its passphrase") from None
    except (ValueError, UnsupportedAlgorithm) as error:
        raise PrivateKeyError("SSH key: it is damaged or of a kind that can't be used") from error
    try:
        return _load(text, passphrase.encode())
    except (ValueError, InvalidTag):
        raise PrivateKeyError("SSH key: the passphrase is wrong, or the key is damaged") from None
    except UnsupportedAlgorithm as error:
        raise PrivateKeyError(
            "SSH key: it is encrypted by a rare method; encrypt it anew: ssh-keygen -p -Z aes256-ctr -f KEY"
        ) from error


def _load(text: bytes, password: bytes | None) -> PrivateKeyTypes:
    loader = load_ssh_private_key if text.startswith(_OPENSSH) else load_pem_private_key
    return loader(text, password)


def _paramiko_class(key: PrivateKeyTypes) -> type[paramiko.PKey]:
    """Return paramiko's class for the key; raise PrivateKeyError if today's SSH servers refuse it."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return paramiko.Ed25519Key
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return paramiko.ECDSAKey
    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < MIN_RSA_BITS:
            raise PrivateKeyError(
                f"SSH key: RSA of {key.key_size} bits is too weak; use {MIN_RSA_BITS} or more"
            )
        return paramiko.RSAKey
    if isinstance(key, dsa.DSAPrivateKey):
        raise PrivateKeyError("SSH key: DSA is no longer accepted by SSH; make one: ssh-keygen -t ed25519")
    raise PrivateKeyError("SSH key: SSH has no keys of this kind; make one: ssh-keygen -t ed25519")
