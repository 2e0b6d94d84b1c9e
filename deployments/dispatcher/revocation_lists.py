"""Making the revocation lists of groups anew, as it is done each day.

They are made anew when they are asked for, too: so most are there by then, and clients need not wait.
"""

import logging
from typing import Final

from sqlalchemy import Engine

from p2ppool.groups.certificates.revocation_lists import make_all
from p2ppool.settings import Settings
from p2ppool.store.types import now
from p2ppool.store.vault import Vault

_LOG: Final = logging.getLogger("p2ppool.groups")


def publish_all(engine: Engine, config: Settings) -> None:
    """All lists as they are now; what can't be made is tried again the next day.

    Raises:
        UserError: a list can't be made.
        DBAPIError: the database does not answer.
    """
    vault = Vault.open(config.data_folder, config.vault_key)
    for name in make_all(engine, vault, now()):
        _LOG.info("group %s: the revocation list is made anew", name)
