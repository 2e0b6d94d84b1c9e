"""Mails about groups: admins hear of a request, a user of what was decided about them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from dashboards import context
from dashboards.groups.addresses import CALLED, path_of
from p2ppool import mail
from p2ppool.groups import listings
from p2ppool.groups.rules import Step
from p2ppool.store.models import Group, User

_DECIDED: Final = {
    Step.ACCEPT: "You are a member now. Your downloads are on the group's page:",
    Step.DENY: "Your request to join was denied. The group's page:",
    Step.PROMOTE: "You are an admin now, and decide who joins:",
    Step.DEMOTE: "You are no admin any more, but still a member:",
    Step.REVOKE: "You were revoked, which is final: your certificates count no more. The group's page:",
}


@dataclass(frozen=True)
class Letter:
    """A mail that is to be sent once what it tells of is kept."""

    to: str
    subject: str
    text: str


def of_request(session: Session, group: Group, user: User) -> list[Letter]:
    """To each admin who has a mail address."""
    subject = f"{user.name} asks to join {group.name}"
    text = f"{user.name} asks to join the {_called(group)}. Accept or deny it there:\n\n{_link(group)}\n"
    return [Letter(admin.email, subject, text) for admin in listings.admins(session, group) if admin.email]


def of_decision(group: Group, user: User, step: Step) -> list[Letter]:
    """To the user, if they have a mail address."""
    text = f"In the {_called(group)}:\n\n{_DECIDED[step]}\n{_link(group)}\n"
    return [Letter(user.email, f"{group.name}: what was decided about you", text)] if user.email else []


def send(letters: Iterable[Letter]) -> None:
    """Send them beside the work; none where no mail server is set."""
    for letter in letters:
        mail.send(context.settings(), letter.to, letter.subject, letter.text)


def _called(group: Group) -> str:
    return f"{CALLED[group.kind]} group {group.name}"


def _link(group: Group) -> str:
    return context.settings().web_url + path_of(group)
