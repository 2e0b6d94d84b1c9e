"""The certificate service of groups: a member's machine submits a request and fetches its certificate.

The faults are the original's, which clients tell apart by their texts.
"""

import hmac
from dataclasses import dataclass, field, replace
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from p2ppool.groups import memberships
from p2ppool.groups.authority import authority_of
from p2ppool.groups.rules import INSIDE
from p2ppool.groupvpn.certificate import Digest, member_certificate
from p2ppool.groupvpn.errors import MalformedError
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


class ServiceFault(Exception):  # noqa: N818 - what the protocol calls it
    """What the client is told; the text is one of the three above."""


def submit(session: Session, vault: Vault, who: Claim, data: bytes) -> str:
    """Take a request of a member's machine; the number by which it asks for the certificate.

    A group whose admins need not allow each certificate signs at once. The same request again is harmless.

    Raises:
        ServiceFault: `DENIED`: no such member, another secret, or no request that can be signed.
        VaultError: a secret was sealed with another key.
    """
    membership = _member(session, vault, who)
    request, number = _request(data), request_id(data)
    known = _find(session, membership.group, number)
    if known is None:
        known = _keep(session, membership, number, data)
    elif known.membership_id != membership.id:
        raise ServiceFault(DENIED)
    network = membership.group.network
    if network and known.state is CertificateState.WAITING and not network.approval:
        sign(vault, known, request)
    session.flush()
    return number


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
    if found.state is CertificateState.DENIED or found.membership.state not in INSIDE:
        raise ServiceFault(DENIED)
    if found.certificate is None:
        raise ServiceFault(NOT_YET)
    return found.certificate


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
        email=_ascii(membership.user.email),
        organization=_ascii(details.get("organization")),
        country=_ascii(details.get("country")),
    )
    asked.certificate = member_certificate(membership.group.name, named, key, Digest(network.digest))
    asked.state = CertificateState.SIGNED


def deny(asked: Certificate) -> None:
    """Refuse what was asked for; a certificate that was given out already ends only by revocation."""
    if asked.state is CertificateState.WAITING:
        asked.state = CertificateState.DENIED


def waiting(session: Session, group: Group) -> list[Certificate]:
    """Requests of members that an admin has to decide about, the oldest first."""
    query = (
        select(Certificate)
        .join(Certificate.membership)
        .where(
            Certificate.group_id == group.id,
            Certificate.state == CertificateState.WAITING,
            Membership.state.in_(INSIDE),
        )
    )
    return list(session.scalars(query.order_by(Certificate.id)))


def forget_all(session: Session, group: Group) -> None:
    """What an earlier authority has signed: machines ask with the same requests again."""
    session.execute(delete(Certificate).where(Certificate.group_id == group.id))


def _member(session: Session, vault: Vault, who: Claim) -> Membership:
    query = (
        select(Membership)
        .join(Group, Group.id == Membership.group_id)
        .join(User, User.id == Membership.user_id)
        .where(Group.kind == GroupKind.VPN, Group.name == who.group, User.name == who.user.lower())
    )
    found = session.scalar(query)
    known = memberships.secret_of(vault, found) if found else None
    same = hmac.compare_digest((known or _NOBODY).encode(), who.secret.encode())
    if found is None or known is None or not same or found.state not in INSIDE or not found.user.active:
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


def _ascii(text: str | None) -> str:
    """What every client can read; another text is left out of the certificate rather than misspelt."""
    return text if text and text.isascii() else ""
