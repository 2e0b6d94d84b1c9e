"""Crawl a pool: visit all nodes of its overlay and store the snapshot."""

from flows.base.action import action
from flows.base.ending import Ending
from p2ppool.actions.catalogue import Action
from p2ppool.actions.held_turn import HeldTurn
from p2ppool.pools.definition.spec import PoolName
from p2ppool.reports.crawls.snapshots import and_others
from p2ppool.store.models import TicketState
from tasks.crawl import Crawled, crawl_overlay
from tasks.local_node import start_local_node
from tasks.sampling import hosts_sampled


@action(Action.CRAWL)
def crawl(held: HeldTurn, pool: PoolName) -> Ending:
    """Crawl the overlay of the pool with this name, through its local node, and store the snapshot.

    Meanwhile the hosts are measured: CPU, memory, disk, load, clock, and what the node takes of them.
    """
    start_local_node(held)
    with hosts_sampled(held):
        crawled = crawl_overlay(held)
    return judge(crawled)


def judge(crawled: Crawled) -> Ending:
    """Build the ending; a crawl that was cut short is partial, and the overlay's health does not matter."""
    found = crawled.crawl
    consistency = "unknown" if found.consistency is None else f"{found.consistency:.3f}"
    odd = [
        f"{count} {what}"
        for count, what in (
            (found.silent, "silent"),
            (found.ghosts, "ghost" if found.ghosts == 1 else "ghosts"),
            (found.left_over, "left over"),
        )
        if count
    ]
    message = ", ".join(
        [
            f"{crawled.own} of {crawled.expected} nodes answered{and_others(crawled.others)}",
            *odd,
            f"consistency {consistency}",
        ]
    )
    if found.complete:
        return Ending(TicketState.DONE, message)
    return Ending(TicketState.PARTIAL, f"{message}; cut short: {found.reason}")
