"""Daily renewal of groups' revocation lists.

They are also created on request; the daily renewal saves most clients from waiting.
"""

import logging
from typing import Final

from sqlalchemy import Engine

from p2ppool.groups.certificates.revocation_lists import make_all
from p2ppool.settings import Settings
from p2ppool.store.types import now
from p2ppool.store.vault_key import vault_of

_LOG: Final = logging.getLogger("p2ppool.groups")


def publish_all(engine: Engine, config: Settings) -> None:
    """Create all current lists; failed ones are retried the next day.

    Raises:
        UserError: a list can't be made.
        DBAPIError: the database does not answer.
    """
    for name in make_all(engine, vault_of(engine, config), now()):
        _LOG.info("group %s: revocation list renewed", name)
