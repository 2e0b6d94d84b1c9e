"""Keys in an SSH agent, and certificates: logins at a real sshd, with a real ssh-agent and ssh-keygen."""

import getpass
import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from p2ppool.cancel import CancelToken
from p2ppool.errors import UserError
from p2ppool.fleet.agent import verbs
from p2ppool.fleet.fan_out.fan_out import fan_out
from p2ppool.fleet.host.limits import FleetLimits
from p2ppool.fleet.host.outcome import ErrorKind
from p2ppool.fleet.host.target import Target
from p2ppool.fleet.transport.login import Login
from p2ppool.keys.keyring import add_agent_key, add_key, load_key, set_certificate
from p2ppool.store.unit_of_work import UnitOfWork
from p2ppool.store.vault import Vault, new_key
from tests.lab.manager.manager import free_ports
from tests.lab.skipping import skip_unless_ci
from tests.lab.waiting import eventually
from tests.unit.fleet.bundles import folder_request

SSHD = shutil.which("sshd", path="/usr/sbin:/sbin:/usr/local/sbin")
pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]


@pytest.fixture(autouse=True)
def _tools():
    skip_unless_ci(None if SSHD and shutil.which("ssh-agent") else "no sshd or no ssh-agent is installed")


def keygen(*arguments):
    subprocess.run(["ssh-keygen", "-q", *map(str, arguments)], check=True, capture_output=True)


@pytest.fixture
def folder(tmp_path):
    for name in ("host", "user", "other", "authority"):
        keygen("-t", "ed25519", "-N", "", "-f", tmp_path / name)
    return tmp_path


@contextmanager
def sshd(folder, *settings):
    """An sshd of this user on loopback; gives its port."""
    [port] = free_ports(1)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # without it, root's sshd does not start
    lines = [
        *(f"Port {port}", "ListenAddress 127.0.0.1", f"HostKey {folder}/host", "UsePAM no", "StrictModes no"),
        *(f"PidFile {folder}/sshd.pid", "PermitRootLogin yes", "PasswordAuthentication no", *settings),
    ]
    (folder / "sshd_config").write_text("\n".join(lines) + "\n")
    with subprocess.Popen([SSHD, "-D", "-f", folder / "sshd_config"], stderr=subprocess.DEVNULL) as process:
        try:
            eventually((folder / "sshd.pid").exists, 30)
            yield port
        finally:
            process.terminate()


@pytest.fixture
def agent(folder, monkeypatch):
    """An ssh-agent with two keys."""
    socket = folder / "agent"
    with subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL) as process:
        try:
            eventually(socket.exists, 30)
            monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
            for name in ("user", "other"):
                subprocess.run(["ssh-add", "-q", folder / name], check=True, capture_output=True)
            yield socket
        finally:
            process.terminate()


@pytest.fixture
def vault():
    return Vault.open(None, SecretStr(new_key()))


def outcomes(port, key, folder, count=1):
    """Log in to the same sshd as `count` hosts at the same time."""
    targets = [
        Target(key=number, name=str(number), address="127.0.0.1", port=port, host_key=None)
        for number in range(count)
    ]
    request = folder_request(folder / "p2p")
    login = Login(getpass.getuser(), key)
    found = fan_out(targets, lambda there: verbs.check(there, request), login, FleetLimits(), CancelToken())
    return [outcome.error for outcome in found]


def test_the_agent_signs_many_logins_at_the_same_time_and_keeps_its_key(folder, agent, engine, vault):
    with UnitOfWork(engine) as work:
        row = add_agent_key(work, "lab", (folder / "user.pub").read_text())
        work.commit()
        assert row.sealed == b""
        key = load_key(work, vault, "lab")
    with sshd(folder, f"AuthorizedKeysFile {folder}/user.pub", "MaxStartups 100") as port:
        assert outcomes(port, key, folder, 16) == [None] * 16


def test_one_of_several_keys_has_to_be_named(folder, agent, engine):
    with UnitOfWork(engine) as work, pytest.raises(UserError, match="it holds several keys; name the file"):
        add_agent_key(work, "lab", None)
    subprocess.run(["ssh-add", "-q", "-d", folder / "other"], check=True, capture_output=True)
    with UnitOfWork(engine) as work:
        assert add_agent_key(work, "lab", None).public_line in (folder / "user.pub").read_text()


def test_a_key_that_the_agent_has_lost_is_one_line(folder, agent, engine, vault, monkeypatch):
    with UnitOfWork(engine) as work:
        add_agent_key(work, "lab", (folder / "user.pub").read_text())
        subprocess.run(["ssh-add", "-q", "-D"], check=True, capture_output=True)
        with pytest.raises(UserError, match="SSH agent: it does not hold that key; add it by ssh-add"):
            load_key(work, vault, "lab")
        monkeypatch.delenv("SSH_AUTH_SOCK")
        with pytest.raises(UserError, match="SSH agent: none is known, as SSH_AUTH_SOCK is not set"):
            load_key(work, vault, "lab")


def sign(folder, name, *options):
    """The certificate of a key by the authority."""
    keygen("-s", folder / "authority", "-I", "lab", *options, folder / f"{name}.pub")
    return (folder / f"{name}-cert.pub").read_bytes()


@pytest.mark.parametrize("where", ["vault", "agent"])
def test_a_certificate_signs_in_where_the_key_alone_does_not(folder, agent, engine, vault, where):
    certificate = sign(folder, "user", "-n", getpass.getuser(), "-V", "+1h")
    with UnitOfWork(engine) as work:
        if where == "vault":
            row = add_key(work, vault, "lab", (folder / "user").read_bytes())
        else:
            row = add_agent_key(work, "lab", (folder / "user.pub").read_text())
        bare = load_key(work, vault, "lab")
        set_certificate(row, certificate)
        work.commit()
        certified = load_key(work, vault, "lab")
    trust = (f"TrustedUserCAKeys {folder}/authority.pub", "AuthorizedKeysFile none")
    with sshd(folder, *trust) as port:
        assert outcomes(port, bare, folder) == [ErrorKind.AUTH_REFUSED]
        assert outcomes(port, certified, folder) == [None]


def test_a_certificate_that_cannot_work_is_refused(folder, engine, vault):
    made = {
        "it belongs to another key": sign(folder, "other", "-n", "x", "-V", "+1h"),
        "it has expired": sign(folder, "user", "-n", "x", "-V", "20200101:20200102"),
        "it is for hosts, not for users": sign(folder, "user", "-h", "-n", "x", "-V", "+1h"),
        "it is none in OpenSSH's form": (folder / "user.pub").read_bytes(),
    }
    with UnitOfWork(engine) as work:
        row = add_key(work, vault, "lab", (folder / "user").read_bytes())
        for message, data in made.items():
            with pytest.raises(UserError, match=message):
                set_certificate(row, data)
        assert row.certificate is None


def test_the_agent_that_does_not_answer_is_one_line(engine, monkeypatch, tmp_path):
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "nobody"))
    with UnitOfWork(engine) as work, pytest.raises(UserError, match=r"^SSH agent: ") as raised:
        add_agent_key(work, "lab", None)
    assert "\n" not in str(raised.value)
