"""Daily downsampling of old samples."""

import logging
import threading
from datetime import datetime
from typing import Final

from sqlalchemy import Engine

from p2ppool.pools.recording.downsampling import downsample, plan
from p2ppool.pools.recording.retention import Retention

_LOG: Final = logging.getLogger("p2ppool.downsampling")


def downsample_all(engine: Engine, retention: Retention, leave: threading.Event, at: datetime) -> None:
    """Downsample everything due at that moment, until `leave`."""
    for downsampling in plan(engine, retention, at):
        gone = 0
        for samples in downsample(engine, downsampling, leave.wait):
            gone += samples
            if leave.is_set():
                break
        _LOG.info("pool %s: deleted %s samples of old crawls", downsampling.pool, gone)
