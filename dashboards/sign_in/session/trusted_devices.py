"""Browsers in which a user has signed in before: what others try under that name does not lock them out.

Such a browser has a cookie, and tries under that name count for it apart (OWASP calls it a device cookie). It
opens nothing.
"""

from typing import Final

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadData, URLSafeSerializer

from p2ppool.accounts.random_keys import digest, fresh

_LIFE: Final = 365 * 86_400  # seconds


def name_tried() -> str:
    """What stands for the name in the form that was sent."""
    return digest(request.form.get("name", "").strip().lower())


def name_or_browser() -> str:
    """The name in the form; with it the browser, where that user has signed in there."""
    name = name_tried()
    try:
        known, key = _signer().loads(request.cookies.get(_cookie(), ""))
    except BadData:
        return name
    return f"{name} {key}" if known == name else name


def remember(name: str) -> None:
    """The browser that is being answered is one of that user's."""
    value = _signer().dumps([digest(name), fresh()])

    @after_this_request
    def keep(answer: Response) -> Response:
        is_secure = current_app.config["SESSION_COOKIE_SECURE"]
        answer.set_cookie(_cookie(), value, _LIFE, secure=is_secure, httponly=True, samesite="Lax")
        return answer


def _cookie() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}_known"


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="known browser")
