"""Mails to users, as subject and text. They contain only validated names."""

from typing import Final

from p2ppool.accounts.sign_in_record import Origin

Notice = tuple[str, str]

_NOT_YOU: Final = "If you did not ask for this, you can ignore this mail: nothing happens without the link.\n"
_IF_NOT_YOU: Final = "If that was not you, change your password, end your sessions and tell a manager:\n\n"
_FROM: Final = "P2PPool Manager: "


def confirm(web_url: str, name: str, link: str) -> Notice:
    """Build the mail with the link that confirms the address."""
    return (
        f"{_FROM}Confirm your mail address",
        (
            f"Somebody, hopefully you, registered as the user {name} of P2PPool Manager at\n"
            f"{web_url} with this mail address.\n\n"
            f"Confirm it within a day, with the password that you chose:\n\n{link}\n\n{_NOT_YOU}"
        ),
    )


def name_taken(web_url: str, name: str) -> Notice:
    """Build the mail about a taken name; only the mailbox learns it, so the page reveals no users."""
    return (
        f"{_FROM}Choose another name",
        (
            f"You registered as the user {name} of P2PPool Manager, but that name is taken.\n\n"
            f"Register again under another name:\n\n{web_url}/register\n"
        ),
    )


def has_account(web_url: str, name: str) -> Notice:
    """Build the mail about an existing account; only the mailbox learns it, as with `name_taken`."""
    return (
        f"{_FROM}You already have an account",
        (
            f"Somebody, hopefully you, tried to register with this mail address at {web_url}.\n\n"
            f"You are the user {name} there. If you have forgotten the password:\n\n{web_url}/forgotten\n"
        ),
    )


def password_link(name: str, link: str) -> Notice:
    """Build the mail with the link to choose a password."""
    return (
        f"{_FROM}Choose a password",
        (
            f"This link lets the user {name} of P2PPool Manager choose a new password, once and within a\n"
            f"day:\n\n{link}\n\n{_NOT_YOU}"
        ),
    )


def invited(web_url: str, name: str, link: str) -> Notice:
    """Build the mail with that link for a newly created user."""
    return (
        f"{_FROM}You are a user",
        (
            f"You are now the user {name} of P2PPool Manager at {web_url}.\n\n"
            f"Choose your password within a day:\n\n{link}\n"
        ),
    )


def no_password(name: str) -> Notice:
    """Build the mail for users who sign in externally and have no password here."""
    return (
        f"{_FROM}Your password is not stored here",
        (
            f"The user {name} of P2PPool Manager signs in through your organisation: the password is\n"
            "changed there.\n"
        ),
    )


def new_browser(web_url: str, name: str, where: Origin) -> Notice:
    """Build the mail about a sign-in in a browser that the user has not used before."""
    return (
        f"{_FROM}A sign-in in a new browser",
        (
            f"The user {name} of P2PPool Manager has signed in at\n{web_url}\nin a browser that was not used "
            f"before: {where.browser or 'unknown'},\nfrom {where.address or 'an unknown address'}.\n\n"
            f"{_IF_NOT_YOU}{web_url}/account\n"
        ),
    )


def account_changed(web_url: str, name: str, what: str) -> Notice:
    """Build the mail about a change of the user's account, such as "A new password was set"."""
    return (
        f"{_FROM}{what}",
        (f"{what} for the user {name} of P2PPool Manager at\n{web_url}.\n\n{_IF_NOT_YOU}{web_url}/account\n"),
    )


def role_given(web_url: str, name: str, pool: str, role: str) -> Notice:
    """Build the mail about a role on a pool that the user was given."""
    return (
        f"{_FROM}You are now {role} of {pool}",
        (f"The user {name} of P2PPool Manager is now {role} of the pool {pool}:\n\n{web_url}/pools/{pool}\n"),
    )


def role_taken(web_url: str, name: str, pool: str) -> Notice:
    """Build the mail about a role on a pool that was taken from the user."""
    return (
        f"{_FROM}You have no role on {pool} any more",
        (
            f"The user {name} of P2PPool Manager has no role of their own on the pool {pool}\n"
            f"any more.\n\n{web_url}\n"
        ),
    )


def decided(web_url: str, name: str, *, accepted: bool) -> Notice:
    """Build the mail about a manager's decision."""
    text = (
        f"You are now the user {name} of P2PPool Manager. Sign in with the password that you chose:\n\n"
        f"{web_url}/sign-in\n"
        if accepted
        else f"A manager of P2PPool Manager at {web_url} did not accept your registration as\n{name}.\n"
    )
    return f"{_FROM}Your registration", text


def somebody_waits(web_url: str) -> Notice:
    """Build the mail to managers about a waiting registration."""
    return (
        f"{_FROM}A registration is waiting for you",
        f"Somebody has registered. Accept or deny it:\n\n{web_url}/users\n",
    )
