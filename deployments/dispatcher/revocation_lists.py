"""Making the revocation lists of groups anew each day, beside the desk's rounds.

They are made anew when they are asked for, too: so most are there by then, and clients need not wait.
"""

import logging
import threading
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from p2ppool.errors import UserError, one_line
from p2ppool.groups.certificates.revocation_lists import make_all
from p2ppool.settings import Settings
from p2ppool.store.types import now
from p2ppool.store.vault import Vault

_LOG: Final = logging.getLogger("p2ppool.groups")
_FIRST: Final = 90.0  # seconds after the start: other things come first then
_EVERY: Final = 24 * 3600.0  # seconds


def publish_daily(engine: Engine, config: Settings, leave: threading.Event) -> None:
    """Until `leave`."""
    pause = _FIRST
    while not leave.wait(pause):
        publish_all(engine, config)
        pause = _EVERY


def publish_all(engine: Engine, config: Settings) -> None:
    """All lists as they are now; what can't be made is told, and is tried again the next day."""
    try:
        vault = Vault.open(config.data_folder, config.vault_key)
        for name in make_all(engine, vault, now()):
            _LOG.info("group %s: the revocation list is made anew", name)
    except (UserError, DBAPIError) as error:
        _LOG.warning("revocation lists stay as they are for now: %s", one_line(error))
