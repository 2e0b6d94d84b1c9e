"""A crawl of 200 nodes of which 20 are dead, beside one that asks node after node as the 2009 crawler did.

Both go through the same gateway to the same simulated overlay, with the same time-out and one retry.
"""

import time

from p2ppool.overlay.answer import Neighbours, read_information, read_neighbours
from p2ppool.overlay.crawler import CrawlLimits, crawl
from p2ppool.overlay.errors import GatewayError
from p2ppool.overlay.gateway import Gateway
from tests.lab.overlay.fake_overlay import FakeOverlay

NODES = 200
DEAD = range(5, NODES, 10)
HEALTHY_SECONDS = 0.02  # real Brunet nodes take 0.002 to 0.045
TIMEOUT = 1.0


def main() -> None:
    with FakeOverlay(NODES) as overlay, overlay.gateway() as gateway:
        overlay.delay = HEALTHY_SECONDS
        overlay.hang(*DEAD)
        start = time.monotonic()
        peer = one_after_the_other(gateway)
        peer_seconds = time.monotonic() - start
        ours = crawl(gateway, CrawlLimits(timeout=TIMEOUT, last_round_timeout=TIMEOUT))
    report("one after the other", sum(peer.values()), len(peer), peer_seconds)
    report("p2ppool", ours.answered, len(ours.nodes), ours.seconds)
    print(f"ratio {peer_seconds / ours.seconds:.1f}")


def one_after_the_other(gateway: Gateway) -> dict[str, bool]:
    """Breadth-first, each node in its turn, a silent one asked again at once. Returns who answered."""
    answered: dict[str, bool] = {}
    waiting = [read_neighbours(gateway.neighbours()).own]
    while waiting:
        address = waiting.pop(0)
        if address in answered:
            continue
        neighbours = ask(gateway, address) or ask(gateway, address)
        answered[address] = neighbours is not None
        waiting.extend(neighbours.all() if neighbours else ())
    return answered


def ask(gateway: Gateway, address: str) -> Neighbours | None:
    try:
        raw = gateway.info(address, TIMEOUT)
        neighbours = read_information(raw or {}).neighbours
    except GatewayError:
        return None
    return neighbours if neighbours.own == address else None


def report(name: str, answered: int, found: int, seconds: float) -> None:
    print(f"{name:20} {answered:4} of {found} answered in {seconds:6.2f} s")
