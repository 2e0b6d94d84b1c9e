"""One-time codes of an app (TOTP, RFC 6238), and recovery codes for whoever has lost it."""

import base64
import secrets
from collections.abc import Sequence
from datetime import timedelta
from hmac import compare_digest
from typing import Final

import pyotp
from sqlalchemy import delete
from sqlalchemy.orm import Session

from p2ppool.accounts.random_keys import digest
from p2ppool.errors import UserError
from p2ppool.records import audit
from p2ppool.records.audit import Subject
from p2ppool.store.models import CodeApp, Passkey, RecoveryCode, User
from p2ppool.store.types import now
from p2ppool.store.vault import Vault
from p2ppool.store.vault_key import require_current

ISSUER: Final = "P2PPool Manager"
_RECOVERY_CODES: Final = 10
_RECOVERY_BYTES: Final = 10  # 16 letters and digits: too many to try, so that a plain digest is enough
_GROUP: Final = 4  # letters between two dashes
_AROUND: Final = (0, -1, 1)  # steps of 30 seconds that a clock may be wrong, and a person slow
_STEP: Final = timedelta(seconds=30)
_LONGEST: Final = 64  # characters of a typed code


def new_secret() -> str:
    """Return a new secret for an app, in base32."""
    return pyotp.random_base32()


def address_of(secret: str, user: User) -> str:
    """Return the address (otpauth) that an app reads from a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.name, issuer_name=ISSUER)


def enable(session: Session, vault: Vault, user: User, secret: str, code: str) -> Sequence[str]:
    """Take the app with that secret as the user's, and return new recovery codes if there were none.

    Raises:
        UserError: the code is not the app's.
    """
    step = _step_of(secret, code, None)
    if step is None:
        raise UserError("that is not the code which the app shows now: check the clock of the device")
    app = session.get(CodeApp, user.id) or CodeApp(user_id=user.id)
    require_current(session, vault)
    app.sealed, app.last_step, app.made_at = vault.seal(secret.encode(), app.purpose), step, now()
    session.add(app)
    audit.note(session, Subject.user(user.name), f"page {user.name}", "code app on")
    return first_recovery_codes(session, user)


def fits(session: Session, vault: Vault, user: User, typed: str) -> bool:
    """Tell whether it is a valid code of the user's app or a recovery code, and use it up."""
    typed = typed.strip()[:_LONGEST]
    return _fits_app(session, vault, user, typed) or _fits_recovery(session, user, typed)


def first_recovery_codes(session: Session, user: User) -> Sequence[str]:
    """Return new recovery codes if the user has none, else nothing."""
    known = session.query(RecoveryCode).filter_by(user_id=user.id).count()
    return [] if known else new_recovery_codes(session, user)


def new_recovery_codes(session: Session, user: User) -> Sequence[str]:
    """Return new recovery codes, which replace all earlier ones; only their digests are kept."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = [_recovery_code() for _ in range(_RECOVERY_CODES)]
    session.add_all(RecoveryCode(user_id=user.id, digest=digest(_plain(code))) for code in codes)
    audit.note(session, Subject.user(user.name), f"page {user.name}", "recovery codes")
    return codes


def count_recovery_codes(session: Session, user: User) -> int:
    """Return how many recovery codes are left."""
    return session.query(RecoveryCode).filter_by(user_id=user.id).count()


def remove_all(session: Session, user: User, who: str) -> None:
    """Remove the user's app, passkeys and recovery codes: the password alone is enough again."""
    for table in (CodeApp, Passkey, RecoveryCode):
        session.execute(delete(table).where(table.user_id == user.id))
    audit.note(session, Subject.user(user.name), who, "second factor off")


def has_app(session: Session, user_id: int) -> bool:
    """Tell whether the user has an app."""
    return session.get(CodeApp, user_id) is not None


def has_factor(session: Session, user_id: int) -> bool:
    """Tell whether the user has an app or a passkey, which a sign-in then asks for."""
    return (
        has_app(session, user_id) or session.query(Passkey.id).filter_by(user_id=user_id).first() is not None
    )


def _fits_app(session: Session, vault: Vault, user: User, typed: str) -> bool:
    # Locked, so that of two simultaneous tries with one code only one succeeds.
    app = session.get(CodeApp, user.id, with_for_update=True)
    if app is None:
        return False
    step = _step_of(vault.unseal(app.sealed, app.purpose).decode(), typed, app.last_step)
    if step is None:
        return False
    app.last_step = step
    return True


def _step_of(secret: str, typed: str, last: int | None) -> int | None:
    """Return the step of time whose code it is, later than the last one that was used; None: none."""
    code = "".join(typed.split())
    if not (code.isascii() and code.isdigit()):
        return None
    totp = pyotp.TOTP(secret)
    for around in _AROUND:
        step = totp.timecode(now() + around * _STEP)
        if (last is None or step > last) and compare_digest(totp.generate_otp(step), code):
            return step
    return None


def _fits_recovery(session: Session, user: User, typed: str) -> bool:
    gone = delete(RecoveryCode).where(
        RecoveryCode.user_id == user.id, RecoveryCode.digest == digest(_plain(typed))
    )
    if session.scalar(gone.returning(RecoveryCode.digest)) is None:
        return False
    audit.note(session, Subject.user(user.name), f"page {user.name}", "recovery code used")
    return True


def _recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower()
    return "-".join(text[place : place + _GROUP] for place in range(0, len(text), _GROUP))


def _plain(code: str) -> str:
    return code.lower().replace("-", "").replace(" ", "")
