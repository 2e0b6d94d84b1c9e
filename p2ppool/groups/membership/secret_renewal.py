"""The renewal of a member's secret as a recorded step that is safe beside the steps of others."""

from sqlalchemy.orm import Session

from p2ppool.errors import UserError
from p2ppool.groups.membership import group_log, memberships
from p2ppool.groups.membership.rules import INSIDE
from p2ppool.store.models import Membership
from p2ppool.store.vault import Vault


def renew_secret(session: Session, vault: Vault, membership: Membership, who: str) -> None:
    """Replace the secret; the caller commits.

    Args:
        session: the database session.
        vault: seals the secret.
        membership: the membership of the secret.
        who: the user who requests it, for the record.

    Raises:
        UserError: the user is no longer in the group.
    """
    group, user = membership.group, membership.user
    memberships.lock(session, group)
    found = session.get(Membership, membership.id, populate_existing=True)
    if found is None or found.state not in INSIDE:
        raise UserError(f"{user.name} is not in the group {group.name}")
    memberships.renew_secret(vault, found)
    group_log.note(session, group, who, "renew secret", {} if who == user.name else {"user": user.name})
