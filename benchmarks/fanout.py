"""A verified upload of 2 MB to 64 hosts, beside plain paramiko in a thread pool; then with 16 dead added.

All hosts are one OpenSSH server on loopback: it shares this machine's processors with both sides.
"""

import getpass
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import paramiko

from p2ppool.cancel import CancelToken
from p2ppool.fleet.fan_out.fan_out import fan_out
from p2ppool.fleet.host.limits import FleetLimits
from p2ppool.fleet.host.target import Target
from p2ppool.fleet.transport.connection import Connection
from p2ppool.fleet.transport.login import Login
from tests.lab.hosts import faults
from tests.lab.hosts.keys import SshKey
from tests.lab.waiting import eventually

HOSTS = 64
ADDRESSES = 16  # as many as one sshd listens on
DEAD = 16
WORKERS = 16
TIMEOUT = 5.0
DATA = os.urandom(2_000_000)
DIGEST = hashlib.sha256(DATA).hexdigest()
USER = getpass.getuser()
CONFIG = """
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
MaxStartups 500
Subsystem sftp internal-sftp
"""

Address = tuple[str, int]
Job = Callable[[list[Address], paramiko.PKey, Path], int]


def main() -> None:
    keys = SshKey.generate()
    key = paramiko.Ed25519Key.from_private_key(io.StringIO(keys.private_pem.decode()))
    with tempfile.TemporaryDirectory() as name, faults.swallowed() as dead:
        folder = Path(name)
        with sshd(folder, keys.public_line) as alive:
            every = HOSTS // DEAD
            mixed = [there for at in range(0, HOSTS, every) for there in (dead, *alive[at : at + every])]
            for title, addresses in (("all alive", alive), (f"{DEAD} more dead", mixed)):
                compare(title, addresses, key, folder)


@contextmanager
def sshd(folder: Path, public_line: str) -> Iterator[list[Address]]:
    """An OpenSSH server of the calling user's; where its hosts, each there several times, listen."""
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if not program:
        sys.exit("this benchmark needs OpenSSH's sshd")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "host_key"], check=True)
    (folder / "authorized_keys").write_text(public_line)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(
            mode=0o755, exist_ok=True
        )  # what sshd of root insists on; its service makes it
    log = folder / "log"
    log.touch()
    with faults.refused() as (_, port):  # a port that is free, here at another address
        addresses = [(f"127.63.0.{number}", port) for number in range(1, ADDRESSES + 1)]
        listen = "".join(f"ListenAddress {host}:{port}\n" for host, _ in addresses)
        (folder / "sshd_config").write_text(listen + CONFIG.format(folder=folder))
        with subprocess.Popen([program, "-D", "-f", folder / "sshd_config", "-E", log]) as server:
            try:
                eventually(lambda: log.read_text().count("listening") == ADDRESSES)
                yield addresses * (HOSTS // ADDRESSES)
            finally:
                server.terminate()


def compare(title: str, addresses: list[Address], key: paramiko.PKey, folder: Path) -> None:
    their_rate, their_cpu = measure(plain, addresses, key, folder)
    print(f"{title:14} paramiko {their_rate:6.1f} hosts/s {their_cpu:6.1f} ms of manager's CPU a host")
    my_rate, my_cpu = measure(ours, addresses, key, folder)
    print(f"{title:14} p2ppool  {my_rate:6.1f} hosts/s {my_cpu:6.1f} ms of manager's CPU a host")
    print(f"{title:14} ratio    {my_rate / their_rate:6.2f} hosts/s {my_cpu / their_cpu:6.2f} CPU")


def measure(side: Job, addresses: list[Address], key: paramiko.PKey, folder: Path) -> tuple[float, float]:
    """Hosts a second, and milliseconds of this process's CPU time a host."""
    start, cpu = time.monotonic(), time.process_time()
    done = side(addresses, key, folder)
    if done != HOSTS:
        sys.exit(f"{side.__name__}: {done} of {HOSTS} hosts were served")
    return done / (time.monotonic() - start), (time.process_time() - cpu) * 1000 / done


def check(path: str) -> str:
    return f"sha256sum {path} | grep -q {DIGEST}"


def ours(addresses: list[Address], key: paramiko.PKey, folder: Path) -> int:
    def upload(connection: Connection) -> Mapping[str, str]:
        """Streamed into the command that stores and checks it."""
        path = f"{folder}/{connection.target.key}"
        with connection.session(f"head -c {len(DATA)} >{path} && {check(path)} && echo stored") as session:
            session.send(DATA)
            return dict.fromkeys(session.lines(), "")

    targets = [Target(number, address[0], *address, None) for number, address in enumerate(addresses)]
    limits = FleetLimits(workers=WORKERS, connect_timeout=TIMEOUT)
    outcomes = fan_out(targets, upload, Login(USER, key), limits, CancelToken())
    return sum("stored" in outcome.facts for outcome in outcomes)


def plain(addresses: list[Address], key: paramiko.PKey, folder: Path) -> int:
    with ThreadPoolExecutor(WORKERS) as pool:
        paths = (f"{folder}/{number}" for number in range(len(addresses)))
        return sum(pool.map(lambda address, path: put(address, key, path), addresses, paths))


def put(address: Address, key: paramiko.PKey, path: str) -> bool:
    """As scripts do it: a client, SFTP, then a command."""
    with paramiko.SSHClient() as client:
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        try:
            client.connect(*address, USER, pkey=key, timeout=TIMEOUT, look_for_keys=False, allow_agent=False)
        except TimeoutError:
            return False
        with client.open_sftp() as sftp:
            sftp.putfo(io.BytesIO(DATA), path)
        _, stdout, _ = client.exec_command(check(path))
        return stdout.channel.recv_exit_status() == 0


if __name__ == "__main__":
    main()
