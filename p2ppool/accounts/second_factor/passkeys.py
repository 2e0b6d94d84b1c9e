"""Passkeys and security keys (W3C Web Authentication, level 2), checked by the library webauthn."""

import ipaddress
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import PublicKeyCredentialDescriptor

from p2ppool.accounts.second_factor.codes import ISSUER
from p2ppool.errors import UserError, one_line
from p2ppool.records import audit
from p2ppool.records.audit import Subject
from p2ppool.store.models import Passkey, User
from p2ppool.store.types import now

_MOST: Final = 20  # of a user
_LONGEST_NAME: Final = 64
_WRONG: Final = (WebAuthnException, ValueError, KeyError, TypeError)


@dataclass(frozen=True)
class Site:
    """The pages, as browsers tell sites apart: by the name of the host, and by the whole origin."""

    host: str
    origin: str

    @classmethod
    def of(cls, web_url: str) -> "Site | None":
        """Return the site at that address; None: it has no name, and browsers allow no passkeys there."""
        host = urlsplit(web_url).hostname or ""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return cls(host, web_url)
        return None


def passkeys_of(session: Session, user: User) -> Sequence[Passkey]:
    """List the user's passkeys."""
    return session.scalars(select(Passkey).where(Passkey.user_id == user.id).order_by(Passkey.id)).all()


def options_to_add(session: Session, site: Site, user: User) -> tuple[str, str]:
    """Return what a browser needs to make a passkey, as JSON, and the challenge to check its answer by."""
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=ISSUER,
        user_id=f"p2ppool {user.id}".encode(),
        user_name=user.name,
        exclude_credentials=_descriptors(session, user),
    )
    return options_to_json(options), bytes_to_base64url(options.challenge)


def add(session: Session, site: Site, user: User, name: str, *, answer: str, challenge: str) -> Passkey:
    """Keep the passkey that a browser has made.

    Raises:
        UserError: the answer is not valid, or there are too many.
    """
    if len(passkeys_of(session, user)) >= _MOST:
        raise UserError(f"you have {_MOST} passkeys: remove one first")
    try:
        made = verify_registration_response(
            credential=_object(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
    except _WRONG:
        raise UserError("the browser's answer is not valid: try again") from None
    found = Passkey(
        user_id=user.id,
        name=one_line(name, _LONGEST_NAME) or "passkey",
        credential=made.credential_id,
        public_key=made.credential_public_key,
        uses=made.sign_count,
    )
    session.add(found)
    audit.note(session, Subject.user(user.name), f"page {user.name}", "passkey added", {"name": found.name})
    return found


def options_to_prove(session: Session, site: Site, user: User) -> tuple[str, str]:
    """Return what a browser needs to use one of the user's passkeys, as JSON, and the challenge."""
    options = generate_authentication_options(rp_id=site.host, allow_credentials=_descriptors(session, user))
    return options_to_json(options), bytes_to_base64url(options.challenge)


def fits(session: Session, site: Site, user: User, answer: str, challenge: str) -> bool:
    """Tell whether a browser's answer comes from one of the user's passkeys."""
    try:
        given = _object(answer)
        credential = base64url_to_bytes(given["rawId"])
        own = [each for each in passkeys_of(session, user) if each.credential == credential]
        if not own:
            return False
        verified = verify_authentication_response(
            credential=given,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=own[0].public_key,
            credential_current_sign_count=own[0].uses,
        )
    except _WRONG:
        return False
    own[0].uses, own[0].used_at = verified.new_sign_count, now()
    return True


def remove(session: Session, user: User, number: int) -> None:
    """Remove a passkey.

    Raises:
        UserError: the user has none of that number.
    """
    found = session.get(Passkey, number)
    if found is None or found.user_id != user.id:
        raise UserError("that passkey has already been removed")
    session.delete(found)
    audit.note(session, Subject.user(user.name), f"page {user.name}", "passkey removed", {"name": found.name})


def _descriptors(session: Session, user: User) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=each.credential) for each in passkeys_of(session, user)]


def _object(answer: str) -> dict[str, Any]:
    found = json.loads(answer)
    if not isinstance(found, dict):
        raise TypeError("no object")
    return found
