"""What users are told by mail, as subject and text. Only names that were checked stand in them."""

from typing import Final

Notice = tuple[str, str]

_NOT_YOU: Final = "If you did not ask for this, you can forget this mail: nothing happens without the link.\n"
_FROM: Final = "P2PPool Manager: "


def confirm(web_url: str, name: str, link: str) -> Notice:
    """The link that confirms the address."""
    return (
        f"{_FROM}Confirm your mail address",
        (
            f"Somebody, hopefully you, would like to be the user {name} of P2PPool Manager at\n"
            f"{web_url} and gave this mail address.\n\n"
            f"Confirm it within a day, with the password that you chose:\n\n{link}\n\n{_NOT_YOU}"
        ),
    )


def name_taken(web_url: str, name: str) -> Notice:
    """Said to the mailbox alone, so that the page tells nobody who is a user."""
    return (
        f"{_FROM}Choose another name",
        (
            f"You would like to be the user {name} of P2PPool Manager, but there is one already.\n\n"
            f"Register again under another name:\n\n{web_url}/register\n"
        ),
    )


def has_account(web_url: str, name: str) -> Notice:
    """Said to the mailbox alone, as `name_taken`."""
    return (
        f"{_FROM}You are a user already",
        (
            f"Somebody, hopefully you, wanted to register with this mail address at {web_url}.\n\n"
            f"You are the user {name} there. If you have forgotten the password:\n\n{web_url}/forgotten\n"
        ),
    )


def password_link(name: str, link: str) -> Notice:
    """The link with which a password is chosen."""
    return (
        f"{_FROM}Choose a password",
        (
            f"With this link the user {name} of P2PPool Manager chooses a new password, once and within a\n"
            f"day:\n\n{link}\n\n{_NOT_YOU}"
        ),
    )


def invited(web_url: str, name: str, link: str) -> Notice:
    """The same for somebody who was made a user."""
    return (
        f"{_FROM}You are a user",
        (
            f"You are the user {name} of P2PPool Manager at {web_url} now.\n\n"
            f"Choose your password within a day:\n\n{link}\n"
        ),
    )


def no_password(name: str) -> Notice:
    """Who signs in elsewhere has no password here."""
    return (
        f"{_FROM}Your password is not kept here",
        (
            f"The user {name} of P2PPool Manager signs in through your organisation: the password is\n"
            "changed there.\n"
        ),
    )


def decided(web_url: str, name: str, *, accepted: bool) -> Notice:
    """What a manager decided."""
    said = (
        f"You are the user {name} of P2PPool Manager now. Sign in with the password that you chose:\n\n"
        f"{web_url}/sign-in\n"
        if accepted
        else f"A manager of P2PPool Manager at {web_url} did not accept your registration as\n{name}.\n"
    )
    return f"{_FROM}Your registration", said


def somebody_waits(web_url: str) -> Notice:
    """For managers."""
    return (
        f"{_FROM}A registration waits for you",
        f"Somebody would like to be a user. Accept or deny it:\n\n{web_url}/users\n",
    )
