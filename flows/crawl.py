"""Crawl a pool: walk over its overlay and keep the snapshot."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.action import Ending, ending_the_ticket, failing_in_one_line, finish, request_of_this_run
from p2ppool.store.models import TicketState
from tasks.crawl import Crawled, crawl_overlay
from tasks.local_node import start_local_node
from tasks.register import open_ticket


@flow(name="crawl", flow_run_name="crawl {pool}")
@failing_in_one_line
def crawl(pool: str) -> State[Any]:
    """Crawl the overlay of the pool with this name, through its local node, and store the snapshot."""
    ticket = open_ticket(pool, request_of_this_run("crawl", {"pool": pool}))
    with ending_the_ticket(ticket):
        start_local_node(ticket)
        return finish(ticket, judge(crawl_overlay(ticket)))


def judge(crawled: Crawled) -> Ending:
    """A crawl that was cut short is partial; how healthy the overlay is does not make a crawl fail."""
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
        [f"{found.answered} of {crawled.expected} nodes answered", *odd, f"consistency {consistency}"]
    )
    if found.complete:
        return Ending(TicketState.DONE, message)
    return Ending(TicketState.PARTIAL, f"{message}; cut short: {found.reason}")
