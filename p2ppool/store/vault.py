"""Secrets at rest: encrypted in the database with a key stored outside of it.

A sealed secret is `p2v1`, a nonce of 12 bytes and the AES-256-GCM output. Its purpose (the row's name) is
authenticated with it, so that a sealed secret can't be moved to another row.
"""

import base64
import binascii
import os
import secrets
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

from p2ppool.errors import UserError, one_line
from p2ppool.store.durable import create_once, sync_folder

KEY_FILE = "vault.key"
KEY_VARIABLE = "P2PPOOL_VAULT_KEY"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_FORM = b"p2v1"
_LONGEST_KEY_FILE = 1024
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class VaultError(UserError):
    """A secret or the vault's key can't be used; the text tells what to restore."""


class Vault:
    """Seals and unseals secrets. Its repr and its errors reveal none of them."""

    def __init__(self, key: bytes) -> None:
        """Take the 32 bytes of the key."""
        self._cipher = AESGCM(key)
        self._key = key

    @classmethod
    def from_text(cls, text: str) -> "Vault":
        """Open the vault with a key as it is stored in the file or the variable.

        Raises:
            VaultError: it is none.
        """
        return cls(_decode(text, "the given file"))

    @property
    def fingerprint(self) -> str:
        """What identifies the key, and reveals nothing of it."""
        return self.derive("fingerprint").hex()

    @classmethod
    def open(cls, folder: Path, key: SecretStr | None) -> "Vault":
        """Open the vault with `key`; without one, with the file `vault.key` in `folder`, created if missing.

        Raises:
            VaultError: the key can't be used, or its file can't be read or made, or others may read it.
        """
        if key is not None:
            return cls(_decode(key.get_secret_value(), KEY_VARIABLE))
        place = folder / KEY_FILE
        try:
            if not place.exists():
                create_once(place, _line(new_key()))
            return cls(_decode(_read(place), str(place)))
        except OSError as error:
            raise VaultError(f"the vault's key {place} can't be used: {error.strerror}") from error

    @classmethod
    def existing(cls, folder: Path, key: SecretStr | None) -> "Vault":
        """Open the vault as `open` does, but make no key: for what only derives other keys from it.

        Raises:
            VaultError: as `open`, or there is no key.
        """
        place = folder / KEY_FILE
        if key is None and not place.exists():
            raise VaultError(
                f"the vault's key {place} is missing: `p2ppool up` makes it where nothing is encrypted yet; "
                "else restore it from a copy"
            )
        return cls.open(folder, key)

    def seal(self, plain: bytes, purpose: str) -> bytes:
        """Encrypt `plain` for this purpose only."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _FORM + nonce + self._cipher.encrypt(nonce, plain, _FORM + purpose.encode())

    def unseal(self, sealed: bytes, purpose: str) -> bytes:
        """Decrypt what was sealed for this purpose.

        Raises:
            VaultError: sealed with another key or for another purpose, or changed since.
        """
        form, rest = sealed[: len(_FORM)], sealed[len(_FORM) :]
        try:
            return self._cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], form + purpose.encode())
        except (InvalidTag, ValueError) as error:
            raise VaultError(
                f"'{one_line(purpose, 100)}' can't be decrypted: restore the vault's key it was sealed with "
                f"({KEY_FILE} in the data folder, or {KEY_VARIABLE}), or add it again"
            ) from error

    def derive(self, purpose: str) -> bytes:
        """Derive 32 bytes, constant for this purpose, that reveal nothing about the key (RFC 5869, HKDF)."""
        info = f"p2ppool {purpose}".encode()
        return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=info).derive(self._key)


def write_new_key(folder: Path, text: str) -> None:
    """Store a new key beside the one in use, named after its fingerprint; it survives a power cut.

    Raises:
        VaultError: it can't be written.
    """
    place = _beside(folder, Vault.from_text(text).fingerprint)
    try:
        create_once(place, _line(text))
    except OSError as error:
        raise VaultError(f"the vault's new key {place} can't be written: {error.strerror}") from error


def replace_key(folder: Path, fingerprint: str) -> None:
    """Put the new key of that fingerprint in the place of the old one; do nothing if there is none.

    Raises:
        VaultError: it can't be moved.
    """
    place = _beside(folder, fingerprint)
    try:
        place.rename(folder / KEY_FILE)
        sync_folder(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise VaultError(f"{place} can't become {KEY_FILE}: {error.strerror}") from error


def remove_new_keys(folder: Path) -> None:
    """Remove new keys that were never used, since their writer was cut short."""
    for place in folder.glob(f"{KEY_FILE}.new-*"):
        place.unlink(missing_ok=True)


def new_key() -> str:
    """Create a key, as stored in the file or the variable: 32 random bytes in URL-safe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def _decode(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        # No exception chain: it could quote the key.
        raise VaultError(f"the vault's key in {where} is not {_KEY_BYTES} bytes in URL-safe base64") from None
    return key


def _beside(folder: Path, fingerprint: str) -> Path:
    return folder / f"{KEY_FILE}.new-{fingerprint[:16]}"


def _line(key: str) -> bytes:
    return f"{key}\n".encode()


def _read(place: Path) -> str:
    with place.open("rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_mode & _OTHERS:
            raise VaultError(f"others may read the vault's key: chmod 600 {place}")
        return file.read(_LONGEST_KEY_FILE).decode("ascii", "replace")
