"""API tokens for programs that read: shown once, then identified by their first characters; none can act."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import or_, select, true
from sqlalchemy.orm import Session

from p2ppool.accounts.random_keys import LONGEST, digest, fresh
from p2ppool.errors import UserError, one_line
from p2ppool.records import audit
from p2ppool.records.audit import Subject
from p2ppool.store.models import ApiToken, User
from p2ppool.store.types import now

PREFIX: Final = "p2p_"
"""Prefix of every token, so that people and secret scanners recognise it."""
_SHOWN: Final = len(PREFIX) + 6  # characters that identify it
_MOST: Final = 50  # valid tokens per user
_LONGEST_LIFE: Final = timedelta(days=3660)
_LONGEST_NAME: Final = 64
_EXACT: Final = timedelta(minutes=1)


class Scope(StrEnum):
    """The access that a token gives."""

    EXPORT = "export"  # the exports
    VIEW = "view"  # what viewers see and a program can read


def create(
    session: Session,
    user: User,
    name: str,
    scopes: Iterable[str],
    who: str,
    *,
    life: timedelta | None = None,
) -> tuple[ApiToken, str]:
    """Create a token, and return it with its text, which can't be retrieved later.

    Args:
        session: of the database.
        user: the owner.
        name: its purpose.
        scopes: the access it gives.
        who: the requester.
        life: its validity; None: until it is revoked.

    Raises:
        UserError: an invalid name, scope or lifetime, or too many tokens.
    """
    moment, text = now(), fresh(PREFIX)
    token = ApiToken(
        user_id=user.id,
        user=user,
        name=_name(name),
        prefix=text[:_SHOWN],
        digest=digest(text),
        scopes=_scopes(scopes),
        created_at=moment,
        expires_at=None if life is None else moment + _life(life),
    )
    if len([each for each in of(session, user) if works(each)]) >= _MOST:
        raise UserError(f"{user.name} has {_MOST} tokens: revoke one first")
    session.add(token)
    session.flush()
    audit.note(
        session, Subject.user(user.name), who, "token made", {"token": token.prefix, "scopes": token.scopes}
    )
    return token, text


def of(session: Session, user: User | None = None) -> Sequence[ApiToken]:
    """List the user's tokens, or those of all users, the latest first."""
    query = select(ApiToken).order_by(ApiToken.id.desc())
    return session.scalars(query if user is None else query.where(ApiToken.user_id == user.id)).all()


def find(session: Session, text: str, longest: timedelta | None = None) -> ApiToken | None:
    """Return the token with this text, if it is valid and not older than `longest`."""
    if not text.startswith(PREFIX) or len(text) > LONGEST:
        return None
    return session.scalar(
        select(ApiToken).where(
            ApiToken.digest == digest(text),
            ApiToken.revoked_at.is_(None),
            or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now()),
            true() if longest is None else ApiToken.created_at > now() - longest,
            ApiToken.user.has(User.active),
        )
    )


def works(token: ApiToken) -> bool:
    """Tell whether it is valid."""
    return token.revoked_at is None and (token.expires_at is None or token.expires_at > now())


def is_due(token: ApiToken) -> bool:
    """Tell whether its last use should be recorded again."""
    return token.used_at is None or now() - token.used_at > _EXACT


def use(session: Session, token: ApiToken) -> None:
    """Record that it is used now."""
    row = session.get(ApiToken, token.id)
    if row is not None:
        row.used_at = now()


def revoke(session: Session, user: User | None, which: str, who: str) -> ApiToken:
    """Revoke a token.

    Args:
        session: of the database.
        user: the owner it must have; None: any.
        which: its number or its first characters.
        who: the requester.

    Raises:
        UserError: there is no such token, or several match.
    """
    found = [token for token in of(session, user) if which in {str(token.id), token.prefix}]
    if len(found) != 1:
        many = f"{len(found)} tokens begin with" if found else "there is no token"
        raise UserError(f"{many} '{one_line(which, 40)}'; see `p2ppool token list` for their numbers")
    _end(session, found[0], who)
    return found[0]


def revoke_all(session: Session, user: User, who: str) -> None:
    """Revoke all tokens of the user."""
    for token in of(session, user):
        _end(session, token, who)


def life_of(days: int | None, longest: timedelta | None) -> timedelta | None:
    """Return the lifetime for a number of days; None or 0: unlimited, or as long as tokens may be.

    Raises:
        UserError: it is longer than `longest`.
    """
    life = timedelta(days=days) if days else longest
    if life is not None and longest is not None and life > longest:
        raise UserError(f"a token works for {longest.days} days at most (P2PPOOL_TOKEN_LONGEST_DAYS)")
    return life


def _end(session: Session, token: ApiToken, who: str) -> None:
    if token.revoked_at is None:
        token.revoked_at = now()
        audit.note(session, Subject.user(token.user.name), who, "token revoked", {"token": token.prefix})


def _name(name: str) -> str:
    name = one_line(name, _LONGEST_NAME)
    if not name:
        raise UserError("a token needs a name that says what it is for")
    return name


def _scopes(scopes: Iterable[str]) -> list[str]:
    wanted, known = set(scopes), {scope.value for scope in Scope}
    if not wanted or not wanted <= known:
        raise UserError(f"a token is for at least one of: {', '.join(sorted(known))}")
    return sorted(wanted)


def _life(life: timedelta) -> timedelta:
    if not timedelta(0) < life <= _LONGEST_LIFE:
        raise UserError(f"a token works for 1 to {_LONGEST_LIFE.days} days, or without an end")
    return life
