"""Thinning out old samples each day, beside the desk's rounds."""

import logging
import threading
from datetime import datetime
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from p2ppool.errors import one_line
from p2ppool.pools.recording.downsampling import plan, thin
from p2ppool.pools.recording.retention import Retention
from p2ppool.store.types import now

_LOG: Final = logging.getLogger("p2ppool.thinning")
_FIRST: Final = 60.0  # seconds after the start: other things come first then
_EVERY: Final = 24 * 3600.0  # seconds


def thin_daily(engine: Engine, retention: Retention, leave: threading.Event) -> None:
    """Until `leave`; at once over where samples are kept for ever."""
    if retention.all is None or leave.wait(_FIRST):
        return
    while True:
        try:
            thin_all(engine, retention, leave, now())
        except DBAPIError as error:
            _LOG.warning("old samples stay for now: %s", one_line(error))
        if leave.wait(_EVERY):
            return


def thin_all(engine: Engine, retention: Retention, leave: threading.Event, at: datetime) -> None:
    """What is to go at that moment, up to `leave`."""
    for thinning in plan(engine, retention, at):
        gone = 0
        for samples in thin(engine, thinning, leave.wait):
            gone += samples
            if leave.is_set():
                break
        _LOG.info("pool %s: %s samples of old crawls are thinned out", thinning.pool, gone)
