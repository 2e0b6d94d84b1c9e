"""What an edit changes of a group, for its log: each field with what was and what is, and never a secret."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

from p2ppool.errors import one_line
from p2ppool.records.audit import differences
from p2ppool.store.models import Group, GroupNetwork

Fields = dict[str, Any]

_EXCERPT: Final = 160  # characters of a text that is quoted
_BEFORE: Final = 40  # of it that stand before what differs


def about(group: Group) -> Fields:
    """What a group says of itself; of the terms the version, as their texts are kept elsewhere."""
    return {
        "description": group.description,
        "terms version": group.terms_version,
        "asks for details": group.detailed,
    }


def network(row: GroupNetwork) -> Fields:
    """What a virtual network is; of its authority the certificate's fingerprint."""
    return {
        "pool": row.pool.name if row.pool else "",
        "namespace": row.namespace,
        "transport addresses": list(row.addresses),
        "IP namespace": row.ip_namespace,
        "base IP": row.ip_base,
        "netmask": row.netmask,
        "secured": row.secure,
        "approval": row.approval,
        "digest": str(row.digest),
        "authority": _fingerprint(row.certificate),
    }


def between(before: Fields, after: Fields) -> dict[str, list[Any]]:
    """The fields that differ, as before and after; of long ones the part that does."""
    return {field: _quoted(*pair) for field, pair in differences(before, after).items()}


def _quoted(before: Any, after: Any) -> list[Any]:
    if isinstance(before, list):
        return [_without(before, after), _without(after, before)]
    if isinstance(before, str):
        start = max(_same(before, after) - _BEFORE, 0)
        return [_excerpt(text, start) for text in (before, after)]
    return [before, after]


def _same(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = zip(one, other, strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _excerpt(text: str, start: int) -> str:
    return one_line(f"…{text[start:]}" if start else text, _EXCERPT)


def _without(some: Sequence[str], others: Sequence[str]) -> str:
    known = set(others)
    return one_line(", ".join(each for each in some if each not in known), _EXCERPT)


def _fingerprint(certificate: bytes | None) -> str:
    return f"SHA-256 {hashlib.sha256(certificate).hexdigest()[:16]}" if certificate else ""
