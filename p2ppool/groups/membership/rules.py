"""Who may become what in a group: the rules of the original, as data.

A user asks, an admin accepts or denies; members become admins and back; to be revoked is final. Whoever makes
a group is its first admin, and when the last admin leaves, the group goes too.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from p2ppool.errors import UserError
from p2ppool.store.models import MemberState

INSIDE: Final = frozenset({MemberState.MEMBER, MemberState.ADMIN})
"""The states of those who are in the group."""


class Step(StrEnum):
    """What changes a membership."""

    REQUEST = "request"
    ACCEPT = "accept"
    DENY = "deny"
    PROMOTE = "promote"
    DEMOTE = "demote"
    REVOKE = "revoke"
    LEAVE = "leave"


@dataclass(frozen=True)
class Rule:
    """From which states the step leads where, and what is said where it does not."""

    before: frozenset[MemberState | None]
    after: MemberState
    otherwise: str


RULES: Final = {
    Step.REQUEST: Rule(
        frozenset({None, MemberState.DENIED, MemberState.LEFT}),
        MemberState.REQUESTED,
        "has asked already, is in, or was revoked",
    ),
    Step.ACCEPT: Rule(frozenset({MemberState.REQUESTED}), MemberState.MEMBER, "has not asked to join"),
    Step.DENY: Rule(frozenset({MemberState.REQUESTED}), MemberState.DENIED, "has not asked to join"),
    Step.PROMOTE: Rule(frozenset({MemberState.MEMBER}), MemberState.ADMIN, "is no member"),
    Step.DEMOTE: Rule(frozenset({MemberState.ADMIN}), MemberState.MEMBER, "is no admin"),
    # Also of who is not in the group any more: their certificates would count for ever.
    Step.REVOKE: Rule(
        frozenset(MemberState) - {MemberState.REVOKED},
        MemberState.REVOKED,
        "was revoked already, or never asked",
    ),
    Step.LEAVE: Rule(INSIDE | {MemberState.REQUESTED}, MemberState.LEFT, "is not in the group"),
}


class NoAdminLeftError(UserError):
    """The step would leave the group without an admin: leaving takes the group along, nothing else may."""


def after(step: Step, who: str, state: MemberState | None, admins: int) -> MemberState:
    """The state that the step leads to.

    Args:
        step: what is done.
        who: whom it is done to, for the message.
        state: theirs now; None: they never asked.
        admins: how many the group has.

    Raises:
        NoAdminLeftError: it is the last admin's.
        UserError: the step does not lead on from that state.
    """
    rule = RULES[step]
    if state not in rule.before:
        raise UserError(f"{step}: {who} {rule.otherwise}")
    if state is MemberState.ADMIN and admins <= 1:
        raise NoAdminLeftError(
            f"{step}: {who} is the only admin: make somebody else one first (to leave deletes the group)"
        )
    return rule.after
