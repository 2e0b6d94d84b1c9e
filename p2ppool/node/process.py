"""The nodes of one process: they share one UDP port, and packets reach their node by its address."""

from __future__ import annotations

import random
from typing import Any, Callable, Dict, List, Optional, Sequence

from . import rpc, wire
from .node import Node
from .seeds import Seeds
from .wire import Endpoint, Packet

SendDatagram = Callable[[bytes, Endpoint], None]


class Process:
    """The nodes with the `addresses`, which join through `seeds`, a list that may still grow.

    Its owner passes it datagrams and time; it passes datagrams to `send`.
    """

    local_ips: Sequence[str] = ()
    transports: Sequence[str] = ()

    def __init__(
        self,
        namespace: str,
        addresses: List[int],
        seeds: List[Endpoint],
        send: SendDatagram,
        chance: Optional[random.Random] = None,
    ) -> None:
        self.namespace = namespace
        self._send = send
        self._chance = chance or random.Random()
        self.nodes: Dict[int, Node] = {
            number: Node(number, Seeds(seeds, self._chance), self._send_packet, self.answer, self._chance)
            for number in addresses
        }

    def tick(self, now: float) -> None:
        """Let every node do what is due."""
        for node in self.nodes.values():
            node.tick(now)

    def receive(self, data: bytes, source: Endpoint, now: float) -> None:
        """Process one datagram."""
        packet = wire.decode(data, self.namespace)
        node = packet and self._addressed(packet)
        if packet and node:
            node.receive(packet, source, now)

    def leave(self, now: float) -> None:
        """Let every node say good-bye."""
        for node in self.nodes.values():
            node.leave(now)

    def answer(self, node: Node, method: str) -> Any:
        """Return the answer of `node` to `method`.

        Raises:
            RpcError: there is no such method.
        """
        links = sum(len(each.links.table) for each in self.nodes.values())
        around = rpc.Surroundings(self.local_ips, self.transports, len(self.nodes), links)
        return rpc.answer(node, method, around)

    def _addressed(self, packet: Packet) -> Optional[Node]:
        """Return the node that `packet` is for.

        A packet for any node goes to one at random, so that nodes that ask here repeatedly meet all of them;
        never to the sender itself, which may find its own address among its RemoteTAs.
        """
        if packet.to is not None:
            return self.nodes.get(packet.to)
        others = [node for node in self.nodes.values() if node.address != packet.sender]
        return self._chance.choice(others) if others else None

    def _send_packet(self, packet: Packet, endpoint: Endpoint) -> None:
        self._send(wire.encode(packet, self.namespace), endpoint)
