"""`/sign-in/second`: the second step of a sign-in, with a code or a passkey."""

from flask import Blueprint, redirect, request, session
from werkzeug.wrappers import Response

from dashboards.sign_in.forms.rendering import field, page
from dashboards.sign_in.session.rate_limits import by_address, by_second_step
from dashboards.sign_in.session.second_step import PATH, Pending, pending, site, vault
from dashboards.sign_in.session.sessions import note_failure, start_session
from dashboards.web import context
from dashboards.web.access import for_everybody
from p2ppool.accounts.second_factor import codes, passkeys
from p2ppool.store.models import User
from p2ppool.store.unit_of_work import UnitOfWork, reading

pages = Blueprint("second_step", __name__)

_CHALLENGE = "passkey_challenge"


@pages.route(PATH, methods=["GET", "POST"])
@for_everybody
@by_address
@by_second_step
def second_step() -> Response:
    """Show the form, or let the user in."""
    found = pending()
    if found is None:
        return redirect("/sign-in")
    if request.method != "POST":
        return _form(found)
    way = _given(found)
    if not way:
        note_failure(found.user.name, f"{found.way} + code", "wrong second factor")
        return _form(found, problem="That code is not valid, or was used before.", status=401)
    start_session(found.user, way)
    return redirect(found.to)


def _given(found: Pending) -> str:
    """Return in which way the user has signed in, once the second factor fits; empty: it does not."""
    answer, challenge, at = field("credential"), session.pop(_CHALLENGE, ""), site()
    with UnitOfWork(context.whole_engine()) as work:
        user = work.session.get_one(User, found.user.id, with_for_update=True)
        if answer:
            is_right = bool(challenge and at) and passkeys.fits(
                work.session, _known(at), user, answer, challenge
            )
        else:
            is_right = codes.fits(work.session, vault(work.session), user, field("code"))
        work.commit()
    return f"{found.way} + {'passkey' if answer else 'code'}" if is_right else ""


def _form(found: Pending, *, problem: str = "", status: int = 200) -> Response:
    options, at = "", site()
    with reading(context.whole_engine()) as work:
        user = work.session.get_one(User, found.user.id)
        if at is not None and passkeys.passkeys_of(work.session, user):
            options, session[_CHALLENGE] = passkeys.options_to_prove(work.session, at, user)
    return page("second_step.html", status=status, options=options, problem=problem, name=user.name)


def _known(at: passkeys.Site | None) -> passkeys.Site:
    assert at is not None  # noqa: S101 - the caller has looked
    return at
