"""The decisions of a group's admins: who may join, and who becomes an admin."""

from collections.abc import Sequence
from typing import Final

from flask import Blueprint, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dashboards.groups.group_context import GroupContext, GroupRole
from dashboards.groups.group_page import change
from dashboards.sign_in.forms.confirm_deletion import confirmed
from dashboards.sign_in.forms.rendering import field
from dashboards.sign_in.session.rate_limits import by_user_often
from dashboards.web.access import for_users
from p2ppool.errors import UserError, one_line
from p2ppool.groups import listings
from p2ppool.groups.membership import memberships
from p2ppool.groups.membership.memberships import Actor
from p2ppool.groups.membership.rules import Step
from p2ppool.groups.notices import Letter, of_decision
from p2ppool.store.models import GroupKind, Membership, MemberState

pages = Blueprint("deciding", __name__)

ABOUT_REQUESTS: Final = {"accept": Step.ACCEPT, "deny": Step.DENY}
"""The buttons below the requests, by the value that they send."""

_ABOUT_MEMBERS: Final = {"promote": Step.PROMOTE, "demote": Step.DEMOTE, "revoke": Step.REVOKE}
_RESULTS: Final = {
    Step.ACCEPT: "is now a member",
    Step.DENY: "was denied",
    Step.PROMOTE: "is now an admin",
    Step.DEMOTE: "is no longer an admin",
    Step.REVOKE: "was revoked",
}


@pages.post("/<name>/requests")
@for_users
@by_user_often
def decide_requests(kind: GroupKind, name: str) -> Response:
    """Accept or deny the ticked requests."""

    def decide(group_context: GroupContext) -> str:
        chosen = set(ticked("request"))
        found = [
            each
            for each in listings.requests(group_context.session, group_context.group)
            if each.id in chosen
        ]
        return decide_each(
            group_context.session, group_context.actor, found, len(chosen) - len(found), group_context.letters
        )

    return change(kind, name, GroupRole.ADMIN, decide)


@pages.post("/<name>/members")
@for_users
@by_user_often
def decide_members(kind: GroupKind, name: str) -> Response:
    """Promote, demote or revoke a member."""

    def decide(group_context: GroupContext) -> str:
        step = step_of(_ABOUT_MEMBERS)
        found = memberships.of_name(group_context.session, group_context.group, field("user"))
        if step is Step.REVOKE and not field("sure"):
            raise UserError(f"confirm that {found.user.name} is to be revoked permanently")
        memberships.decide(group_context.session, step, found, group_context.actor, confirmed())
        group_context.letters.extend(of_decision(group_context.group, found.user, step))
        return f"{found.user.name} {_RESULTS[step]}."

    return change(kind, name, GroupRole.ADMIN, decide, f"Revoke {one_line(field('user'), 50)}")


def step_of(steps: dict[str, Step]) -> Step:
    """Return the step that the pressed button stands for.

    Raises:
        UserError: the form names no such step.
    """
    found = steps.get(field("step"))
    if found is None:
        raise UserError(f"choose one of {', '.join(steps)}")
    return found


def ticked(name: str) -> list[int]:
    """Return the numbers of the ticked boxes with that name.

    Raises:
        UserError: no box was ticked.
    """
    texts = request.form.getlist(name)[: listings.PAGE]
    numbers = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 10]  # noqa: PLR2004
    if not numbers:
        raise UserError("select at least one")
    return numbers


def decide_each(
    session: Session, actor: Actor, requests: Sequence[Membership], missed: int, letters: list[Letter]
) -> str:
    """Decide each request, and return a summary for the page.

    `missed` counts the requests that are no longer open: other admins decide, too, and users withdraw theirs.
    Mails to the users concerned are added to `letters`.
    """
    step, messages = step_of(ABOUT_REQUESTS), []
    for each in requests:
        try:
            memberships.decide(session, step, each, actor)
            messages.append(f"{each.user.name} {_RESULTS[step]}.")
            letters.extend(of_decision(each.group, each.user, step))
        except UserError:  # since the list was read
            if each.state is MemberState.REQUESTED:
                raise
            missed += 1
    if missed:
        messages.append(f"{missed} no longer open: somebody else has decided, or the request was withdrawn.")
    return " ".join(messages)
