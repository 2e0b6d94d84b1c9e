"""Certificate requests of members' machines that wait for an admin to sign or deny them."""

from collections.abc import Sequence

from flask import Blueprint
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dashboards.groups.decisions import ABOUT_REQUESTS, step_of, ticked
from dashboards.groups.group_context import GroupContext, GroupRole, vault
from dashboards.groups.group_page import change
from dashboards.sign_in.session.rate_limits import by_user_often
from dashboards.web.access import for_users
from p2ppool.errors import UserError
from p2ppool.groups.certificates import approvals, requests
from p2ppool.groups.membership import memberships
from p2ppool.groups.membership.memberships import Actor
from p2ppool.groups.membership.rules import Step
from p2ppool.groups.notices import Letter, of_certificates
from p2ppool.store.models import Certificate, CertificateState, GroupKind

of_vpns = Blueprint("certificates", __name__)


@of_vpns.post("/<name>/certificates")
@for_users
@by_user_often
def decide_certificates(kind: GroupKind, name: str) -> Response:
    """Sign or deny the ticked certificate requests."""

    def decide(group_context: GroupContext) -> str:
        waiting = requests.waiting(group_context.session, group_context.group)
        return sign_each(group_context.session, group_context.actor, waiting, group_context.letters)

    return change(kind, name, GroupRole.ADMIN, decide)


def sign_each(session: Session, actor: Actor, waiting: Sequence[Certificate], letters: list[Letter]) -> str:
    """Sign or deny the ticked ones of the waiting requests, and return a summary for the page.

    Mails to the owners of those machines are added to `letters`.

    Mails to those whose machines have asked are put to the `letters`.

    Raises:
        UserError: nothing is ticked, or a user may not have a certificate.
    """
    step, chosen = step_of(ABOUT_REQUESTS), set(ticked("certificate"))
    found = [each for each in waiting if each.id in chosen]
    there = memberships.lock_all(session, [each.membership.group for each in found])
    done = [
        each for each in found if each.membership.group in there and _was_decided(session, step, each, actor)
    ]
    letters.extend(of_certificates(done))
    missed = len(chosen) - len(done)
    summary = f"{len(done)} {'signed' if step is Step.ACCEPT else 'denied'}."
    return summary + (f" {missed} no longer waiting: somebody else has decided." if missed else "")


def _was_decided(session: Session, step: Step, request: Certificate, actor: Actor) -> bool:
    """Tell whether this call decided the request, rather than somebody else since the list was read."""
    group, number = request.membership.group, request.request_id
    try:
        if step is Step.ACCEPT:
            approvals.approve(session, vault(session), group, number, actor)
        else:
            approvals.refuse(session, group, number, actor)
    except UserError:
        if request.state is CertificateState.WAITING:
            raise
        return False
    return True
