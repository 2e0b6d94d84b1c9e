"""The result of one crawl: every node of the overlay at one time,
and the state of the pool derived from it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from p2ppool.overlay.answer import Description
from p2ppool.overlay.consistency import NO_BITS, Bits, of_pool


class NodeState(StrEnum):
    """The state of an address in a crawl."""

    ANSWERED = "answered"
    SILENT = "silent"
    """Asked without a usable answer; asked again in the last round, if the crawl came so far."""
    GHOST = "ghost"
    """Others still name the address, but another node answered for it: its node is gone."""
    LEFT_OVER = "left_over"
    """Named by others, but the crawl ended, or lost its gateway, before the node's answer was complete."""


class CutShort(StrEnum):
    """The reason why a crawl is partial."""

    CANCELLED = "cancelled"
    DEADLINE = "deadline"
    MAX_NODES = "max_nodes"
    GATEWAY = "gateway"
    """The local node became unreachable in the middle of the crawl."""


@dataclass(frozen=True, kw_only=True)
class CrawledNode(Description):
    """One address, and the description that its node gave if it answered.

    Attributes:
        address: overlay address in text form.
        state: its state in the crawl.
        left: the next node in the direction of rising addresses, as this node names it.
        right: the next node in the direction of falling addresses.
        left2: the next node but one, rising.
        right2: the next node but one, falling.
        shortcuts: nodes further away that it names.
        bits: whether the left, left2, right, right2 neighbour names it back; None: not counted.
        consistency: mean of the bits; None if none is counted.
        answered_by: for a ghost, the node that answered in its place.
        retries: calls beyond the first.
        seconds: duration of the last call; None if there was none.
        error: why there is no answer, in one line; empty if there is one.
    """

    address: str
    state: NodeState
    left: str | None = None
    right: str | None = None
    left2: str | None = None
    right2: str | None = None
    shortcuts: tuple[str, ...] = ()
    bits: Bits = NO_BITS
    consistency: float | None = None
    answered_by: str | None = None
    retries: int = 0
    seconds: float | None = None
    error: str = ""


@dataclass(frozen=True)
class Sums:
    """Sums over the nodes that answered; what a node did not report counts as 0.

    The counts of TCP and UDP edges are those of a node's whole process, so several nodes of one process count
    them repeatedly.
    """

    tcp: int
    udp: int
    tunnel: int
    cons: int
    sas: int
    retries: int


@dataclass(frozen=True)
class Crawl:
    """One crawl, even if it was cut short: its findings are kept.

    Attributes:
        started_at: UTC, with time zone.
        seconds: duration.
        nodes: in ring order (rising addresses).
        reason: why it is partial; empty if it is complete.
    """

    started_at: datetime
    seconds: float
    nodes: tuple[CrawledNode, ...]
    reason: CutShort | str = ""

    @property
    def complete(self) -> bool:
        """Whether every address that any node named was asked."""
        return not self.reason

    @property
    def consistency(self) -> float | None:
        """The consistency of the pool: see p2ppool.overlay.consistency."""
        return of_pool(node.consistency for node in self.nodes)

    @property
    def answered(self) -> int:
        return self._count(NodeState.ANSWERED)

    @property
    def silent(self) -> int:
        return self._count(NodeState.SILENT)

    @property
    def ghosts(self) -> int:
        return self._count(NodeState.GHOST)

    @property
    def left_over(self) -> int:
        return self._count(NodeState.LEFT_OVER)

    @property
    def sums(self) -> Sums:
        def total(of: Callable[[CrawledNode], int | None]) -> int:
            return sum(of(node) or 0 for node in self.nodes)

        return Sums(
            tcp=total(lambda node: node.tcp),
            udp=total(lambda node: node.udp),
            tunnel=total(lambda node: node.tunnel),
            cons=total(lambda node: node.cons),
            sas=total(lambda node: node.sas),
            retries=total(lambda node: node.retries),
        )

    def _count(self, state: NodeState) -> int:
        return sum(node.state is state for node in self.nodes)
