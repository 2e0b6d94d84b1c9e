"""The external identity provider: OpenID Connect Core 1.0, authorization code flow, by the library.

The library checks state, nonce, PKCE (S256), and the ID token's signature, issuer, audience and times.
"""

from typing import Any, Final

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask, current_app, session
from joserfc.errors import JoseError
from werkzeug.wrappers import Response

from dashboards.web import context
from p2ppool.accounts.identities import Person
from p2ppool.errors import UserError, one_line
from p2ppool.settings import Settings

DONE: Final = "/sign-in/openid/done"
"""The path to which the provider redirects browsers."""
_NAME: Final = "openid"
_TIMEOUT: Final = 10  # seconds, for each answer of the provider
_ALGORITHMS: Final = [
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
]
"""Signatures with the provider's own key only: a token signed with a shared key would prove nothing."""
_WRONG: Final = (AuthlibBaseError, JoseError, OSError, ValueError, KeyError, TypeError, RuntimeError)
"""Errors of an unreachable provider or an invalid answer."""


def set_up_provider(server: Flask, settings: Settings) -> None:
    """Register the provider with `server`, if one is set."""
    if not settings.openid_issuer:
        return
    secret = settings.openid_client_secret
    OAuth(server).register(
        _NAME,
        client_id=settings.openid_client_id,
        client_secret=None if secret is None else secret.get_secret_value(),
        server_metadata_url=f"{settings.openid_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": _TIMEOUT,
        },
    )


def redirect_to_provider() -> Response:
    """Redirect to the provider, which then sends the browser back.

    Raises:
        UserError: the provider does not answer, or not as an OpenID provider.
    """
    try:
        client = _client()
        # One attempt at a time: each leaves state in the cookie.
        for key in [key for key in session if key.startswith(f"_state_{_NAME}_")]:
            session.pop(key)
        answer: Response = client.authorize_redirect(f"{context.settings().web_url}{DONE}")
    except _WRONG as error:
        raise _not_now(error) from None
    return answer


def returned_person() -> Person:
    """Return the person whom the provider vouches for, from the current request.

    Raises:
        UserError: the answer is unexpected, or can't be trusted.
    """
    try:
        claims: dict[str, Any] = _client().authorize_access_token()["userinfo"]
        subject, issuer = claims["sub"], claims["iss"]
    except _WRONG as error:
        raise _not_now(error) from None
    if not isinstance(subject, str) or not subject.isprintable():
        raise _not_now("the subject is not a text")
    email = claims.get("email") if claims.get("email_verified") is True else None
    name = claims.get("preferred_username") or claims.get("name") or "user"
    return Person(str(issuer), subject, str(name), str(email) if email else None)


def _client() -> Any:
    client = current_app.extensions["authlib.integrations.flask_client"].create_client(_NAME)
    metadata = client.load_server_metadata()
    # OpenID Connect Discovery 1.0, section 4.3.
    if metadata.get("issuer") != context.settings().openid_issuer:
        raise ValueError("the provider's issuer differs from P2PPOOL_OPENID_ISSUER")
    metadata["id_token_signing_alg_values_supported"] = _ALGORITHMS
    return client


def _not_now(error: object) -> UserError:
    current_app.logger.warning("sign-in by OpenID Connect: %s", one_line(error))
    return UserError("sign-in at the provider failed: try again, or ask a manager to look into the log")
