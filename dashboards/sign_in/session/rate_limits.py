"""Rate limits of sign-in attempts: by address, and by the name tried.

Attempts under a name are counted per address, so that nobody can lock a user out from elsewhere. A higher
limit counts all addresses together, but exempts browsers in which that user has signed in before.
"""

import ipaddress
from typing import Final

from flask import Flask, Response, request, session
from flask_limiter import Limiter, RateLimitExceeded
from limits import parse

from dashboards.sign_in.session.trusted_devices import name_or_browser, name_tried
from dashboards.web.access import visitor
from p2ppool.accounts.random_keys import digest

_PER_ADDRESS: Final = "30 per minute; 300 per hour"
_PER_NAME: Final = "10 per minute; 60 per hour"
_OF_ALL: Final = "100 per hour"  # addresses together, for a name
_OFTEN: Final = "60 per minute; 600 per hour"  # of one user, who may be an admin with a long list
_SELDOM: Final = "10 per minute; 30 per hour"
_PER_MAILBOX: Final = "5 per hour; 20 per day"
SECOND_STEP: Final = "second_step"
"""The key in the cookie of who is between the two steps of a sign-in."""
_RECORDED: Final = parse("300 per hour")  # failed sign-ins under names that nobody has
_SITE: Final = 64  # prefix bits of an IPv6 network that one customer gets


def sender() -> str:
    """Return the sender's address; for IPv6 the network, because one machine can use all of it."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    return str(
        ipaddress.ip_network((address, _SITE), strict=False) if address.version == 6 else address  # noqa: PLR2004
    )


def _name_from_there() -> str:
    return f"{name_tried()} {sender()}"


def _mailbox() -> str:
    return digest(request.form.get("email", "").strip().lower())


def _code_tried() -> str:
    return digest(request.form.get("code", ""))


def _second_step() -> str:
    return f"second step {(session.get(SECOND_STEP) or [''])[0]}"


def _user() -> str:
    return f"user {visitor().id}"


limiter: Final = Limiter(sender, storage_uri="memory://", strategy="moving-window")

by_address = limiter.limit(_PER_ADDRESS, methods=["POST"])
by_name = limiter.limit(_PER_NAME, methods=["POST"], key_func=_name_from_there)
by_name_from_all = limiter.limit(_OF_ALL, methods=["POST"], key_func=name_or_browser)
by_address_reading = limiter.limit(_PER_ADDRESS)
by_address_seldom = limiter.limit(_SELDOM, methods=["POST"])
by_mailbox = limiter.limit(_PER_MAILBOX, methods=["POST"], key_func=_mailbox)
by_name_seldom = limiter.limit(_PER_MAILBOX, methods=["POST"], key_func=name_tried)
by_code = limiter.limit(_PER_NAME, methods=["POST"], key_func=_code_tried)
by_user = limiter.limit(_PER_NAME, methods=["POST"], key_func=_user)
by_proof = limiter.shared_limit(_PER_NAME, "proofs", methods=["POST"], key_func=_user)
"""Of all forms that ask again who somebody is together: each of them takes the same password and codes."""
by_second_step = limiter.limit(_PER_NAME, methods=["POST"], key_func=_second_step)
by_user_often = limiter.limit(_OFTEN, methods=["POST"], key_func=_user)


def is_worth_a_line() -> bool:
    """Tell whether a failed sign-in as nobody is recorded: a flood of them is not."""
    return bool(limiter.limiter.hit(_RECORDED, "failures as nobody"))


def answer_too_many(server: Flask) -> None:
    """Answer 429 when a limit is exceeded."""

    @server.errorhandler(RateLimitExceeded)
    def too_many(_error: RateLimitExceeded) -> Response:
        answer = Response("Too many requests. Wait a minute, then try again.\n", 429, mimetype="text/plain")
        answer.headers["Retry-After"] = "60"
        return answer
