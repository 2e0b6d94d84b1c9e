"""The revocation lists that clients fetch: generated anew after each revocation,
and when they are a day old.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from p2ppool.errors import UserError
from p2ppool.groups.authority import revocations
from p2ppool.groups.definition import registry
from p2ppool.groups.membership import memberships
from p2ppool.store.models import Group, GroupKind, GroupNetwork
from p2ppool.store.unit_of_work import UnitOfWork, reading
from p2ppool.store.vault import Vault

LIFE: Final = timedelta(days=1)
"""The largest age of a list: clients fetch it every day."""


@dataclass(frozen=True)
class Published:
    """A list as clients receive it, and when it was generated."""

    data: bytes
    made_at: datetime


def current(engine: Engine, vault: Vault, name: str, moment: datetime) -> Published | None:
    """Return the list of the GroupVPN of that name; None if there is none, or it has no certificates.

    Raises:
        VaultError: a new list is due, and the authority's key was sealed with another key.
    """
    with reading(engine) as work:
        group = registry.find(work.session, GroupKind.VPN, name)
        network = group.network if group else None
        found = stored(network) if network else None
        if network is None or network.authority is None or (found and moment - found.made_at < LIFE):
            return found
    return make(engine, vault, name, moment)


def stored(network: GroupNetwork) -> Published | None:
    """Return the list as it was last generated; None if somebody was revoked since."""
    if network.revocations is None or network.revocations_at is None:
        return None
    return Published(network.revocations, network.revocations_at)


def make(engine: Engine, vault: Vault, name: str, moment: datetime) -> Published | None:
    """Generate the list anew; None if the group no longer exists or has no certificates.

    Raises:
        VaultError: the authority's key was sealed with another key.
    """
    with UnitOfWork(engine) as work:
        group = registry.find(work.session, GroupKind.VPN, name)
        if group is None or group.network is None:
            return None
        # Otherwise somebody could be revoked between reading the names and writing the list, which would then
        # pass for the newest without their name.
        memberships.lock(work.session, group)
        data = revocations.refresh(work.session, vault, group.network, moment)
        work.commit()
    return Published(data, moment) if data is not None else None


def make_all(engine: Engine, vault: Vault, moment: datetime) -> Iterable[str]:
    """Generate the lists of all groups, each in its own transaction; yield the name of each group done.

    Raises:
        VaultError: an authority's key was sealed with another key.
    """
    with reading(engine) as work:
        names = _with_certificates(work.session)
    for name in names:
        if make(engine, vault, name, moment):
            yield name


def demand(engine: Engine, vault: Vault, name: str, moment: datetime) -> Published:
    """Generate the list like `make`, for callers that need one.

    Raises:
        UserError: there is no such group, or it has no certificates.
    """
    made = make(engine, vault, name, moment)
    if made is None:
        with reading(engine) as work:
            registry.get(work.session, GroupKind.VPN, name)
        raise UserError(f"{name} has no certificates: it is not secured")
    return made


def _with_certificates(session: Session) -> list[str]:
    query = select(Group.name).join(GroupNetwork, GroupNetwork.group_id == Group.id)
    return list(session.scalars(query.where(GroupNetwork.authority.is_not(None)).order_by(Group.name)))
