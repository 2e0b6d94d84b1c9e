"""The chain of the audit: each entry carries the digest of the one before, so that a change shows.

Entries get their place in it when their transaction commits, one transaction after the other: a lock is held
only from there to the end of the commit. The head, the number and digest of the last entry, is a row of its
own: so entries missing at the end show, too. Whoever can write into the database can write a whole new chain;
the head as it was earlier, noted elsewhere or sent to the sink, shows that.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final

from sqlalchemy import event, func, inspect, select, text
from sqlalchemy.orm import Session

from p2ppool.store.models import AuditHead, AuditLine

FIRST: Final = "0" * 64
"""What the first entry carries instead of a digest."""
_LOCK: Final = 0x70326175  # any number of our own, for PostgreSQL
_PENDING: Final = "p2ppool_audit"
_COMMITTED: Final = "p2ppool_audit_committed"
_ONLY: Final = 1  # the id of the head's row
_BLOCK: Final = 1000
_TOLD: Final = 11  # missing entries of a gap, less one


@dataclass(frozen=True)
class Check:
    """What a check of the chain has found.

    Attributes:
        entries: that were looked at.
        head: digest of the last of them.
        problems: each as a sentence; empty: nothing is wrong.
    """

    entries: int
    head: str
    problems: Sequence[str]


def append(session: Session, line: AuditLine) -> None:
    """Add the entry to the session; it gets its place in the chain when that commits."""
    session.add(line)
    session.info.setdefault(_PENDING, []).append(line)


def digest_of(line: AuditLine, previous: str) -> str:
    """Return the digest of the entry, which follows the one with the digest `previous`."""
    content = [
        previous,
        line.number,
        line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        line.who,
        line.what,
        str(line.subject_kind),
        line.subject,
        json.loads(json.dumps(line.details)),  # as it will be read
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def check(session: Session, known: str = "") -> Check:
    """Check every entry; `known`: the digest of an entry that must be among them."""
    head = session.get(AuditHead, _ONLY)
    last, expected = (head.number, head.digest) if head is not None else (0, FIRST)
    problems: list[str] = []
    previous, number, is_known = FIRST, 0, not known
    for line in _lines(session, last):
        gap = range(number + 1, min(line.number or 0, number + _TOLD))
        problems += [f"entry {missing} is missing" for missing in gap]
        number = line.number or 0
        if line.digest != digest_of(line, previous):
            problems.append(f"entry {number} of {line.at:%Y-%m-%d %H:%M} was changed, or one before it")
        previous = line.digest or ""
        is_known = is_known or previous == known
    if (number, previous) != (last, expected):
        problems.append(f"the entries end with {number}, but {last} were written")
    if not is_known:
        problems.append("no entry has the digest that you know: the chain was written anew")
    return Check(number, previous, [*problems, *_outside(session)])


def committed_lines(session: Session) -> list[AuditLine]:
    """Return the entries of the transaction that has just been committed, once."""
    found: list[AuditLine] = session.info.pop(_COMMITTED, [])
    return found


def _lines(session: Session, last: int) -> Iterator[AuditLine]:
    query = select(AuditLine).where(AuditLine.number <= last).order_by(AuditLine.number)
    yield from session.scalars(query.execution_options(yield_per=_BLOCK))


def _outside(session: Session) -> list[str]:
    count = session.scalar(select(func.count()).where(AuditLine.number.is_(None))) or 0
    if not count:
        return []
    return [f"{count} entries are not in the chain: an earlier release still writes, or somebody else did"]


@event.listens_for(Session, "before_commit")
def _link(session: Session) -> None:
    """Give the entries of this transaction their places in the chain."""
    if not session.info.get(_PENDING) or session.in_nested_transaction():
        return
    session.flush()
    lines = [line for line in session.info.pop(_PENDING) if inspect(line).persistent]
    if not lines:
        return
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    head = session.get(AuditHead, _ONLY, populate_existing=True)
    if head is None:
        head = AuditHead(id=_ONLY, number=0, digest=FIRST)
        session.add(head)
    for line in lines:
        head.number += 1
        line.number = head.number
        line.digest = head.digest = digest_of(line, head.digest)
    session.flush()
    session.info[_COMMITTED] = lines


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_PENDING, None)
    session.info.pop(_COMMITTED, None)


def as_dict(line: AuditLine) -> dict[str, Any]:
    """Return the entry as it is listed and sent to the sink."""
    return {
        "number": line.number,
        "at": line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "who": line.who,
        "what": line.what,
        "kind": str(line.subject_kind),
        "subject": line.subject,
        "details": line.details,
        "digest": line.digest,
    }
