"""The peers of one node: live links, peers named by others, and peers that fell silent.

A peer becomes a link only when it answers this node itself. What others report about it is only a reason to
ask it, and for a while after it fell silent not even that: so gossip never brings back a dead node.
All times are seconds of the caller's clock, and all storage is bounded.
"""

from __future__ import annotations

from typing import Dict, List, Optional, Set

from . import address
from .table import Table
from .wire import Endpoint, Peer

NEAR = 4
"""Neighbours kept alive on each side: Brunet's two, and two more for repairs when several die at once."""
PING_EVERY = 1.0
PING_AGAIN_AFTER = 0.5
SUSPECT_AFTER = 1.75
"""Seconds of silence after which a peer is no longer named to others, and is routed around."""
DEAD_AFTER = 4.0
ASK_FOR = 1.5
"""Seconds for which a peer named by others is asked before it counts as silent."""
SILENT_FOR = 5.0
"""Longer than other nodes keep naming a dead node, which is SUSPECT_AFTER."""
MOST_LINKS = 128
MOST_TOLD = 64
MOST_SILENT = 256


class Link:
    """A peer that has answered."""

    __slots__ = ("endpoint", "heard", "pinged")

    def __init__(self, endpoint: Endpoint, heard: float) -> None:
        self.endpoint = endpoint
        self.heard = heard
        self.pinged = heard


class Told:
    """A peer that others have named and that has been asked since `since`."""

    __slots__ = ("endpoint", "pinged", "since")

    def __init__(self, endpoint: Endpoint, now: float) -> None:
        self.endpoint = endpoint
        self.since = now
        self.pinged = now


class Links:
    """The peers of the node `own`."""

    def __init__(self, own: int) -> None:
        self.own = own
        self.table = Table(own)
        self.shortcuts: Set[int] = set()
        self._links: Dict[int, Link] = {}
        self._told: Dict[int, Told] = {}
        self._silent: Dict[int, float] = {}

    def endpoint(self, node: int) -> Optional[Endpoint]:
        """Return the endpoint of the live peer `node`; None if it is not a live peer."""
        link = self._links.get(node)
        return link.endpoint if link else None

    def near(self) -> Set[int]:
        """Return the ring neighbours that are kept alive."""
        return {*self.table.left(NEAR), *self.table.right(NEAR)}

    def wanted(self) -> Set[int]:
        """Return the peers that are kept alive."""
        return self.near() | self.shortcuts

    def fresh(self, now: float) -> List[int]:
        """List the peers heard so recently that they may be routed through and named to others."""
        return [node for node, link in self._links.items() if now - link.heard < SUSPECT_AFTER]

    def around(self, target: int, now: float) -> List[Peer]:
        """List the fresh peers nearest to `target` on both sides."""
        fresh = set(self.fresh(now))
        return [
            Peer(node, self._links[node].endpoint)
            for node in self.table.around(target, NEAR)
            if node in fresh
        ]

    def heard(self, node: int, endpoint: Endpoint, now: float) -> None:
        """Record that peer `node` has answered from `endpoint`."""
        if node == self.own:
            return
        self._told.pop(node, None)
        self._silent.pop(node, None)
        link = self._links.get(node)
        if link is None:
            self._add(node, Link(endpoint, now))
        else:
            link.endpoint, link.heard = endpoint, now

    def _add(self, node: int, link: Link) -> None:
        if len(self._links) >= MOST_LINKS:
            self._forget(self._least_needed())
        self._links[node] = link
        self.table.add(node)

    def _least_needed(self) -> int:
        spare = set(self._links) - self.wanted()
        return min(spare, key=lambda node: self._links[node].heard)

    def spoke(self, node: int, endpoint: Endpoint, now: float) -> bool:
        """Record that peer `node` sent something unasked, so it is alive.

        Return True if it should be asked in turn.

        This applies to every sender: a link is mutual, so a node that leaves knows all the nodes that have to
        know.
        """
        self._silent.pop(node, None)
        if node in self._links:
            self.heard(node, endpoint, now)
            return False
        return self.ask(Peer(node, endpoint), now)

    def told(self, peer: Peer, now: float) -> bool:
        """Record that another node named `peer`. Return True if it would
        be a neighbour and should be asked now.
        """
        return self.table.would_be_near(peer.address, NEAR) and self.ask(peer, now)

    def ask(self, peer: Peer, now: float) -> bool:
        """Record that `peer` is being asked; return False if it is known,
        asked already or silent, or too many are.
        """
        node = peer.address
        if node == self.own or node in self._links or node in self._told or node in self._silent:
            return False
        if len(self._told) >= MOST_TOLD:
            return False
        self._told[node] = Told(peer.endpoint, now)
        return True

    def due(self, now: float) -> List[Peer]:
        """List the peers to ping now, and record the pings."""
        due = []
        for node in self.wanted():
            link = self._links[node]
            if now - link.heard >= PING_EVERY and now - link.pinged >= PING_AGAIN_AFTER:
                link.pinged = now
                due.append(Peer(node, link.endpoint))
        for node, told in self._told.items():
            if now - told.pinged >= PING_AGAIN_AFTER:
                told.pinged = now
                due.append(Peer(node, told.endpoint))
        return due

    def expire(self, now: float) -> None:
        """Drop peers that have been silent for too long, and forget old silences."""
        wanted = self.wanted()
        for node in [node for node, link in self._links.items() if now - link.heard >= DEAD_AFTER]:
            self._forget(node)
            if node in wanted:
                self._remember_silent(node, now)
        self.shortcuts -= self.near()
        for node in [node for node, told in self._told.items() if now - told.since >= ASK_FOR]:
            del self._told[node]
            self._remember_silent(node, now)
        for node in [node for node, until in self._silent.items() if until <= now]:
            del self._silent[node]

    def choose_shortcut(self, node: int) -> None:
        """Keep the live peer `node` as a shortcut, unless it is a neighbour."""
        if node in self._links and node not in self.near():
            self.shortcuts.add(node)

    def left(self, node: int, now: float) -> None:
        """Record that peer `node` is leaving."""
        self._told.pop(node, None)
        if node in self._links:
            self._forget(node)
        self._remember_silent(node, now)

    def forgive(self, gap: float, now: float) -> None:
        """Discount the `gap` seconds up to `now` in which this process stood still, and so heard nothing."""
        for link in self._links.values():
            link.heard = min(link.heard + gap, now)
        for told in self._told.values():
            told.since = min(told.since + gap, now)

    def _forget(self, node: int) -> None:
        del self._links[node]
        self.table.discard(node)
        self.shortcuts.discard(node)

    def _remember_silent(self, node: int, now: float) -> None:
        if len(self._silent) >= MOST_SILENT:
            del self._silent[next(iter(self._silent))]
        self._silent[node] = now + SILENT_FOR

    def size(self) -> int:
        """Estimate the number of nodes of the ring from the distances of the neighbours."""
        if len(self.table) < 2 * NEAR:
            return len(self.table) + 1
        left = address.leftward(self.own, self.table.left(NEAR)[-1])
        right = address.leftward(self.table.right(NEAR)[-1], self.own)
        return 2 * NEAR * address.RING // (left + right)
