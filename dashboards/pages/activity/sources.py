"""The data of the pages, read once for all simultaneous visitors who may see the same pools."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from secrets import token_hex
from threading import Lock
from time import monotonic
from typing import Final, NamedTuple

from cachetools import LRUCache
from flask import current_app
from sqlalchemy import Engine

from dashboards.live.cache import SharedAnswers
from dashboards.live.deltas import Deltas
from dashboards.web import context
from p2ppool.errors import UserError
from p2ppool.prefect_client.client import PrefectApi
from p2ppool.prefect_client.run_logs import LogLine, RunLog
from p2ppool.records.pools import find_pool
from p2ppool.reports.actions.action import (
    ActionDetail,
    ErrorGroup,
    HostPhase,
    HostProgress,
    action_detail,
    error_groups,
)
from p2ppool.reports.actions.activity import Active, Consequence, EndedPage, active, consequences, ended
from p2ppool.reports.actions.retries import what_to_retry
from p2ppool.settings import Settings
from p2ppool.store.unit_of_work import reading

ENDED: Final = 50
"""Ended tickets per page."""
_ACTIVE: Final = 200  # tickets; more would make a page slow, and nobody reads them
_FRESH: Final = 1.5  # seconds, a little less than the pages' clocks
_SELDOM: Final = 10.0  # seconds, for what costs more or hardly changes
_TIMEOUT: Final = 3.0  # seconds that Prefect may take
_NAME: Final = "p2ppool-activity"
_KEPT: Final = 64  # for different visitors
_LOCK: Final = Lock()


@dataclass(frozen=True)
class Followed:
    """One action as last read, with the changes on its hosts."""

    detail: ActionDetail
    hosts: Deltas[int, HostProgress]
    counts: Mapping[HostPhase, int]
    errors: tuple[ErrorGroup, ...]
    can_retry: bool


class LogOf(NamedTuple):
    """A log: of a run, from a level upwards."""

    run: str
    level: int


@dataclass(frozen=True)
class Log:
    """The lines as last read, each with its number within the log named `kept`."""

    kept: str
    log: RunLog
    lines: tuple[tuple[int, LogLine], ...]
    trouble: str
    at: float


class PageOf(NamedTuple):
    """A page of ended actions."""

    pool: str | None
    before: int | None


class Sources:
    """The sources of one application."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        """Prepare the sources; nothing is read yet."""
        self._engine = engine
        self._settings = settings
        self.active = SharedAnswers[str | None, list[Active]](
            lambda pool, _: active(engine, pool, _ACTIVE), _FRESH
        )
        self.ended = SharedAnswers[PageOf, EndedPage](
            lambda page, _: ended(engine, page.pool, ENDED, page.before), _FRESH
        )
        self.actions = SharedAnswers[int, Followed | None](self._follow, _FRESH)
        self.consequences = SharedAnswers[int, list[Consequence]](
            lambda key, _: consequences(engine, key), _SELDOM
        )
        self.logs = SharedAnswers[LogOf, Log](self._read, _FRESH, most=64)

    @cached_property
    def _prefect(self) -> PrefectApi:
        return PrefectApi.open(self._settings, retry_for=0.0, timeout=_TIMEOUT)

    def _follow(self, ticket_id: int, before: Followed | None) -> Followed | None:
        detail = action_detail(self._engine, ticket_id)
        if detail is None:
            return None
        hosts = before.hosts if before else Deltas[int, HostProgress]()
        hosts.update({host.id: host for host in detail.hosts})
        return Followed(
            detail=detail,
            hosts=hosts,
            counts=Counter(host.phase for host in detail.hosts),
            errors=tuple(error_groups(detail.hosts)),
            can_retry=detail.ticket.state.ended and self._can_retry(detail),
        )

    def _can_retry(self, detail: ActionDetail) -> bool:
        with reading(self._engine) as work:
            pool = find_pool(work.session, detail.pool)
            try:
                return pool is not None and bool(what_to_retry(work.session, pool, detail.ticket.id))
            except UserError:
                return False

    def _read(self, which: LogOf, before: Log | None) -> Log:
        if before and before.trouble and monotonic() - before.at < _SELDOM:
            return before
        log = before.log if before else RunLog(which.run, which.level)
        trouble = ""
        try:
            log.update(self._prefect)
        except UserError as error:
            trouble = str(error)
        return Log(before.kept if before else token_hex(4), log, tuple(log.after(0)), trouble, monotonic())


def sources() -> Sources:
    """Return the sources of this application, of the pools that the visitor may see."""
    known: LRUCache[Engine, Sources] = current_app.extensions.setdefault(_NAME, LRUCache(_KEPT))
    engine = context.engine()
    with _LOCK:
        found = known.get(engine)
        if found is None:
            found = known[engine] = Sources(engine, context.settings())
        return found
