"""One overlay node: it joins, keeps its place on the ring, and routes.

It has no sockets and no clock of its own.
"""

from __future__ import annotations

import random
from typing import Any, Callable, Optional, Tuple

from . import shortcuts
from .calls import Calls, Done
from .links import Links
from .seeds import Seeds
from .table import next_hop
from .wire import LEAVE, MOST_HOPS, PING, PONG, Endpoint, Greeting, Packet, Peer, Reply, Request

STOOD_STILL = 1.0
"""Seconds between two ticks from which on the process itself, not its peers, must have stood still."""
SHORTCUT_EVERY = 1.0

Send = Callable[[Packet, Endpoint], None]
Answer = Callable[["Node", str], Any]


class RpcError(Exception):
    """A method refused a call, with Brunet's code and text."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class Node:
    """The node `address`. Its owner passes it packets and time; it passes packets to `send`.

    `answer` runs the method of a call that ends here, and raises RpcError.
    """

    def __init__(self, address: int, seeds: Seeds, send: Send, answer: Answer, chance: random.Random) -> None:
        self.address = address
        self.links = Links(address)
        self._seeds = seeds
        self._send = send
        self._answer = answer
        self._chance = chance
        self._calls = Calls()
        self._search: Optional[shortcuts.Search] = None
        self._search_next = 0.0
        self._ticked: Optional[float] = None

    def tick(self, now: float) -> None:
        """Do what is due; to be called about ten times a second."""
        if self._ticked is not None and now - self._ticked >= STOOD_STILL:
            self.links.forgive(now - self._ticked, now)
        self._ticked = now
        had_peers = len(self.links.table) > 0
        self.links.expire(now)
        if had_peers and not len(self.links.table):
            self._seeds.hurry(now)
        self._ask_seeds(now)
        for peer in self.links.due(now):
            self._ping(peer, now)
        self._seek_shortcut(now)
        for request in self._calls.due(now):
            self._route_request(request, now)

    def receive(self, packet: Packet, source: Endpoint, now: float) -> None:
        """Process one packet that came from `source`."""
        body = packet.body
        if packet.sender == self.address:
            return
        if isinstance(body, Greeting):
            self._receive_greeting(packet.sender, body, source, now)
        elif isinstance(body, Request):
            self._route_request(body, now)
        else:
            self._route_reply(body, now)

    def leave(self, now: float) -> None:
        """Say good-bye to all peers, and name to each its other neighbours."""
        for node in self.links.fresh(now):
            endpoint = self.links.endpoint(node)
            if endpoint:
                self._greet(LEAVE, Peer(node, endpoint), node, now)

    def call(self, target: int, method: str, done: Done, now: float) -> None:
        """Call `method` on the node nearest to `target`;
        `done` gets the reply, or None after REPLY_TIMEOUT.
        """
        call = "%032x" % self._chance.getrandbits(128)
        request = Request(call, self.address, target, MOST_HOPS, method)
        if self._calls.begin(request, done, now):
            self._route_request(request, now)
        else:
            done(None)

    def _receive_greeting(self, sender: int, greeting: Greeting, source: Endpoint, now: float) -> None:
        if greeting.kind == LEAVE:
            self.links.left(sender, now)
        elif greeting.kind == PONG:
            self.links.heard(sender, source, now)
            self._continue_search(sender, greeting, now)
        else:
            self._greet(PONG, Peer(sender, source), greeting.near, now)
            if self.links.spoke(sender, source, now):
                self._ping(Peer(sender, source), now)
        for peer in greeting.peers:
            if self.links.told(peer, now):
                self._ping(peer, now)

    def _ask_seeds(self, now: float) -> None:
        for endpoint in self._seeds.due(now, alone=not len(self.links.table)):
            self._send(Packet(self.address, None, Greeting(PING, self.address, ())), endpoint)

    def _ping(self, peer: Peer, now: float, near: Optional[int] = None) -> None:
        target = self.address if near is None else near
        peers = self._peers_for(peer, peer.address, now)
        self._send(Packet(self.address, peer.address, Greeting(PING, target, peers)), peer.endpoint)

    def _greet(self, kind: str, peer: Peer, near: int, now: float) -> None:
        peers = self._peers_for(peer, near, now)
        self._send(Packet(self.address, peer.address, Greeting(kind, near, peers)), peer.endpoint)

    def _peers_for(self, hearer: Peer, near: int, now: float) -> Tuple[Peer, ...]:
        """Return the peers around `near` to name to `hearer`.

        A loopback address means this machine, so it is useless to a hearer elsewhere.
        """
        abroad = not _is_loopback(hearer.endpoint)
        known = self.links.around(near, now)
        return tuple(
            peer
            for peer in known
            if peer.address != hearer.address and not (abroad and _is_loopback(peer.endpoint))
        )

    def _seek_shortcut(self, now: float) -> None:
        if now < self._search_next:
            return
        self._search_next = now + SHORTCUT_EVERY
        self._search = None
        size = self.links.size()
        if len(self.links.shortcuts) >= shortcuts.needed(size):
            return
        target = shortcuts.draw_target(self.address, size, self._chance)
        first = self._next_hop(target, now)
        if first:
            self._search = shortcuts.Search(target)
            self._ping(first, now, target)

    def _continue_search(self, sender: int, pong: Greeting, now: float) -> None:
        if self._search is None or pong.near != self._search.target:
            return
        nearer = self._search.nearer(sender, [peer for peer in pong.peers if peer.address != self.address])
        if nearer:
            self.links.ask(nearer, now)
            self._ping(nearer, now, self._search.target)
        else:
            self._search = None
            self.links.choose_shortcut(sender)

    def _route_request(self, request: Request, now: float) -> None:
        hop = self._next_hop(request.target, now)
        if hop is None:
            self._route_reply(self._run(request), now)
        elif request.hops > 0:
            self._send(
                Packet(self.address, hop.address, request._replace(hops=request.hops - 1)), hop.endpoint
            )

    def _run(self, request: Request) -> Reply:
        try:
            value = self._answer(self, request.method)
        except RpcError as fault:
            return Reply(request.id, request.origin, MOST_HOPS, None, (fault.code, fault.text))
        return Reply(request.id, request.origin, MOST_HOPS, value, None)

    def _route_reply(self, reply: Reply, now: float) -> None:
        if reply.target == self.address:
            self._calls.end(reply)
            return
        hop = self._next_hop(reply.target, now)
        if hop and reply.hops > 0:
            self._send(Packet(self.address, hop.address, reply._replace(hops=reply.hops - 1)), hop.endpoint)

    def _next_hop(self, target: int, now: float) -> Optional[Peer]:
        """Return the next hop to `target`: directly to it if it is a link, even a silent one."""
        endpoint = self.links.endpoint(target)
        if endpoint:
            return Peer(target, endpoint)
        hop = next_hop(self.address, target, self.links.fresh(now))
        endpoint = None if hop is None else self.links.endpoint(hop)
        return Peer(hop, endpoint) if hop is not None and endpoint else None


def _is_loopback(endpoint: Endpoint) -> bool:
    return endpoint[0].startswith("127.")
