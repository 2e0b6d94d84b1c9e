"""Names whose certificates are revoked in a group, and the signed list of them that clients fetch."""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.groups.authority.authority import authority_of
from p2ppool.groupvpn.revocation import ticks_of, write_revocations
from p2ppool.store.models import Group, GroupNetwork, Revocation
from p2ppool.store.vault import Vault


def add(session: Session, group: Group, name: str) -> None:
    """Revoke a name permanently; the stored list becomes outdated and is generated anew on request."""
    if not is_revoked(session, group, name):
        session.add(Revocation(group_id=group.id, name=name))
    if group.network:
        group.network.revocations = None


def is_revoked(session: Session, group: Group, name: str) -> bool:
    """Return whether the name was ever revoked in the group."""
    return session.get(Revocation, (group.id, name)) is not None


def names(session: Session, group: Group) -> list[str]:
    """List all revoked names in the order of their revocation."""
    query = select(Revocation.name).where(Revocation.group_id == group.id)
    return list(session.scalars(query.order_by(Revocation.at, Revocation.name)))


def refresh(session: Session, vault: Vault, network: GroupNetwork, moment: datetime) -> bytes | None:
    """Generate and store the list as of that moment; None for a group without certificates.

    Raises:
        VaultError: the authority's key was sealed with another key.
    """
    key: rsa.RSAPrivateKey | None = authority_of(vault, network)
    if key is None:
        return None
    data = write_revocations(names(session, network.group), ticks_of(moment), key)
    network.revocations, network.revocations_at = data, moment
    return data
