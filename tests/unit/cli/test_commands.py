"""The command line as a user meets it: one line where something is wrong, nothing half-done."""

import io
import json
import os
import socket
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from importlib import metadata

import pytest
import typer

from p2ppool.cli import app, main
from p2ppool.settings import settings
from tests.lab.hosts.keys import SshKey


@dataclass
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(data_folder_with_tables, monkeypatch, capsys, free_port):
    """Runs `p2ppool …` in this process, with a data folder of its own and no Prefect server."""
    monkeypatch.setenv("P2PPOOL_PREFECT_PORT", str(free_port))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments, **environment):
        for variable, value in environment.items():
            monkeypatch.setenv(variable, value)
        settings.cache_clear()
        monkeypatch.setattr(sys, "argv", ["p2ppool", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return Done(ended.value.code or 0, *capsys.readouterr())

    return run


@pytest.fixture
def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def key_file(tmp_path):
    file = tmp_path / "id_demo"
    file.write_bytes(SshKey.generate().private_pem)
    return file


@pytest.fixture
def hosts_file(tmp_path):
    file = tmp_path / "hosts.txt"
    file.write_text("127.0.0.1\n")
    return file


def refusal(done):
    """The one line of a refusal."""
    assert done.returncode == 1, done
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


def test_it_says_which_version_it_is(run):
    assert run("--version").stdout == f"p2ppool {metadata.version('p2ppool')}\n"


def test_a_package_is_shown_with_what_bundles_adapt(run, tmp_path):
    with zipfile.ZipFile(tmp_path / "old.zip", "w") as archive:
        archive.writestr("P2PNode.exe", b"MZ\x1d" + "/sbin/ifconfig".encode("utf-16-le") + b"\0")
    run("package", "add", "old", tmp_path / "old.zip")
    [adapted] = json.loads(run("package", "show", "old", "--json").stdout)["adapted"]
    assert adapted["file"] == "P2PNode.exe"
    assert "P2PNode.exe: starts /sbin/ifconfig" in run("package", "show", "old").stdout
    run("package", "add", "node", "--reference-node")
    assert "adapts      nothing" in run("package", "show", "node").stdout
    assert "no 'absent' was added" in refusal(run("package", "show", "absent"))


def test_a_package_is_added_once_and_listed(run):
    for _ in range(2):
        assert run("package", "add", "node", "--reference-node", "--version", "1").returncode == 0
    (row,) = json.loads(run("package", "list", "--json").stdout)
    assert (row["name"], row["version"], row["runtime"]) == ("node", "1", "python3")


def test_a_key_is_listed_by_its_fingerprint_and_lies_encrypted(run, key_file, data_folder):
    assert run("key", "add", "demo", key_file).returncode == 0
    (row,) = json.loads(run("key", "list", "--json").stdout)
    assert row["fingerprint"].startswith("SHA256:")
    secret = key_file.read_bytes().split(b"\n")[2]
    assert all(secret not in file.read_bytes() for file in data_folder.rglob("*") if file.is_file())


def test_lists_say_what_to_do_where_they_are_empty(run):
    assert "p2ppool pool create" in run("pool", "list").stdout
    assert json.loads(run("pool", "list", "--json").stdout) == []
    assert "p2ppool key add" in run("key", "list").stdout


def a_zip(**members):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return data.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"no zip at all", "zip"),
        (a_zip(readme="nothing to start"), "P2PNode.exe"),
        (a_zip(**{"..__evil": "x", "P2PNode.exe": "x"}), ".."),
    ],
)
def test_a_bad_zip_is_refused_and_leaves_nothing(run, data_folder, tmp_path, content, says):
    (tmp_path / "bad.zip").write_bytes(content)
    assert says in refusal(run("package", "add", "bad", tmp_path / "bad.zip"))
    assert json.loads(run("package", "list", "--json").stdout) == []
    assert not list(data_folder.rglob("*.zip"))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": "a;rm -rf /"}, "name 'a;rm -rf /'"),
        ({"name": "../x"}, "name '../x'"),
        ({"name": ""}, "name ''"),
        ({"name": "x" * 300}, "1 to 32 letters"),
        ({"--package": "absent"}, "absent"),
        ({"--package": "absent.zip"}, "absent.zip"),
        ({"--ssh-key": "absent"}, "absent"),
        ({"--ssh-key": "/nowhere/key"}, "/nowhere/key: No such file or directory"),
        ({"--hosts": "/nowhere/hosts"}, "/nowhere/hosts: No such file or directory"),
        ({"--udp-port": "99999"}, "99999"),
        ({"--install-path": "/"}, "install path '/'"),
        ({}, "no Prefect server at"),
    ],
)
def test_a_pool_that_cannot_be_made_leaves_nothing(run, key_file, hosts_file, changes, says):
    run("package", "add", "node", "--reference-node")
    run("key", "add", "demo", key_file)
    options = {"--hosts": hosts_file, "--package": "node", "--ssh-key": "demo", "--ssh-user": "p2p"}
    options |= {option: value for option, value in changes.items() if option.startswith("--")}
    flat = [word for pair in options.items() for word in pair]
    assert says in refusal(run("pool", "create", *flat, "--", changes.get("name", "demo")))
    assert json.loads(run("pool", "list", "--json").stdout) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("127.0.0.1\nwhat is this\n", "line 2"),
        ("127.0.0.1\n\n# again\n127.0.0.1\n", "line 4"),
        ("no-such-host.invalid\n", "line 1"),
        ("127.0.0.1:99999\n", "line 1"),
        ("", "host"),
    ],
)
def test_a_bad_hosts_file_is_refused_by_line(run, key_file, tmp_path, text, says):
    hosts = tmp_path / "bad-hosts.txt"
    hosts.write_text(text)
    options = ["--hosts", hosts, "--package", "node", "--ssh-key", key_file, "--ssh-user", "p2p"]
    run("package", "add", "node", "--reference-node")
    assert says in refusal(run("pool", "create", "demo", *options))
    assert json.loads(run("key", "list", "--json").stdout) == []


