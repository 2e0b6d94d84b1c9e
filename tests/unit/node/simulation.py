"""Processes of the reference node in a simulated network: virtual clock, delays, losses, partitions, deaths.

Runs are the same for the same seed. Datagrams pass through the real wire form.
"""

import heapq
import itertools
import random

from p2ppool.node import address
from p2ppool.node.process import Process
from p2ppool.node.service import FAREWELLS

PORT = 15000
TICK = 0.1


class Network:
    """Hosts 10.0.0.1, 10.0.0.2, … with one process each. Times are virtual seconds."""

    def __init__(self, seed=0, loss=0.0):
        self.now = 0.0
        self.loss = loss
        self.sent = 0
        self.largest = 0
        self.processes = {}
        self.islands = {}
        self.seeds = []
        self._chance = random.Random(seed)
        self._events = []
        self._order = itertools.count()

    def start(self, count=1, nodes=1, at=None, seeds=None):
        """Start `count` processes of `nodes` nodes, all with the same RemoteTAs; returns their endpoints."""
        return [self._start(nodes, at, seeds) for _ in range(count)]

    def _start(self, nodes, at, seeds):
        number = len(self.processes) + 1
        host = at or (f"10.0.{number // 250}.{number % 250 + 1}", PORT)
        first = self._chance.getrandbits(160) & ~1
        process = Process(
            "Simulated",
            [address.sibling(first, index) for index in range(nodes)],
            self.seeds if seeds is None else seeds,
            lambda data, to: self._send(host, to, data),
            random.Random(self._chance.random()),
        )
        if seeds is None:
            self.seeds.append(host)
        self.processes[host] = process
        self._later(self._chance.random() * TICK, lambda: self._tick(host, process))
        return host

    def kill(self, host):
        """As kill -9."""
        return self.processes.pop(host)

    def leave(self, host):
        """As SIGINT."""
        for _ in range(FAREWELLS):
            self.processes[host].leave(self.now)
        return self.kill(host)

    def split(self, *groups):
        """Cut the network so that only hosts of the same group reach each other; no groups: repair it."""
        self.islands = {host: number for number, group in enumerate(groups) for host in group}

    def run(self, seconds):
        """Let `seconds` pass."""
        end = self.now + seconds
        while self._events and self._events[0][0] <= end:
            self.now, _, event = heapq.heappop(self._events)
            event()
        self.now = end

    def run_until(self, condition, seconds):
        """Let time pass until `condition` holds; returns how long it took, None after `seconds`."""
        begun = self.now
        while self.now - begun <= seconds:
            if condition():
                return self.now - begun
            self.run(TICK)
        return None

    def host_of(self, name):
        """Where the living node `name` is."""
        return next(host for host, process in self.processes.items() if name in process.nodes)

    def nodes(self):
        """The living nodes by address."""
        return {name: node for process in self.processes.values() for name, node in process.nodes.items()}

    def is_whole(self):
        """Whether every node names exactly its true ring neighbours, as a plain sorted list has them."""
        nodes = self.nodes()
        ring = sorted(nodes)
        return all(node.links.table.neighbors() == true_neighbors(ring, name) for name, node in nodes.items())

    def names(self, dead):
        """Whether any living node names the node `dead` as neighbour or shortcut."""
        return any(
            dead in {*node.links.table.neighbors().values(), *node.links.shortcuts}
            for node in self.nodes().values()
        )

    def call(self, node, target, method="sys:link.GetNeighbors", seconds=5):
        """Call `method` at `target` from `node`; returns [reply or None] once it has come, [] never."""
        replies = []
        node.call(target, method, replies.append, self.now)
        self.run_until(lambda: replies, seconds)
        return replies

    def _send(self, source, to, data):
        self.sent += 1
        self.largest = max(self.largest, len(data))
        apart = self.islands.get(source) != self.islands.get(to)
        if not apart and self._chance.random() >= self.loss:
            self._later(self._chance.uniform(0.001, 0.03), lambda: self._deliver(source, to, data))

    def _deliver(self, source, to, data):
        if to in self.processes:
            self.processes[to].receive(data, source, self.now)

    def _tick(self, host, process):
        if self.processes.get(host) is process:
            process.tick(self.now)
            self._later(TICK, lambda: self._tick(host, process))

    def _later(self, seconds, event):
        heapq.heappush(self._events, (self.now + seconds, next(self._order), event))


def true_neighbors(ring, own):
    """What a node of the sorted list `ring` should name, from the list alone."""
    others = [name for name in ring if name != own]
    place = sum(name < own for name in others)
    leftward = others[place:] + others[:place]
    if not leftward:
        return {}
    names = {"left": leftward[0], "right": leftward[-1]}
    if len(leftward) > 1:
        names.update(left2=leftward[1], right2=leftward[-2])
    return names
