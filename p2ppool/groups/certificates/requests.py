"""The certificate service of groups: a member's machine submits a request and fetches its certificate.

The faults are those of the original; clients distinguish them by their texts.
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
_NOBODY: Final = "-" * 20  # compared with the secret if there is none, so that it takes as long


@dataclass(frozen=True)
class Credentials:
    """The identity that a machine claims: the names of its user and group,
    and the secret of that membership.
    """

    user: str
    group: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Submitted:
    """A request that was accepted.

    Attributes:
        number: the number with which the machine fetches the certificate.
        begins_to_wait: whether an admin has to decide about it and no other request of the group is waiting.
    """

    number: str
    begins_to_wait: bool = False


class ServiceFault(Exception):  # noqa: N818 - what the protocol calls it
    """The fault that the client receives; its text is one of the three above."""


def submit(session: Session, vault: Vault, who: Credentials, data: bytes) -> Submitted:
    """Accept a request of a member's machine.

    A group without approval signs at once. Submitting the same request again is harmless.

    Raises:
        ServiceFault: `DENIED`: no such member, a wrong secret, or a request that can't be signed.
        UserError: the group is being deleted at this very moment.
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
    """Return the certificate as DER.

    Raises:
        ServiceFault: the reason why there is none.
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
    """Return whether the member's machines get certificates; a disabled user is treated like a non-member."""
    return membership.state in INSIDE and membership.user.active


def sign(vault: Vault, certificate: Certificate, request: CertificateRequest | None = None) -> None:
    """Sign the request with the names that the group knows, since the request may contain anything.

    Raises:
        VaultError: the authority's key was sealed with another key.
    """
    membership, network = certificate.membership, certificate.membership.group.network
    key = authority_of(vault, network) if network else None
    if network is None or key is None:
        return
    details = membership.details
    named = replace(
        request or read_request(certificate.request),
        name=membership.user.name,
        email=_readable(membership.user.email),
        organization=_readable(details.get("organization")),
        country=_readable(details.get("country")),
    )
    certificate.certificate = member_certificate(membership.group.name, named, key, Digest(network.digest))
    certificate.state = CertificateState.SIGNED


def deny(certificate: Certificate) -> None:
    """Deny the request; a certificate that was issued already can only be revoked."""
    if certificate.state is CertificateState.WAITING:
        certificate.state = CertificateState.DENIED


def waiting(session: Session, group: Group) -> list[Certificate]:
    """List the members' requests that wait for an admin's decision, the oldest first."""
    query = that_wait().where(Certificate.group_id == group.id)
    return list(session.scalars(query.order_by(Certificate.id)))


def that_wait() -> Select[Certificate]:
    """Select the requests that wait for admins' decisions, of members who may have certificates."""
    return (
        select(Certificate)
        .join(Certificate.membership)
        .join(Membership.user)
        .options(contains_eager(Certificate.membership).contains_eager(Membership.user))
        .where(Certificate.state == CertificateState.WAITING, Membership.state.in_(INSIDE), User.active)
    )


def node_address(certificate: Certificate) -> str:
    """Return the address of the node, as the requesting machine states it."""
    return read_request(certificate.request).node_address


def _member(session: Session, vault: Vault, who: Credentials) -> Membership:
    query = (
        select(Membership)
        .join(Group, Group.id == Membership.group_id)
        .join(User, User.id == Membership.user_id)
        .where(Group.kind == GroupKind.VPN, Group.name == who.group, User.name == who.user.lower())
    )
    found = session.scalar(query)
    known = memberships.secret_of(vault, found) if found else None
    if known is None:  # unseal for non-members, too, so that it takes as long
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
    """Return whether a new request would be the only waiting one; locks the group so that only one is."""
    if not (group.network and group.network.approval and group.network.authority):
        return False
    memberships.lock(session, group)
    return not session.scalar(select(that_wait().where(Certificate.group_id == group.id).exists()))


def _keep(session: Session, membership: Membership, number: str, data: bytes) -> Certificate:
    _forget_oldest(session, membership)
    certificate = Certificate(
        group_id=membership.group_id,
        membership=membership,
        request_id=number,
        request=data,
        state=CertificateState.WAITING,
        asked_at=now(),
    )
    session.add(certificate)
    return certificate


def _forget_oldest(session: Session, membership: Membership) -> None:
    query = select(Certificate).where(Certificate.membership_id == membership.id)
    for old in session.scalars(query.order_by(Certificate.id.desc()).offset(_MOST - 1)).all():
        session.delete(old)


def _readable(text: str | None) -> str:
    """Return a text that every client reads correctly; others are left out of the certificate."""
    return text if text and fits(text) else ""
