"""Real processes of the reference node on loopback addresses, and the means to ask and to end them."""

import os
import random
import re
import subprocess
import sys
import time
import xmlrpc.client
from pathlib import Path

from p2ppool.node import address, config
from tests.unit.node.simulation import true_neighbors

UDP_PORT = 15000
DEADLINE = 60  # generous: a guard against hanging, on a machine busy with other tests
MODULE = (sys.executable, "-m", "p2ppool.node")


class Running:
    """One process, started from the NodeConfig `path`."""

    def __init__(self, path, command, environment):
        self.path = path
        self._out, self._err = path.with_suffix(".out"), path.with_suffix(".err")
        with self._out.open("w") as out, self._err.open("w") as err:
            self.process = subprocess.Popen(command, stdout=out, stderr=err, env=environment, cwd=path.parent)

    def out(self):
        return self._out.read_text()

    def err(self):
        return self._err.read_text()

    def addresses(self):
        """The nodes' addresses, as the process prints them."""
        return re.findall(
            r"^Starting at .+, (brunet:node:\S+) is connecting to \S+\.$", self.out(), re.MULTILINE
        )

    def ask(self, method, *arguments, path="/xm.rem"):
        """Call XML-RPC `method` of this process."""
        (port,) = re.findall(r"XML-RPC on port (\d+)", self.err())
        with xmlrpc.client.ServerProxy(f"http://127.0.0.1:{port}{path}") as server:
            return getattr(server, method)(*arguments)

    def wait_until_started(self):
        wait_for(lambda: self.process.poll() is not None or self.addresses())
        assert self.process.poll() is None, self.err()
        return self

    def end(self):
        self.process.kill()
        self.process.wait()


class Processes:
    """Starts processes, each on its own loopback address, all with the same port and RemoteTAs."""

    def __init__(self, folder):
        self._folder = folder
        self._net = f"127.{random.randrange(1, 255)}.{random.randrange(255)}"
        self.started = []

    def host(self, number):
        return f"{self._net}.{number}"

    def start(self, number, *options, remotes=8, command=MODULE, **fields):
        """Start host `number`, which knows the hosts 1 to `remotes`."""
        path = self._folder / f"node{number}.config"
        path.write_text(node_config([self.host(known) for known in range(1, remotes + 1)], **fields))
        return self.start_from(path, self.host(number), *options, command=command)

    def start_from(self, path, host, *options, command=MODULE):
        root = str(Path(__file__).parents[3])
        environment = {**os.environ, "P2PPOOL_HOST_ADDRESS": host, "PYTHONPATH": root}
        running = Running(path, [*command, *options, "-n", str(path)], environment)
        self.started.append(running)
        return running

    def ring(self, count, *options, **fields):
        """`count` processes that form a whole ring."""
        started = [self.start(number, *options, **fields) for number in range(1, count + 1)]
        for running in started:
            running.wait_until_started()
        wait_for(lambda: is_whole(started))
        return started

    def end(self):
        for running in self.started:
            running.end()


def node_config(remotes, namespace="Tested", port=UDP_PORT, xmlrpc_port=0, extra=""):
    transports = "".join(f"<Transport>brunet.udp://{host}:{port}</Transport>" for host in remotes)
    return (
        '<?xml version="1.0"?>\n<NodeConfig>\n'
        f"  <BrunetNamespace>{namespace}</BrunetNamespace>\n"
        f"  <RemoteTAs>{transports}</RemoteTAs>\n"
        f'  <EdgeListeners><EdgeListener type="udp"><port>{port}</port></EdgeListener></EdgeListeners>\n'
        f"  <XmlRpcManager><Enabled>true</Enabled><Port>{xmlrpc_port}</Port></XmlRpcManager>\n"
        f"{extra}</NodeConfig>\n"
    )


def neighbors(processes):
    """What every node of `processes` names, by address."""
    return {
        own: running.ask("localproxy", "sys:link.GetNeighbors", path=f"/{own}")
        for running in processes
        for own in running.addresses()
    }


def is_whole(processes):
    """Whether every node names exactly its true neighbours: consistency 1.0, and nobody is missing."""
    named = neighbors(processes)
    ring = sorted(map(address.parse, named))
    for own, names in named.items():
        names.pop("shortcut", None)
        number = address.parse(own)
        truth = {"self": number, **true_neighbors(ring, number)}
        if names != {name: address.write(node) for name, node in truth.items()}:
            return False
    return True


def wait_for(condition):
    """What `condition` gives once it is true; fails after DEADLINE."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError("the condition was not met in time")


def address_in(path):
    return config.load(str(path)).address
