"""Browsers in which a user has signed in before: attempts by others under that name do not lock it out.

Such a browser has a cookie, and its attempts under that name are counted separately (OWASP calls it a device
cookie). The cookie grants no access.
"""

from typing import Final

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadData, URLSafeSerializer

from p2ppool.accounts.random_keys import digest, fresh

_LIFE: Final = 365 * 86_400  # seconds


def name_tried() -> str:
    """Return a digest of the name in the sent form."""
    return digest(request.form.get("name", "").strip().lower())


def name_or_browser() -> str:
    """Return the name in the form; with the browser's key, if that user has signed in there before."""
    name = name_tried()
    try:
        known, key = _signer().loads(request.cookies.get(_cookie(), ""))
    except BadData:
        return name
    return f"{name} {key}" if known == name else name


def is_known(name: str) -> bool:
    """Tell whether that user has signed in in this browser before."""
    try:
        known, _key = _signer().loads(request.cookies.get(_cookie(), ""))
    except (BadData, ValueError, TypeError):
        return False
    return bool(known == digest(name))


def remember(name: str) -> None:
    """Mark the browser that is being answered as one of that user's."""
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
