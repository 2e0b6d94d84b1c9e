"""The certificate service of groups: a member's machine submits a request and fetches its certificate.

The faults are the original's, which clients tell apart by their texts.
"""

import hmac
from dataclasses import dataclass, field, replace
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager

from p2ppool.groups.authority.authority import authority_of
from p2ppool.groups.membership import memberships
from p2ppool.groups.membership.rules import INSIDE
from p2ppool.groupvpn.certificate import Digest, member_certificate
from p2ppool.groupvpn.errors import MalformedError
from p2ppool.groupvpn.names import fits
from p2ppool.groupvpn.node_address import is_node_address
from p2ppool.groupvpn.request import CertificateRequest, read_request, request_id
from p2ppool.store.models import Certificate, CertificateState, Group, GroupKind, Membership, User
from p2ppool.store.types import now
from p2ppool.store.vault import Vault

NOT_YET: Final = "Request not signed, yet."
DENIED: Final = "Request denied."
UNKNOWN: Final = "No such request."

_MOST: Final = 100  # certificates of one member: machines come and go, but not that many
_NOBODY: Final = "-" * 20  # what the secret of one who has none is compared with, so that it takes as long


@dataclass(frozen=True)
class Claim:
    """Who a machine says it is: the names of its user and group, and the secret of that membership."""

    user: str
    group: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Submitted:
    """A request that was taken.

    Attributes:
        number: by which the machine asks for the certificate.
        begins_to_wait: whether an admin has to decide about it, while no other of the group waits.
    """

    number: str
    begins_to_wait: bool = False


class ServiceFault(Exception):  # noqa: N818 - what the protocol calls it
    """What the client is told; the text is one of the three above."""


def submit(session: Session, vault: Vault, who: Claim, data: bytes) -> Submitted:
    """Take a request of a member's machine.

    A group whose admins need not allow each certificate signs at once. The same request again is harmless.

    Raises:
        ServiceFault: `DENIED`: no such member, another secret, or no request that can be signed.
        UserError: the group is deleted at this very time.
        VaultError: a secret was sealed with another key.
    """
    membership = _member(session, vault, who)
    request, number = _request(data), request_id(data)
    known, begins = _find(session, membership.group, number), False
    if known is None:
        begins = _is_first_to_wait(session, membership.group)
        known = _keep(session, membership, number, data)
    elif known.membership_id != membership.id:
        raise ServiceFault(DENIED)
    network = membership.group.network
    if network and known.state is CertificateState.WAITING and not network.approval:
        sign(vault, known, request)
    session.flush()
    return Submitted(number, begins)


def check(session: Session, group: str, number: str) -> bytes:
    """The certificate, DER.

    Raises:
        ServiceFault: why there is none.
    """
    found = session.scalar(
        select(Certificate)
        .join(Group, Group.id == Certificate.group_id)
        .where(Group.kind == GroupKind.VPN, Group.name == group, Certificate.request_id == number.upper())
    )
    if found is None:
        raise ServiceFault(UNKNOWN)
    if found.state is CertificateState.DENIED or not may_have_one(found.membership):
        raise ServiceFault(DENIED)
    if found.certificate is None:
        raise ServiceFault(NOT_YET)
    return found.certificate


def may_have_one(membership: Membership) -> bool:
    """Whether machines of the member get certificates: who is disabled, is answered as who is no member."""
    return membership.state in INSIDE and membership.user.active


def sign(vault: Vault, asked: Certificate, request: CertificateRequest | None = None) -> None:
    """Sign what was asked for, with the names that the group knows: the request may say anything.

    Raises:
        VaultError: the authority's key was sealed with another key.
    """
    membership, network = asked.membership, asked.membership.group.network
    key = authority_of(vault, network) if network else None
    if network is None or key is None:
        return
    details = membership.details
    named = replace(
        request or read_request(asked.request),
        name=membership.user.name,
        email=_told(membership.user.email),
        organization=_told(details.get("organization")),
        country=_told(details.get("country")),
    )
    asked.certificate = member_certificate(membership.group.name, named, key, Digest(network.digest))
    asked.state = CertificateState.SIGNED


def deny(asked: Certificate) -> None:
    """Refuse what was asked for; a certificate that was given out already ends only by revocation."""
    if asked.state is CertificateState.WAITING:
        asked.state = CertificateState.DENIED


def waiting(session: Session, group: Group) -> list[Certificate]:
    """Requests of members that an admin has to decide about, the oldest first."""
    query = that_wait().where(Certificate.group_id == group.id)
    return list(session.scalars(query.order_by(Certificate.id)))


def that_wait() -> Select[Certificate]:
    """What admins have to decide about: requests of members who may have certificates."""
    return (
        select(Certificate)
        .join(Certificate.membership)
        .join(Membership.user)
        .options(contains_eager(Certificate.membership).contains_eager(Membership.user))
        .where(Certificate.state == CertificateState.WAITING, Membership.state.in_(INSIDE), User.active)
    )


def node_address(asked: Certificate) -> str:
    """The address of the node whose machine has asked, as the machine says."""
    return read_request(asked.request).node_address


def _member(session: Session, vault: Vault, who: Claim) -> Membership:
    query = (
        select(Membership)
        .join(Group, Group.id == Membership.group_id)
        .join(User, User.id == Membership.user_id)
        .where(Group.kind == GroupKind.VPN, Group.name == who.group, User.name == who.user.lower())
    )
    found = session.scalar(query)
    known = memberships.secret_of(vault, found) if found else None
    if known is None:  # the work of unsealing for whoever is no member, too
        vault.seal(_NOBODY.encode(), "nobody")
    same = hmac.compare_digest((known or _NOBODY).encode(), who.secret.encode())
    if found is None or known is None or not same or not may_have_one(found):
        raise ServiceFault(DENIED)
    return found


def _request(data: bytes) -> CertificateRequest:
    try:
        request = read_request(data)
    except MalformedError as error:
        raise ServiceFault(DENIED) from error
    if not is_node_address(request.node_address):
        raise ServiceFault(DENIED)
    return request


def _find(session: Session, group: Group, number: str) -> Certificate | None:
    query = select(Certificate).where(Certificate.group_id == group.id, Certificate.request_id == number)
    return session.scalar(query)


def _is_first_to_wait(session: Session, group: Group) -> bool:
    """Whether what is asked now waits for an admin as the only one: the group is locked, so that one is."""
    if not (group.network and group.network.approval and group.network.authority):
        return False
    memberships.lock(session, group)
    return not session.scalar(select(that_wait().where(Certificate.group_id == group.id).exists()))


def _keep(session: Session, membership: Membership, number: str, data: bytes) -> Certificate:
    _forget_oldest(session, membership)
    asked = Certificate(
        group_id=membership.group_id,
        membership=membership,
        request_id=number,
        request=data,
        state=CertificateState.WAITING,
        asked_at=now(),
    )
    session.add(asked)
    return asked


def _forget_oldest(session: Session, membership: Membership) -> None:
    query = select(Certificate).where(Certificate.membership_id == membership.id)
    for old in session.scalars(query.order_by(Certificate.id.desc()).offset(_MOST - 1)).all():
        session.delete(old)


def _told(text: str | None) -> str:
    """What every client reads as it is; another text is left out of the certificate rather than misread."""
    return text if text and fits(text) else ""
