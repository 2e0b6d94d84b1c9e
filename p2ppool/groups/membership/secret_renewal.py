"""A member's fresh secret, as a step of its own: it is recorded, and stands against others' steps."""

from sqlalchemy.orm import Session

from p2ppool.errors import UserError
from p2ppool.groups.membership import group_log, memberships
from p2ppool.groups.membership.rules import INSIDE
from p2ppool.store.models import Membership
from p2ppool.store.vault import Vault


def renew_secret(session: Session, vault: Vault, membership: Membership, who: str) -> None:
    """Replace the secret; the caller commits.

    Args:
        session: of the database.
        vault: seals the secret.
        membership: whose it is.
        who: asks for it, for the record.

    Raises:
        UserError: they are in the group no more.
    """
    group, user = membership.group, membership.user
    memberships.lock(session, group)
    found = session.get(Membership, membership.id, populate_existing=True)
    if found is None or found.state not in INSIDE:
        raise UserError(f"{user.name} is not in the group {group.name}")
    memberships.renew_secret(vault, found)
    group_log.note(session, group, who, "renew secret", {} if who == user.name else {"user": user.name})
