"""The step that crawls the overlay and stores the result."""

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from p2ppool.actions.held_turn import HeldTurn
from p2ppool.overlay.crawler import CrawlProgress, crawl
from p2ppool.overlay.gateway import Gateway
from p2ppool.overlay.snapshot import Crawl
from p2ppool.pools.definition.limits import crawl_limits
from p2ppool.pools.definition.ports import RPC_ADDRESS
from p2ppool.pools.recording.crawls import answered_last_time, expected_nodes, keep_crawl
from p2ppool.pools.recording.own_nodes import OwnNodes
from p2ppool.settings import settings
from p2ppool.store.models import Pool
from tasks.support.database import read, write_in_turn
from tasks.support.pool import pool_of
from tasks.support.progress import Progress, link_to_page
from tasks.support.run_with_progress import run_with_progress


@dataclass(frozen=True)
class Crawled:
    """A stored crawl, with the number of nodes expected, and of those that are not the pool's own."""

    crawl: Crawl
    expected: int
    others: int = 0

    @property
    def own(self) -> int:
        """The pool's own nodes that answered."""
        return self.crawl.answered - self.others


@task(name="crawl the overlay", cache_policy=NO_CACHE)
def crawl_overlay(held: HeldTurn) -> Crawled:
    """Crawl the pool's overlay through its local node and store the snapshot, also a partial one.

    Raises:
        UserError: the local node does not answer.
        TurnLost: the turn is somebody else's now; nothing was stored.
    """
    pool = pool_of(held.turn)
    expected = expected_nodes(pool)
    link_to_page(pool.name)
    progress = Progress(held, expected, "nodes")
    latest: list[CrawlProgress] = []

    def report() -> None:
        if latest:
            progress.show(latest[-1].answered, max(latest[-1].known, expected))

    found = run_with_progress(lambda: crawl_and_keep(held, pool, latest.append), report, held.cancel)
    for node in found.nodes:
        if node.error:
            get_run_logger().warning("%s is %s: %s", node.address, node.state, node.error)
    others = read(lambda work: OwnNodes.of(work.session, pool).others(found, expected))
    return Crawled(found, expected, others)


def crawl_and_keep(held: HeldTurn, pool: Pool, on_progress: Callable[[CrawlProgress], None]) -> Crawl:
    """Crawl once, and store the result.

    Raises:
        UserError: the local node does not answer.
        TurnLost: the turn is somebody else's now; nothing was stored.
    """
    cancelled = threading.Event()
    unregister = held.cancel.on_cancel(cancelled.set)
    try:
        with closing(Gateway(RPC_ADDRESS, pool.rpc_port, timeout=settings().crawl_timeout)) as gateway:
            found = crawl(gateway, crawl_limits(settings()), cancelled, on_progress, _remembered(pool))
    finally:
        unregister()
    write_in_turn(held.turn, lambda work: keep_crawl(work.session, pool, held.turn.ticket_id, found))
    return found


def _remembered(pool: Pool) -> list[str]:
    return read(lambda work: answered_last_time(work.session, pool.id))
