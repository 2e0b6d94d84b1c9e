"""Who requested a run: believed only if this manager has signed it.

Whoever may use Prefect's API can write any tag. So the requester stands in a tag for people to read, and the
run's idempotency key, which is unique for each request and never changes, holds a code over it (HMAC, RFC
2104) that only those who have the vault's key can make.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from uuid import uuid4

from p2ppool.errors import one_line
from p2ppool.settings import Settings
from p2ppool.store.vault import Vault

SCHEDULE: Final = "schedule"
"""The requester of scheduled runs."""
UNSIGNED: Final = "Prefect API"
"""The requester of runs that somebody requested in Prefect itself."""

_TAG: Final = "requester:"
_LENGTH: Final = 64
_PURPOSE: Final = "requesters"


@dataclass(frozen=True)
class Origin:
    """What Prefect knows about where a run comes from.

    Attributes:
        tags: as anybody may write them.
        key: its idempotency key.
        automation: the automation that created it; empty for others.
        scheduled: a schedule created it.
    """

    tags: tuple[str, ...] = ()
    key: str = ""
    automation: str = ""
    scheduled: bool = False


class Requesters:
    """Signs requests, and tells who made one."""

    def __init__(self, key: bytes) -> None:
        """Take the key of the codes."""
        self._key = key

    @classmethod
    def open(cls, config: Settings) -> "Requesters":
        """Derive the key from the vault of the manager with these settings.

        Raises:
            VaultError: the vault's key can't be used.
        """
        return cls(Vault.existing(config.data_folder, config.vault_key).derive(_PURPOSE))

    def sign(self, action: str, parameters: Mapping[str, Any], requester: str, theirs: str = "") -> str:
        """Return an idempotency key for a request, which proves its requester.

        It is a new one, or always the same for the requester's own key `theirs`.
        """
        number = (
            sha256(f"{requester}\n{theirs}".encode(errors="surrogatepass")).hexdigest()
            if theirs
            else uuid4().hex
        )
        return f"{number}.{self._code(number, action, parameters, tag_of(requester))}"

    def requester_of(self, action: str, parameters: Mapping[str, Any], origin: Origin) -> str:
        """Return who requested a run with these parameters, as decoded from Prefect's JSON."""
        if origin.scheduled:
            return SCHEDULE
        number, _, code = origin.key.partition(".")
        for tag in (tag for tag in origin.tags if tag.startswith(_TAG)):
            if code.isascii() and hmac.compare_digest(code, self._code(number, action, parameters, tag)):
                return tag.removeprefix(_TAG)
        by = f" (automation {origin.automation})" if origin.automation else ""
        return one_line(f"{UNSIGNED}{by}", _LENGTH)

    def _code(self, number: str, action: str, parameters: Mapping[str, Any], tag: str) -> str:
        text = json.dumps([number, action, tag, parameters], sort_keys=True, separators=(",", ":"))
        return hmac.new(self._key, text.encode(), sha256).hexdigest()


def tag_of(requester: str) -> str:
    """Return the tag that names a run's requester."""
    return f"{_TAG}{one_line(requester, _LENGTH)}"
