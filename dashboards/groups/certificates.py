"""Certificates of members' machines that wait for an admin: signed or denied, in one group or in many."""

from collections.abc import Sequence

from flask import Blueprint
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dashboards.groups.decisions import ABOUT_REQUESTS, step_of, ticked
from dashboards.groups.group_context import GroupContext, Part, vault
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
    """Sign the certificates that are ticked, or don't."""

    def decide(here: GroupContext) -> str:
        waiting = requests.waiting(here.session, here.group)
        return sign_each(here.session, here.actor, waiting, here.letters)

    return change(kind, name, Part.ADMIN, decide)


def sign_each(session: Session, actor: Actor, waiting: Sequence[Certificate], letters: list[Letter]) -> str:
    """Sign or deny those that are ticked of what waits; what was done, for the page.

    Mails to those whose machines have asked are put to the `letters`.

    Raises:
        UserError: nothing is ticked, or a user may have no certificate.
    """
    step, chosen = step_of(ABOUT_REQUESTS), set(ticked("certificate"))
    asked = [each for each in waiting if each.id in chosen]
    there = memberships.lock_all(session, [each.membership.group for each in asked])
    done = [
        each for each in asked if each.membership.group in there and _was_decided(session, step, each, actor)
    ]
    letters.extend(of_certificates(done))
    missed = len(chosen) - len(done)
    said = f"{len(done)} {'signed' if step is Step.ACCEPT else 'denied'}."
    return said + (f" {missed} waited no more: somebody else has decided." if missed else "")


def _was_decided(session: Session, step: Step, asked: Certificate, actor: Actor) -> bool:
    """Whether it was decided here and not by somebody else since the list was read."""
    group, number = asked.membership.group, asked.request_id
    try:
        if step is Step.ACCEPT:
            approvals.approve(session, vault(), group, number, actor)
        else:
            approvals.refuse(session, group, number, actor)
    except UserError:
        if asked.state is CertificateState.WAITING:
            raise
        return False
    return True