def test_an_unknown_pool_is_one_line(run):
    assert "no pool is named 'absent'" in refusal(run("pool", "status", "absent"))
    assert "no pool is named 'absent'" in refusal(run("pool", "crawl", "absent"))


@pytest.mark.parametrize("setting", ["P2PPOOL_PREFECT_PORT", "P2PPOOL_WEB_PORT"])
def test_a_busy_port_is_named_and_nothing_is_started(data_folder, setting, free_port):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = str(busy.getsockname()[1])
        command = [sys.executable, "-m", "p2ppool", "up"]
        # The other one is not that of a manager that runs here, either.
        environment = {**os.environ, "P2PPOOL_PREFECT_PORT": str(free_port), setting: port}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
    line = refusal(done)
    assert f"port {port}" in line
    assert setting in line
    assert not data_folder.exists()


def test_a_setting_that_cannot_be_used_is_one_line(run):
    assert "P2PPOOL_WEB_PORT" in refusal(run("pool", "list", P2PPOOL_WEB_PORT="none"))


def test_settings_are_listed_without_secrets(run):
    done = run("settings", "--json", P2PPOOL_VAULT_KEY="s3cret-s3cret")
    rows = {row["variable"]: row["value"] for row in json.loads(done.stdout)}
    assert rows["P2PPOOL_WEB_PORT"] == "8050"
    assert "s3cret" not in done.stdout


@pytest.mark.slow
def test_this_machine_s_mono_is_added_once_and_listed(run, mono):
    for _ in range(2):
        assert f"({os.uname().machine}, " in run("runtime", "add", "mono").stdout
    (row,) = json.loads(run("runtime", "list", "--json").stdout)
    assert row["version"] == f"{mono.version}-{row['digest'][:12]}"


def test_a_runtime_that_is_not_installed_is_one_line(run, tmp_path):
    line = refusal(run("runtime", "add", "mono", PATH=str(tmp_path)))
    assert line.startswith("p2ppool: mono is not installed on this machine: apt install mono-runtime ")


OLD = {
    ("user", "add", "ann", "--link"): ("user create", "a link for ann, which works once"),
    ("user", "remove", "ann"): ("user delete", "no user named 'ann'"),
    ("schedule", "remove", "demo", "crawl"): ("schedule delete", "no pool is named 'demo'"),
    ("hosts",): ("host list", "no hosts yet"),
    ("host", "node01", "--pool", "demo"): ("host show", "no pool is named 'demo'"),
}
"""Commands by an old name: the new one, and what the command says."""


@pytest.mark.parametrize("old", OLD, ids=" ".join)
def test_an_old_name_does_the_same_and_says_the_new_one(run, old):
    new, said = OLD[old]
    done = run(*old)
    assert done.stderr.startswith(f"p2ppool: this command is now `p2ppool {new}`; the old name will be")
    assert said in done.stdout + done.stderr


def test_no_old_name_shows():
    command = typer.main.get_command(app)
    assert command.commands["hosts"].hidden
    assert command.commands["user"].commands["add"].hidden
