"""`/sign-in/openid`: signing in through an external identity provider."""

from flask import Blueprint, abort, current_app, request, session
from werkzeug.wrappers import Response

from dashboards.sign_in.pages.sign_in_page import form
from dashboards.sign_in.session.openid_provider import DONE, redirect_to_provider, returned_person
from dashboards.sign_in.session.rate_limits import by_address_reading
from dashboards.sign_in.session.safe_redirects import destination
from dashboards.sign_in.session.second_step import sign_in_or_ask
from dashboards.sign_in.session.sessions import OPENID, note_failure, user_of
from dashboards.web import context
from dashboards.web.access import for_everybody
from p2ppool.errors import UserError, one_line

pages = Blueprint("openid", __name__)

_DESTINATION = "openid_goal"


@pages.get("/sign-in/openid")
@for_everybody
@by_address_reading
def begin() -> Response:
    """Redirect to the provider."""
    _require_provider()
    session[_DESTINATION] = to = destination(request.args.get("next"))
    try:
        return redirect_to_provider()
    except UserError as error:
        return form(to, problem=str(error), status=503)


@pages.get(DONE)
@for_everybody
@by_address_reading
def done() -> Response:
    """Sign the user in, on return from the provider."""
    _require_provider()
    to = destination(session.pop(_DESTINATION, None))
    try:
        user = user_of(returned_person(), same_name=False)
    except UserError as error:
        current_app.logger.warning("sign-in by OpenID Connect: %s", one_line(error))
        note_failure("", OPENID, one_line(error, 120))
        return form(to, problem=str(error), status=401)
    return sign_in_or_ask(user, OPENID, to)


def _require_provider() -> None:
    if not context.settings().openid_issuer:
        abort(404)
