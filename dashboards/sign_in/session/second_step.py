"""The second step of a sign-in: whoever has a second factor is in only once it was given."""

import time
from dataclasses import dataclass
from typing import Final

from flask import redirect, session
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dashboards.sign_in.session.rate_limits import SECOND_STEP
from dashboards.sign_in.session.sessions import start_session
from dashboards.web import context
from p2ppool.accounts.second_factor import codes
from p2ppool.accounts.second_factor.passkeys import Site
from p2ppool.store.models import User
from p2ppool.store.unit_of_work import reading
from p2ppool.store.vault import Vault
from p2ppool.store.vault_key import open_vault

PATH: Final = "/sign-in/second"
_LIFE: Final = 300.0  # seconds between the two steps


@dataclass(frozen=True)
class Pending:
    """Who has given the first factor in this browser, in which way, and where they want to go."""

    user: User
    way: str
    to: str


def sign_in_or_ask(user: User, way: str, to: str) -> Response:
    """Start the session and redirect to `to`; if the user has a second factor, ask for it first."""
    with reading(context.whole_engine()) as work:
        has_factor = codes.has_factor(work.session, user.id)
    if not has_factor:
        start_session(user, way)
        return redirect(to)
    session.clear()
    session[SECOND_STEP] = [user.id, way, to, time.time()]
    return redirect(PATH)


def pending() -> Pending | None:
    """Return who is between the two steps in this browser; None: nobody, or they took too long."""
    found = session.get(SECOND_STEP)
    if found is None or time.time() - found[3] > _LIFE:
        return None
    with reading(context.whole_engine()) as work:
        user = work.session.get(User, found[0])
    return None if user is None or not user.active else Pending(user, found[1], found[2])


def site() -> Site | None:
    """Return the pages as a site for passkeys; None: they can't be used here."""
    return Site.of(context.settings().web_url)


def vault(work: Session) -> Vault:
    """Open the vault, which seals the secrets of apps.

    Raises:
        VaultError: its key is lost, or can't be used.
    """
    return open_vault(work, context.settings())
