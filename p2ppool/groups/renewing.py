"""A member's fresh secret, as a step of its own: it is recorded, and stands against others' steps."""

from sqlalchemy.orm import Session

from p2ppool.errors import UserError
from p2ppool.groups import audit, memberships
from p2ppool.groups.rules import INSIDE
from p2ppool.store.models import Membership
from p2ppool.store.vault import Vault


def renew_secret(session: Session, vault: Vault, membership: Membership) -> None:
    """Replace the secret, which the member asks for; the caller commits.

    Raises:
        UserError: they are in the group no more.
    """
    group, user = membership.group, membership.user
    memberships.lock(session, group)
    found = session.get(Membership, membership.id, populate_existing=True)
    if found is None or found.state not in INSIDE:
        raise UserError(f"{user.name} is not in the group {group.name}")
    memberships.renew_secret(vault, found)
    audit.note(session, group, user.name, "renew secret")
