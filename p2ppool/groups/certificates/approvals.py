"""The decisions of admins about certificates that members' machines request."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from p2ppool.errors import UserError, one_line
from p2ppool.groups.certificates import requests
from p2ppool.groups.membership import group_log, memberships
from p2ppool.groups.membership.memberships import Actor
from p2ppool.groups.membership.rules import INSIDE
from p2ppool.store.models import Certificate, CertificateState, Group
from p2ppool.store.vault import Vault


def requested_certificates(session: Session, group: Group, limit: int) -> Sequence[Certificate]:
    """List the certificates requested in the group, the latest first."""
    query = (
        select(Certificate)
        .where(Certificate.group_id == group.id)
        .options(joinedload(Certificate.membership))
    )
    return session.scalars(query.order_by(Certificate.id.desc()).limit(limit)).all()


def approve(session: Session, vault: Vault, group: Group, number: str, actor: Actor) -> Certificate:
    """Sign the request that waits under that number; the caller commits.

    Raises:
        UserError: the actor is not an admin, nothing waits under the number, or its user is disabled or not
            in the group.
        VaultError: the authority's key was sealed with another key.
    """
    certificate = _waiting(session, group, number, actor)
    user = certificate.membership.user
    if certificate.membership.state not in INSIDE:
        raise UserError(f"{user.name} is not in the group {group.name}")
    if not user.active:
        raise UserError(f"{user.name} is disabled: their machines get no certificate until they are enabled")
    requests.sign(vault, certificate)
    group_log.note(session, group, actor.user.name, "approve certificate", _about(certificate))
    return certificate


def refuse(session: Session, group: Group, number: str, actor: Actor) -> Certificate:
    """Deny the request that waits under that number, permanently; the caller commits.

    Raises:
        UserError: the actor is not an admin, or nothing waits under the number.
    """
    certificate = _waiting(session, group, number, actor)
    requests.deny(certificate)
    group_log.note(session, group, actor.user.name, "deny certificate", _about(certificate))
    return certificate


def _waiting(session: Session, group: Group, number: str, actor: Actor) -> Certificate:
    memberships.lock(session, group)
    memberships.require_admin(session, group, actor)
    query = select(Certificate).where(
        Certificate.group_id == group.id, Certificate.request_id == number.upper()
    )
    # The current state: the caller may have read it before others decided.
    whole = query.options(joinedload(Certificate.membership, innerjoin=True))
    found = session.scalar(whole.with_for_update(of=Certificate).execution_options(populate_existing=True))
    if found is None or found.state is not CertificateState.WAITING:
        raise UserError(f"no certificate of {group.name} waits under '{one_line(number, 50)}'")
    return found


def _about(certificate: Certificate) -> dict[str, str]:
    return {"user": certificate.membership.user.name, "request": certificate.request_id}
