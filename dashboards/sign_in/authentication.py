"""Checks every request before its view: turns away who may not see it, and rejects forged requests."""

from typing import Final
from urllib.parse import quote, urlencode

from flask import Flask, Response, redirect, render_template, request
from flask_wtf.csrf import CSRFError, generate_csrf

from dashboards.sign_in.session.rate_limits import answer_too_many
from dashboards.sign_in.session.visitors import carries_token, note_use
from dashboards.sign_in.setup import csrf, csrf_cookie, is_https
from dashboards.web.access import Need, Rule, Visitor, may, refuse_on, rule_of, visitor
from p2ppool.settings import Settings

_DOCUMENTS: Final = frozenset({"/", "/<path:path>"})
_OF_DASH: Final = {
    "_dash_assets.static": Need.NOTHING,
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": Need.NOTHING,
    "/_favicon.ico": Need.NOTHING,
    "/_reload-hash": Need.VIEWER,
    "/_dash-layout": Need.VIEWER,
    "/_dash-dependencies": Need.VIEWER,
    "/_dash-update-component": Need.VIEWER,
    **dict.fromkeys(_DOCUMENTS, Need.VIEWER),
}
"""Endpoints of Dash; callbacks that act check themselves whether the visitor may."""
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def authenticate_requests(server: Flask, settings: Settings) -> None:
    """Check each request of `server` against what its view requires."""

    @server.before_request
    def check_access() -> Response | None:
        if request.method in _READING and _has_body():
            return Response("Only POST requests may have a body.\n", 400, mimetype="text/plain")
        rule = rule_for(server, request.endpoint)
        if rule.need is not Need.NOTHING and not _may(visitor(), rule, settings):
            return _turned_away(visitor())
        if rule.act is not None and not may(rule.act, _pool()):
            refuse_on(_pool())
        if request.method not in _READING and rule.form:
            csrf.protect()
        if rule.need is not Need.NOTHING:
            note_use()
        return None

    @server.after_request
    def keep_for_this_visitor(response: Response) -> Response:
        if rule_for(server, request.endpoint).need is not Need.NOTHING:
            response.headers.setdefault("Cache-Control", "private, no-store")
        if request.endpoint in _DOCUMENTS and response.status_code in {200, 404}:
            _give_csrf_cookie(response, settings)
        return response

    _answer_forged(server)
    answer_too_many(server)


def rule_for(server: Flask, endpoint: str | None) -> Rule:
    """Return what a view requires; an unknown endpoint (404, 405) reveals nothing and requires nothing."""
    if endpoint is None:
        return Rule(Need.NOTHING)
    if endpoint in _OF_DASH:
        return Rule(_OF_DASH[endpoint])
    return rule_of(server.view_functions[endpoint])


def _pool() -> str:
    """Return the pool that the address names."""
    return str((request.view_args or {})["pool"])


def _has_body() -> bool:
    """Tell whether the request has a body: on a reading request it would bypass all size limits."""
    return bool(request.content_length) or "Transfer-Encoding" in request.headers


def _may(who: Visitor, rule: Rule, settings: Settings) -> bool:
    if who.scopes is not None:
        return rule.scope in who.scopes and request.method in _READING
    if rule.need is Need.MANAGER:
        return who.is_manager
    return who.id is not None or (
        rule.need is Need.VIEWER and settings.open_to_viewers and not carries_token()
    )


def _turned_away(who: Visitor) -> Response:
    if who.id is not None:
        return _refused()
    is_read = request.method in _READING and not carries_token()
    if is_read and (request.endpoint in _DOCUMENTS or "text/html" in request.headers.get("Accept", "")):
        query = request.query_string.decode("latin-1")
        destination = quote(request.path, safe="/@") + (f"?{query}" if query else "")
        answer = redirect(
            f"/sign-in?{urlencode({'next': destination})}" if destination != "/" else "/sign-in"
        )
        answer.headers["Cache-Control"] = "no-store"
        return _plain(answer)
    answer = Response("Sign in first, or send a valid API token.\n", 401, mimetype="text/plain")
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _refused() -> Response:
    if "text/html" in request.headers.get("Accept", "") and not carries_token():
        return Response(render_template("refused.html"), 403)
    return Response("Only managers may do that.\n", 403, mimetype="text/plain")


def _give_csrf_cookie(response: Response, settings: Settings) -> None:
    """Set the cookie that callbacks send back in a header: only scripts of our own pages can read it."""
    response.set_cookie(
        csrf_cookie(settings), generate_csrf(), secure=is_https(settings), samesite="Strict", httponly=False
    )


def _answer_forged(server: Flask) -> None:
    @server.errorhandler(CSRFError)
    def forged(_error: CSRFError) -> Response:
        message = "This form has expired or is not from this site: reload the page.\n"
        return Response(message, 400, mimetype="text/plain")


def _plain(answer: object) -> Response:
    assert isinstance(answer, Response)  # noqa: S101 - what Flask makes
    return answer
