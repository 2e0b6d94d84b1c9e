"""`/sign-in` and `/sign-out`."""

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from dashboards.sign_in.forms.rendering import field, page
from dashboards.sign_in.session.rate_limits import by_address, by_name, by_name_from_all
from dashboards.sign_in.session.safe_redirects import destination
from dashboards.sign_in.session.second_step import sign_in_or_ask
from dashboards.sign_in.session.sessions import end_session, note_failure, user_with
from dashboards.web import context
from dashboards.web.access import for_everybody, visitor
from p2ppool.accounts import users
from p2ppool.store.unit_of_work import reading

pages = Blueprint("sign_in", __name__)

_REFUSAL = "Wrong name or password."


@pages.route("/sign-in", methods=["GET", "POST"])
@for_everybody
@by_address
@by_name_from_all
@by_name
def sign_in() -> BaseResponse:
    """Show the form, or sign in and redirect to the requested page."""
    to = destination(request.values.get("next"))
    if request.method != "POST":
        return redirect(to) if visitor().id is not None else form(to)
    user, way = user_with(field("name"), field("password"))
    if user is None:
        note_failure(field("name"), way, "wrong name or password")
        return form(to, problem=_REFUSAL, name=field("name"), status=401)
    return sign_in_or_ask(user, way, to)


@pages.post("/sign-out")
@for_everybody
def sign_out() -> BaseResponse:
    """Sign out, and redirect to the form."""
    end_session()
    return redirect("/sign-in")


def form(to: str, *, status: int = 200, problem: str = "", name: str = "") -> Response:
    """Render the form, which leads to `to`, a page of this site."""
    with reading(context.whole_engine()) as work:
        is_new = not users.has_manager(work.session)
    return page(
        "sign_in.html",
        status=status,
        to=to,
        problem=problem,
        name=name[:64],
        is_new=is_new,
        provider=context.settings().openid_name if context.settings().openid_issuer else "",
        may_register=context.settings().registration != "off",
    )
