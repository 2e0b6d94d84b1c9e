"""The revocation lists that clients fetch: made anew after each revocation, and when they are a day old."""

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
"""How old a list may become: clients fetch it every day."""


@dataclass(frozen=True)
class Published:
    """A list as clients get it, and when it was made."""

    data: bytes
    made_at: datetime


def current(engine: Engine, vault: Vault, name: str, moment: datetime) -> Published | None:
    """The list of the GroupVPN of that name; None where there is none, or its members have no certificates.

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
    """The list as it was last made; None where somebody was revoked since."""
    if network.revocations is None or network.revocations_at is None:
        return None
    return Published(network.revocations, network.revocations_at)


def make(engine: Engine, vault: Vault, name: str, moment: datetime) -> Published | None:
    """Make the list anew; None where there is no such group any more, or no certificates in it.

    Raises:
        VaultError: the authority's key was sealed with another key.
    """
    with UnitOfWork(engine) as work:
        group = registry.find(work.session, GroupKind.VPN, name)
        if group is None or group.network is None:
            return None
        # Else somebody could be revoked between the reading of the names and the writing of the list, which
        # would then be taken for the newest without their name.
        memberships.lock(work.session, group)
        data = revocations.refresh(work.session, vault, group.network, moment)
        work.commit()
    return Published(data, moment) if data is not None else None


def make_all(engine: Engine, vault: Vault, moment: datetime) -> Iterable[str]:
    """Make the lists of all groups anew, each in a transaction; gives the name of each that is there then.

    Raises:
        VaultError: an authority's key was sealed with another key.
    """
    with reading(engine) as work:
        names = _with_certificates(work.session)
    for name in names:
        if make(engine, vault, name, moment):
            yield name


def demand(engine: Engine, vault: Vault, name: str, moment: datetime) -> Published:
    """As `make`, for whoever asks for a list that has to be there.

    Raises:
        UserError: it can't be.
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
