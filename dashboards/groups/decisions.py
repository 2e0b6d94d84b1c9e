"""What admins decide in a group: who joins, and who is what."""

from collections.abc import Sequence
from typing import Final

from flask import Blueprint, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dashboards.groups.group_context import GroupContext, Part
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
"""What the buttons below requests mean."""

_ABOUT_MEMBERS: Final = {"promote": Step.PROMOTE, "demote": Step.DEMOTE, "revoke": Step.REVOKE}
_SAID: Final = {
    Step.ACCEPT: "is a member now",
    Step.DENY: "was denied",
    Step.PROMOTE: "is an admin now",
    Step.DEMOTE: "is no admin any more",
    Step.REVOKE: "is revoked",
}


@pages.post("/<name>/requests")
@for_users
@by_user_often
def decide_requests(kind: GroupKind, name: str) -> Response:
    """Let those in whose requests are ticked, or don't."""

    def decide(here: GroupContext) -> str:
        chosen = set(ticked("request"))
        asked = [each for each in listings.requests(here.session, here.group) if each.id in chosen]
        return decide_each(here.session, here.actor, asked, len(chosen) - len(asked), here.letters)

    return change(kind, name, Part.ADMIN, decide)


@pages.post("/<name>/members")
@for_users
@by_user_often
def decide_members(kind: GroupKind, name: str) -> Response:
    """Make a member an admin or back, or revoke them."""

    def decide(here: GroupContext) -> str:
        step = step_of(_ABOUT_MEMBERS)
        found = memberships.of_name(here.session, here.group, field("user"))
        if step is Step.REVOKE and not field("sure"):
            raise UserError(f"tick that {found.user.name} is to be revoked for good")
        memberships.decide(here.session, step, found, here.actor, confirmed())
        here.letters.extend(of_decision(here.group, found.user, step))
        return f"{found.user.name} {_SAID[step]}."

    return change(kind, name, Part.ADMIN, decide, f"Revoke {one_line(field('user'), 50)}")


def step_of(steps: dict[str, Step]) -> Step:
    """What the button that was pressed means.

    Raises:
        UserError: it is none of them.
    """
    found = steps.get(field("step"))
    if found is None:
        raise UserError(f"choose one of {', '.join(steps)}")
    return found


def ticked(name: str) -> list[int]:
    """Numbers of the boxes of that name that were ticked.

    Raises:
        UserError: none was.
    """
    texts = request.form.getlist(name)[: listings.PAGE]
    numbers = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 10]  # noqa: PLR2004
    if not numbers:
        raise UserError("tick at least one first")
    return numbers


def decide_each(
    session: Session, actor: Actor, asked: Sequence[Membership], missed: int, letters: list[Letter]
) -> str:
    """Decide about each; what was done, for the page.

    `missed` are requests that are there no more: others decide, too, and users take theirs back. Mails to
    those who were decided about are put to the `letters`.
    """
    step, said = step_of(ABOUT_REQUESTS), []
    for each in asked:
        try:
            memberships.decide(session, step, each, actor)
            said.append(f"{each.user.name} {_SAID[step]}.")
            letters.extend(of_decision(each.group, each.user, step))
        except UserError:  # since the list was read
            if each.state is MemberState.REQUESTED:
                raise
            missed += 1
    if missed:
        said.append(f"{missed} asked no more: somebody else has decided, or the request was taken back.")
    return " ".join(said)
