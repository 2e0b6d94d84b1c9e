"""From a stop to the last SSH connection of the install that it preempts closed, by the hosts' own clocks.

64 slow hosts are in the middle of an upload. Ours is the demo's scenario with everything that a stop goes
through: Prefect's API, the dispatcher, the ticket, the process that acts. The peer is a script that uploads
with paramiko in a thread pool and is told by a signal to close its clients.
"""

import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import paramiko

from p2ppool.demo.hosts import USER, DemoHosts
from tests.lab.hosts.keys import SshKey
from tests.lab.manager.manager import free_ports
from tests.lab.waiting import eventually

HOSTS = 64
BYTES_PER_SECOND = 8000
PATIENCE = 120


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        peer = of_the_script(Path(folder))
        print(f"paramiko in threads: {peer:6.2f} s from the signal to the last connection closed")
        ours = of_the_scenario(Path(folder))
        print(f"p2ppool:             {ours:6.2f} s from the request to the last connection closed")
    print(f"ratio                {peer / ours:6.1f}")


def of_the_scenario(folder: Path) -> float:
    ports = dict(zip(("PREFECT", "WEB", "DEMO_SSH"), free_ports(3), strict=True))
    settings = {f"P2PPOOL_{name}_PORT": str(port) for name, port in ports.items()}
    report = folder / "report.json"
    subprocess.run(
        [
            *(sys.executable, "-m", "p2ppool", "demo", "--hosts", str(HOSTS)),
            *("--scenario", "preemption", "--once", "--json", str(report)),
        ],
        env={
            **os.environ,
            **settings,
            "P2PPOOL_DATA_FOLDER": str(folder / "data"),
            "P2PPOOL_DEMO_FIRST_ADDRESS": "127.64.0.1",
            "P2PPOOL_SSH_WORKERS": str(HOSTS),
        },
        stdout=subprocess.DEVNULL,
        check=True,
    )
    found = json.loads(report.read_text())
    if found["overlaps"] or found["work_after_stop"]:
        sys.exit(f"something acted after the stop: {found}")
    return found["stop_to_last_ssh_closed_seconds"]


def of_the_script(folder: Path) -> float:
    key = SshKey.generate()
    with DemoHosts(
        folder / "hosts",
        HOSTS,
        authorized_key=key.public_line,
        port=0,
        first_address="127.63.0.1",
        bytes_per_second=BYTES_PER_SECOND,
    ) as hosts:
        (folder / "key").write_bytes(key.private_pem)
        script = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.stop", str(folder / "key"), *hosts.addresses]
        )
        eventually(lambda: len(read_events(hosts, "command")) == HOSTS, PATIENCE)
        told = time.time()
        script.send_signal(signal.SIGTERM)
        eventually(lambda: len(read_events(hosts, "closed")) == HOSTS, PATIENCE)
        script.wait(PATIENCE)
        return max(event.t for event in read_events(hosts, "closed")) - told


def read_events(hosts: DemoHosts, kind: str) -> list:
    return [event for event in hosts.events() if event.event == kind]


def script(key_file: str, *addresses: str) -> None:
    """As such scripts are written: a signal closes every client, and the pool waits for its threads."""
    key = paramiko.Ed25519Key.from_private_key(io.StringIO(Path(key_file).read_text()))
    clients: list[paramiko.SSHClient] = []

    def upload(address: str) -> None:
        host, port = address.split(":")
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect(host, int(port), USER, pkey=key, look_for_keys=False, allow_agent=False, timeout=60)
        clients.append(client)
        stdin, _, _ = client.exec_command("cat >/dev/null")
        stdin.channel.sendall(bytes(50_000_000))

    def close(*_: object) -> None:
        for client in clients:
            client.close()

    signal.signal(signal.SIGTERM, close)
    with ThreadPoolExecutor(HOSTS) as pool:
        futures = [pool.submit(upload, address) for address in addresses]
        while wait(futures, timeout=0.5).not_done:
            pass


if __name__ == "__main__":
    script(*sys.argv[1:])
