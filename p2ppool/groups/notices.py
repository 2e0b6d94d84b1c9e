"""Mails about groups: admins hear of a request, a user of what was decided about them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from p2ppool import mail
from p2ppool.groups import listings
from p2ppool.groups.addresses import CALLED, path_of
from p2ppool.groups.rules import Step
from p2ppool.settings import Settings
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
    """A mail that is to be sent once what it tells of is kept.

    Attributes:
        to: an address.
        subject: one line.
        text: ends with the group's page.
        page: its path, as only who sends knows where the pages are.
    """

    to: str
    subject: str
    text: str
    page: str


def of_request(session: Session, group: Group, user: User) -> list[Letter]:
    """To each admin who has a mail address."""
    subject = f"{user.name} asks to join {group.name}"
    text = f"{user.name} asks to join the {_called(group)}. Accept or deny it there:\n"
    to = [admin.email for admin in listings.admins(session, group) if admin.email]
    return [Letter(address, subject, text, path_of(group)) for address in to]


def of_decision(group: Group, user: User, step: Step) -> list[Letter]:
    """To the user, if they have a mail address."""
    if not user.email:
        return []
    subject, text = (
        f"{group.name}: what was decided about you",
        f"In the {_called(group)}:\n\n{_DECIDED[step]}",
    )
    return [Letter(user.email, subject, text, path_of(group))]


def send(settings: Settings, letters: Iterable[Letter]) -> None:
    """Send them beside the work; none where no mail server is set."""
    for letter in letters:
        mail.send(settings, letter.to, letter.subject, f"{letter.text}\n{settings.web_url}{letter.page}\n")


def _called(group: Group) -> str:
    return f"{CALLED[group.kind]} group {group.name}"
