"""A group's authority: the key that signs members' certificates, encrypted at rest."""

from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import delete
from sqlalchemy.orm import Session

from p2ppool.groupvpn import csp_blob
from p2ppool.groupvpn.certificate import Digest, authority_certificate
from p2ppool.store.models import Certificate, Group, GroupNetwork
from p2ppool.store.vault import Vault
from p2ppool.store.vault_key import require_current_for

_BITS: Final = 2048  # as in the original's authorities, whose clients can only check RSA
_EXPONENT: Final = 65537


def make_authority(vault: Vault, network: GroupNetwork) -> None:
    """Create a fresh key and its certificate for the group. Takes about a tenth of a second.

    Signatures of an earlier key become invalid; the revocation list is generated anew.

    Raises:
        ValueError: the group's name can't stand in a certificate.
        VaultError: the vault's key was changed meanwhile.
    """
    key = rsa.generate_private_key(_EXPONENT, _BITS)
    network.certificate = authority_certificate(network.group.name, key, Digest(network.digest))
    require_current_for(network, vault)
    network.authority = vault.seal(csp_blob.write_private(key), network.purpose)
    network.revocations = None


def authority_of(vault: Vault, network: GroupNetwork) -> rsa.RSAPrivateKey | None:
    """Return the key; None for a group without certificates.

    Raises:
        VaultError: it was sealed with another key.
    """
    if network.authority is None:
        return None
    return csp_blob.read_private(vault.unseal(network.authority, network.purpose))


def delete_certificates(session: Session, group: Group) -> None:
    """Delete what an earlier authority has signed; machines submit the same requests again."""
    session.execute(delete(Certificate).where(Certificate.group_id == group.id))
