"""The sign-in library's setup: cookies, hashes, and none of its own pages."""

from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Flask
from flask_security import Security
from flask_wtf import CSRFProtect
from sqlalchemy import Engine

from dashboards.sign_in.pages import (
    account_page,
    audit_page,
    forgotten_page,
    link_pages,
    openid_page,
    proof,
    register_page,
    registrations_page,
    second_factor_page,
    second_step_page,
    sign_in_page,
    users_page,
)
from dashboards.sign_in.session.openid_provider import set_up_provider
from dashboards.sign_in.session.rate_limits import limiter
from dashboards.sign_in.session.session_user import Accounts
from dashboards.sign_in.session.visitors import find_visitor
from dashboards.web import access
from p2ppool.accounts import passwords
from p2ppool.settings import Settings
from p2ppool.store.vault_key import vault_of

CSRF_HEADER: Final = "X-XSRF-Token"
"""The header in which callbacks send the value of the cookie `csrf_cookie`."""

csrf: Final = CSRFProtect()
_PAGES: Final = (
    sign_in_page,
    openid_page,
    link_pages,
    register_page,
    forgotten_page,
    account_page,
    users_page,
    registrations_page,
    proof,
    second_step_page,
    second_factor_page,
    audit_page,
)


def set_up(server: Flask, engine: Engine, settings: Settings) -> None:
    """Set up users, sessions and their pages on `server`; authentication.py relies on it.

    Raises:
        VaultError: the vault's key, from which that of the cookies is derived, can't be used.
    """
    server.config.update(_cookies(settings), **_keys(engine, settings), **_library())
    csrf.init_app(server)
    limiter.init_app(server)
    security = Security(server, Accounts(engine), register_blueprint=False)
    # The library's own tokens would allow more than reading: none are issued or accepted.
    security.login_manager.request_loader(lambda _request: None)
    # It would query the database for the user of every script and picture.
    security.principal.identity_loaders.clear()
    access.set_visitor_finder(server.extensions, find_visitor)
    set_up_provider(server, settings)
    for module in _PAGES:
        server.register_blueprint(module.pages)


def csrf_cookie(settings: Settings) -> str:
    """Return the name of the cookie with the CSRF token, which scripts of our pages may read."""
    return f"{_name(settings)}_xsrf"


def is_https(settings: Settings) -> bool:
    """Tell whether browsers reach the server by TLS."""
    return urlsplit(settings.web_url).scheme == "https"


def _cookies(settings: Settings) -> dict[str, Any]:
    secure = is_https(settings)
    return {
        # With the prefix, browsers accept the cookie from this host only (RFC 6265bis, 4.1.3.2).
        "SESSION_COOKIE_NAME": f"__Host-{_name(settings)}" if secure else _name(settings),
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "PERMANENT_SESSION_LIFETIME": timedelta(seconds=settings.session_longest),
        # An answer that arrives after a sign-out must not bring the cookie back.
        "SESSION_REFRESH_EACH_REQUEST": False,
    }


def _name(settings: Settings) -> str:
    # Cookies ignore ports: several managers on one machine each need their own name.
    return f"p2ppool_{settings.web_port}"


def _keys(engine: Engine, settings: Settings) -> dict[str, str]:
    vault = vault_of(engine, settings)
    return {
        "SECRET_KEY": vault.derive("cookies").hex(),
        "SECURITY_PASSWORD_SALT": vault.derive("sign-in library").hex(),
    }


def _library() -> dict[str, Any]:
    hasher = passwords.HASHER
    return {
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
            "argon2__type": "ID",
            "argon2__time_cost": hasher.time_cost,
            "argon2__memory_cost": hasher.memory_cost,
            "argon2__parallelism": hasher.parallelism,
        },
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "WTF_CSRF_CHECK_DEFAULT": False,  # authentication.py checks forms and callbacks alike
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session
        "WTF_CSRF_SSL_STRICT": False,  # security_headers.py checks senders, with or without a Referer
        "WTF_CSRF_HEADERS": [CSRF_HEADER],
        "RATELIMIT_HEADERS_ENABLED": False,
    }
