"""What users are told by mail. Nothing in it comes from others but names that were checked."""

from sqlalchemy.orm import Session

from p2ppool.accounts import users
from p2ppool.mail import send
from p2ppool.settings import Settings
from p2ppool.store.models import Role

_NOT_YOU = "If you did not ask for this, you can forget this mail: nothing happens without the link.\n"


def confirm(settings: Settings, to: str, name: str, link: str) -> None:
    """The link that confirms the address."""
    _send(
        settings,
        to,
        "Confirm your mail address",
        f"Somebody, hopefully you, would like to be the user {name} of P2PPool Manager at\n"
        f"{settings.web_url} and gave this mail address.\n\n"
        f"Confirm it within a day, with the password that you chose:\n\n{link}\n\n{_NOT_YOU}",
    )


def name_taken(settings: Settings, to: str, name: str) -> None:
    """Said to the mailbox alone, so that the page tells nobody who is a user."""
    _send(
        settings,
        to,
        "Choose another name",
        f"You would like to be the user {name} of P2PPool Manager, but there is one already.\n\n"
        f"Register again under another name:\n\n{settings.web_url}/register\n",
    )


def has_account(settings: Settings, to: str, name: str) -> None:
    """Said to the mailbox alone, as `name_taken`."""
    _send(
        settings,
        to,
        "You are a user already",
        f"Somebody, hopefully you, wanted to register with this mail address at {settings.web_url}.\n\n"
        f"You are the user {name} there. If you have forgotten the password:\n\n"
        f"{settings.web_url}/forgotten\n",
    )


def password_link(settings: Settings, to: str, name: str, link: str) -> None:
    """The link with which a password is chosen."""
    _send(
        settings,
        to,
        "Choose a password",
        f"With this link the user {name} of P2PPool Manager chooses a new password, once and within a\n"
        f"day:\n\n"
        f"{link}\n\n{_NOT_YOU}",
    )


def no_password(settings: Settings, to: str, name: str) -> None:
    """Who signs in elsewhere has no password here."""
    _send(
        settings,
        to,
        "Your password is not kept here",
        f"The user {name} of P2PPool Manager signs in through your organisation: the password is changed\n"
        "there.\n",
    )


def decided(settings: Settings, to: str, name: str, *, accepted: bool) -> None:
    """What a manager decided."""
    said = (
        f"You are the user {name} of P2PPool Manager now. Sign in with the password that you chose:\n\n"
        f"{settings.web_url}/sign-in\n"
        if accepted
        else f"A manager of P2PPool Manager at {settings.web_url} did not accept your\n"
        f"registration as {name}.\n"
    )
    _send(settings, to, "Your registration", said)


def somebody_waits(settings: Settings, session: Session) -> None:
    """Tell the managers that one registration waits; of further ones they hear when they look."""
    for user in users.all_users(session):
        if user.role is Role.MANAGER and user.active and user.email:
            _send(
                settings,
                user.email,
                "A registration waits for you",
                f"Somebody would like to be a user. Accept or deny it:\n\n{settings.web_url}/users\n",
            )


def _send(settings: Settings, to: str, subject: str, text: str) -> None:
    send(settings, to, f"P2PPool Manager: {subject}", text)
