"""Thinning out old samples, as it is done each day."""

import logging
import threading
from datetime import datetime
from typing import Final

from sqlalchemy import Engine

from p2ppool.pools.recording.downsampling import downsample, plan
from p2ppool.pools.recording.retention import Retention

_LOG: Final = logging.getLogger("p2ppool.downsampling")


def downsample_all(engine: Engine, retention: Retention, leave: threading.Event, at: datetime) -> None:
    """What is to go at that moment, up to `leave`."""
    for downsampling in plan(engine, retention, at):
        gone = 0
        for samples in downsample(engine, downsampling, leave.wait):
            gone += samples
            if leave.is_set():
                break
        _LOG.info("pool %s: %s samples of old crawls are thinned out", downsampling.pool, gone)
