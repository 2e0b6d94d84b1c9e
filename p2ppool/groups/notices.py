"""Mails about groups: to admins about requests, and to users about decisions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from p2ppool import mail
from p2ppool.groups import listings
from p2ppool.groups.certificates.requests import node_address
from p2ppool.groups.membership.page_paths import CALLED, path_of
from p2ppool.groups.membership.rules import Step
from p2ppool.settings import Settings
from p2ppool.store.models import Certificate, CertificateState, Group, Membership, User

_DECIDED: Final = {
    Step.ACCEPT: "You are a member now. Your downloads are on the group's page:",
    Step.DENY: "Your request to join was denied. The group's page:",
    Step.PROMOTE: "You are an admin now, and decide who joins:",
    Step.DEMOTE: "You are no longer an admin, but still a member:",
    Step.REVOKE: "You were revoked, which is final: your certificates are invalid now. The group's page:",
}
_CERTIFICATES: Final = {
    CertificateState.SIGNED: "An admin signed the certificates of these machines of yours, which fetch them\n"
    "by themselves:",
    CertificateState.DENIED: "An admin denied certificates to these machines of yours, permanently. To ask\n"
    "again, a machine has to make a new key:",
}


@dataclass(frozen=True)
class Letter:
    """A mail that is to be sent once its cause is committed.

    Attributes:
        to: an address.
        subject: one line.
        text: ends with the group's page.
        page: its path; only the sender knows the URL of the pages.
    """

    to: str
    subject: str
    text: str
    page: str


def of_request(session: Session, group: Group, user: User) -> list[Letter]:
    """Write to each admin who has a mail address about a request to join."""
    subject = f"{user.name} asks to join {group.name}"
    text = f"{user.name} asks to join the {_called(group)}. Accept or deny it there:\n"
    return _to_admins(session, group, subject, text)


def of_waiting(session: Session, group: Group, user: str) -> list[Letter]:
    """Write to each admin who has a mail address when the first request
    of a machine of `user` begins to wait.
    """
    subject = f"A machine of {user} waits for a certificate in {group.name}"
    text = (
        f"A machine of {user} requests a certificate of the {_called(group)}, which an admin must approve.\n"
        "Sign or deny it there; no mail is sent about further requests until none is waiting.\n"
    )
    return _to_admins(session, group, subject, text)


def of_decision(group: Group, user: User, step: Step) -> list[Letter]:
    """Write to the user about a decision, if they have a mail address."""
    if not user.email:
        return []
    subject, text = (
        f"{group.name}: a decision about your membership",
        f"In the {_called(group)}:\n\n{_DECIDED[step]}",
    )
    return [Letter(user.email, subject, text, path_of(group))]


def of_certificates(decided: Sequence[Certificate]) -> list[Letter]:
    """Write to each member whose machines were signed or denied certificates, if they have a mail address."""
    decisions: dict[tuple[Membership, CertificateState], list[str]] = {}
    for each in decided:
        decisions.setdefault((each.membership, each.state), []).append(node_address(each))
    return [
        _about_machines(membership, state, machines)
        for (membership, state), machines in decisions.items()
        if membership.user.email
    ]


def send(settings: Settings, letters: Iterable[Letter]) -> None:
    """Send the letters in the background; none if no mail server is set."""
    for letter in letters:
        mail.send(settings, letter.to, letter.subject, f"{letter.text}\n{settings.web_url}{letter.page}\n")


def _about_machines(membership: Membership, state: CertificateState, machines: list[str]) -> Letter:
    group, subject = membership.group, f"{membership.group.name}: certificates of your machines"
    lines = "\n".join(f"- {machine}" for machine in machines)
    text = f"In the {_called(group)}:\n\n{_CERTIFICATES[state]}\n\n{lines}\n\nThe group's page:"
    return Letter(membership.user.email or "", subject, text, path_of(group))


def _to_admins(session: Session, group: Group, subject: str, text: str) -> list[Letter]:
    to = [admin.email for admin in listings.admins(session, group) if admin.email]
    return [Letter(address, subject, text, path_of(group)) for address in to]


def _called(group: Group) -> str:
    return f"{CALLED[group.kind]} group {group.name}"
