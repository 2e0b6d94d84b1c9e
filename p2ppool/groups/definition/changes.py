"""The changes of an edit, for the group's log: each field before and after, and never a secret."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

from p2ppool.errors import one_line
from p2ppool.records.audit import differences
from p2ppool.store.models import Group, GroupNetwork

Fields = dict[str, Any]

_EXCERPT: Final = 160  # characters of a quoted text
_BEFORE: Final = 40  # of these, characters before the first difference


def about(group: Group) -> Fields:
    """Return a group's description and requirements;
    only the version of the terms, as texts are stored elsewhere.
    """
    return {
        "description": group.description,
        "terms version": group.terms_version,
        "asks for details": group.detailed,
    }


def network(row: GroupNetwork) -> Fields:
    """Return the properties of a virtual network; of its authority only the certificate's fingerprint."""
    return {
        "pool": row.pool.name if row.pool else "",
        "namespace": row.namespace,
        "transport addresses": list(row.addresses),
        "IP namespace": row.ip_namespace,
        "base IP": row.ip_base,
        "netmask": row.netmask,
        "secured": row.secure,
        "secure edges": row.secure_edges,
        "approval": row.approval,
        "digest": str(row.digest),
        "authority": _fingerprint(row.certificate),
    }


def between(before: Fields, after: Fields) -> dict[str, list[Any]]:
    """Return the fields that differ, before and after; only the differing part of long ones."""
    return {field: _quoted(*pair) for field, pair in differences(before, after).items()}


def _quoted(before: Any, after: Any) -> list[Any]:
    if isinstance(before, list):
        return [_without(before, after), _without(after, before)]
    if isinstance(before, str):
        start = max(_same(before, after) - _BEFORE, 0)
        return [_excerpt(text, start) for text in (before, after)]
    return [before, after]


def _same(one: str, other: str) -> int:
    """Count the characters that both have in common at the start."""
    pairs = zip(one, other, strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _excerpt(text: str, start: int) -> str:
    return one_line(f"…{text[start:]}" if start else text, _EXCERPT)


def _without(some: Sequence[str], others: Sequence[str]) -> str:
    known = set(others)
    return one_line(", ".join(each for each in some if each not in known), _EXCERPT)


def _fingerprint(certificate: bytes | None) -> str:
    return f"SHA-256 {hashlib.sha256(certificate).hexdigest()[:16]}" if certificate else ""
