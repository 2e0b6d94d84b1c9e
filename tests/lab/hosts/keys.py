"""SSH key pairs for tests."""

from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


@dataclass(frozen=True)
class SshKey:
    """An ed25519 key pair: the private key as OpenSSH's PEM, the public key as a line of authorized_keys."""

    private_pem: bytes = field(repr=False)
    public_line: str

    @classmethod
    def generate(cls) -> Self:
        key = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        return cls(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()), public.decode())
