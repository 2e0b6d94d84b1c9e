"""The rules of membership: the original's, as data.

A user asks, an admin accepts or denies; members become admins and back; a revocation is final. Whoever
creates a group is its first admin, and when the last admin leaves, the group is deleted.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from p2ppool.errors import UserError
from p2ppool.store.models import MemberState

INSIDE: Final = frozenset({MemberState.MEMBER, MemberState.ADMIN})
"""The states of those who are in the group."""


class Step(StrEnum):
    """A step that changes a membership."""

    REQUEST = "request"
    ACCEPT = "accept"
    DENY = "deny"
    PROMOTE = "promote"
    DEMOTE = "demote"
    REVOKE = "revoke"
    LEAVE = "leave"


@dataclass(frozen=True)
class StepRule:
    """The states in which the step is allowed, the state after it, and the message if it is not allowed."""

    before: frozenset[MemberState | None]
    after: MemberState
    otherwise: str


RULES: Final = {
    Step.REQUEST: StepRule(
        frozenset({None, MemberState.DENIED, MemberState.LEFT}),
        MemberState.REQUESTED,
        "has asked already, is in, or was revoked",
    ),
    Step.ACCEPT: StepRule(frozenset({MemberState.REQUESTED}), MemberState.MEMBER, "has not asked to join"),
    Step.DENY: StepRule(frozenset({MemberState.REQUESTED}), MemberState.DENIED, "has not asked to join"),
    Step.PROMOTE: StepRule(frozenset({MemberState.MEMBER}), MemberState.ADMIN, "is no member"),
    Step.DEMOTE: StepRule(frozenset({MemberState.ADMIN}), MemberState.MEMBER, "is no admin"),
    # Former members can be revoked, too: otherwise their certificates would stay valid forever.
    Step.REVOKE: StepRule(
        frozenset(MemberState) - {MemberState.REVOKED},
        MemberState.REVOKED,
        "was revoked already, or never asked",
    ),
    Step.LEAVE: StepRule(INSIDE | {MemberState.REQUESTED}, MemberState.LEFT, "is not in the group"),
}


class NoAdminLeftError(UserError):
    """The step would leave the group without an admin; only leaving may, as it deletes the group."""


def after(step: Step, who: str, state: MemberState | None, admins: int) -> MemberState:
    """Return the state after the step.

    Args:
        step: the step.
        who: the user whose membership changes, for the message.
        state: its current state; None if they never asked to join.
        admins: the number of the group's admins.

    Raises:
        NoAdminLeftError: it is the last admin's membership.
        UserError: the step is not allowed in that state.
    """
    rule = RULES[step]
    if state not in rule.before:
        raise UserError(f"{step}: {who} {rule.otherwise}")
    if state is MemberState.ADMIN and admins <= 1:
        raise NoAdminLeftError(
            f"{step}: {who} is the only admin: make somebody else one first (to leave deletes the group)"
        )
    return rule.after
