"""A ring of real reference nodes: processes on loopback addresses, every port given by the system."""

import os
import re
import signal
import subprocess
import sys

from p2ppool.overlay.gateway import Gateway
from tests.lab.waiting import eventually

ADDRESS_VARIABLE = "P2PPOOL_HOST_ADDRESS"
CONFIG = """<?xml version="1.0" encoding="utf-8"?>
<NodeConfig>
  <BrunetNamespace>ring-lab</BrunetNamespace>
  <RemoteTAs>{seeds}</RemoteTAs>
  <EdgeListeners><EdgeListener type="udp"><port>0</port></EdgeListener></EdgeListeners>
  <XmlRpcManager><Enabled>{local}</Enabled><Port>0</Port></XmlRpcManager>
</NodeConfig>
"""


def start_ring(size, tmp_path, nodes_per_process=1):
    """`size` running processes, of which number 0 is the local node; they may not have met yet."""
    ring = Ring(tmp_path, nodes_per_process)
    try:
        ring.start_local()
        for _ in range(size - 1):
            ring.start()
    except BaseException:
        ring.stop()
        raise
    return ring


class Ring:
    """Use as a context manager: leaving it ends every process.

    Attributes:
        processes: one Popen each, in the order in which they were started.
        gateway_port: TCP port of the local node's XML-RPC on 127.0.0.1.
    """

    def __init__(self, folder, nodes_per_process):
        self.processes = []
        self.gateway_port = 0
        self._folder = folder
        self._nodes_per_process = nodes_per_process
        self._seed = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def gateway(self, timeout=10.0):
        """A client of the local node."""
        return Gateway(port=self.gateway_port, timeout=timeout)

    def addresses(self, number):
        """The overlay addresses of the nodes of one process."""
        said = self._log(number)
        return eventually(lambda: re.findall(r"(brunet:node:\w+) is connecting", said.read_text()))

    def start_local(self):
        """Start the process that has the gateway, and that the others join by."""
        self._start("true")
        log = self._log(0)
        port = eventually(lambda: re.search(r"XML-RPC on port (\d+)", log.read_text()) or self._still_runs(0))
        self.gateway_port = int(port[1])
        with self.gateway() as gateway:
            own = gateway.neighbours()["self"]
            self._seed = gateway._remote(own, "sys:link.GetNodeInfo", None)["transports"][0]

    def start(self):
        """Start one more process; returns its number."""
        return self._start("false")

    def kill(self, number):
        """The process dies without a word."""
        self.processes[number].kill()
        self.processes[number].wait(30)

    def leave(self, number):
        """The process leaves the overlay politely."""
        self.processes[number].send_signal(signal.SIGINT)
        assert self.processes[number].wait(30) == 0, self._log(number).read_text()

    def stop(self):
        """End all processes."""
        for number in range(len(self.processes)):
            self.kill(number)

    def _start(self, local):
        number = len(self.processes)
        config = self._folder / f"node-{number}.config"
        seeds = f"<Transport>{self._seed}</Transport>" if self._seed else ""
        config.write_text(CONFIG.format(seeds=seeds, local=local))
        command = [sys.executable, "-m", "p2ppool.node", "-c", str(self._nodes_per_process), "-n", config]
        own_address = os.environ | {ADDRESS_VARIABLE: f"127.0.77.{number + 1}"}
        with self._log(number).open("w") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=own_address
            )
        self.processes.append(process)
        return number

    def _log(self, number):
        return self._folder / f"node-{number}.log"

    def _still_runs(self, number):
        assert self.processes[number].poll() is None, self._log(number).read_text()
