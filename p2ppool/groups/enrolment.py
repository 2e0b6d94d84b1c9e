"""The calls of members' machines to the certificate service, each in its own transaction."""

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from p2ppool.errors import UserError
from p2ppool.groups import notices
from p2ppool.groups.authority.authority import make_authority
from p2ppool.groups.certificates import requests
from p2ppool.groups.certificates.requests import Credentials
from p2ppool.groups.definition import registry
from p2ppool.groups.membership import memberships
from p2ppool.groups.notices import Letter
from p2ppool.store.models import GroupKind
from p2ppool.store.unit_of_work import UnitOfWork, reading
from p2ppool.store.vault import Vault


def submit(engine: Engine, vault: Vault, who: Credentials, data: bytes) -> tuple[str, list[Letter]]:
    """Call `certificates.submit` and commit; return the request's number, and mails to send now.

    Raises:
        ServiceFault: the request is denied.
        UserError: the group is being deleted at this very moment.
        VaultError: a secret was sealed with another key.
    """
    try:
        return _submit(engine, vault, who, data)
    except IntegrityError:  # the same request arrived twice at the same time: the other one is stored by now
        return _submit(engine, vault, who, data)


def check(engine: Engine, group: str, number: str) -> bytes:
    """Call `certificates.check`.

    Raises:
        ServiceFault: the reason why there is no certificate.
    """
    with reading(engine) as work:
        return requests.check(work.session, group, number)


def ensure_authority(engine: Engine, vault: Vault, name: str) -> None:
    """Make sure that the group has an authority; an existing one stays, since all certificates depend on it.

    Raises:
        UserError: there is no such group, or it is not secured.
    """
    with UnitOfWork(engine) as work:
        group = registry.get(work.session, GroupKind.VPN, name)
        memberships.lock(work.session, group)
        network = group.network
        if network is None or not network.secure:
            raise UserError(f"{group.name} has no certificates: it is not secured")
        if network.authority is None:
            make_authority(vault, network)
        work.commit()


def _submit(engine: Engine, vault: Vault, who: Credentials, data: bytes) -> tuple[str, list[Letter]]:
    letters: list[Letter] = []
    with UnitOfWork(engine) as work:
        taken = requests.submit(work.session, vault, who, data)
        if taken.begins_to_wait:
            group = registry.get(work.session, GroupKind.VPN, who.group)
            letters = notices.of_waiting(work.session, group, who.user.lower())
        work.commit()
    return taken.number, letters
