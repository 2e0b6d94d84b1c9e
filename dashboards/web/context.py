"""The database and the settings, found through the application that serves the request.

The database is as the visitor may see it: of other pools there is nothing, in no list and under no number.
"""

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from cachetools import LRUCache
from flask import Flask, current_app
from sqlalchemy import Engine

from dashboards.web.access import visitor
from p2ppool.settings import Settings
from p2ppool.store.visibility import seeing_only

_NAME = "p2ppool"
_KEPT: Final = 256  # sets of pools that different visitors may see


@dataclass(frozen=True)
class Context:
    """The database and the settings of one application."""

    engine: Engine
    settings: Settings
    _restricted: LRUCache[frozenset[int], Engine] = field(default_factory=lambda: LRUCache(_KEPT))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def seeing_only(self, pool_ids: frozenset[int]) -> Engine:
        """Return the database with these pools only; the same object each time, as caches are kept by it."""
        with self._lock:
            found = self._restricted.get(pool_ids)
            if found is None:
                found = self._restricted[pool_ids] = seeing_only(self.engine, pool_ids)
            return found


def give(app: Flask, context: Context) -> None:
    """Set the context that the pages of `app` use."""
    app.extensions[_NAME] = context


def engine() -> Engine:
    """Return the database as the visitor may see it."""
    rights = visitor().rights
    return whole_engine() if rights.sees_all else _context().seeing_only(rights.pool_ids)


def whole_engine() -> Engine:
    """Return the database with all pools, for what is not about pools, or shows nothing of them."""
    return _context().engine


def settings() -> Settings:
    """Return the settings of the application that serves this request."""
    return _context().settings


def session_lifetimes() -> tuple[timedelta, timedelta]:
    """Return how long a session may be idle, and how long it may last."""
    chosen = settings()
    return timedelta(seconds=chosen.session_idle), timedelta(seconds=chosen.session_longest)


def _context() -> Context:
    found: Context = current_app.extensions[_NAME]
    return found
