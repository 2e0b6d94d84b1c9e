"""Whole processes: how they start, form rings, die, leave and refuse to start."""

import concurrent.futures
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import p2ppool.node
from p2ppool.node import address
from tests.unit.node.processes import DEADLINE, UDP_PORT, address_in, is_whole, neighbors, wait_for

pytestmark = pytest.mark.slow

STARTER = "import sys\nfrom p2pnode.__main__ import main\nsys.exit(main())\n"


def finish(running):
    """The exit status, and what went to standard error as lines."""
    return running.process.wait(timeout=DEADLINE), running.err().splitlines()


def working(python):
    """The full path of `python` if it runs here."""
    path = shutil.which(python)
    works = path and subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0
    return path if works else None


def test_eight_processes_form_a_whole_ring(processes):
    ring = processes.ring(8)
    assert len(neighbors(ring)) == 8


def test_a_crawl_by_proxy_finds_every_node(processes):
    ring = processes.ring(6)
    everyone = {name for running in ring for name in running.addresses()}
    found = {name: ring[0].ask("proxy", name, 3, 1, "sys:link.GetNeighbors") for name in everyone}
    assert {answer["self"] for (answer,) in found.values()} == everyone


def test_a_process_says_which_nodes_it_starts(processes):
    running = processes.start(1, namespace="G8").wait_until_started()
    (name,) = running.addresses()
    assert running.out().startswith("Starting at ")
    assert running.out().endswith(f", {name} is connecting to G8.\n")


def test_a_node_keeps_its_address(processes):
    first = processes.start(1).wait_until_started()
    names = first.addresses()
    assert [address.write(address_in(first.path))] == names
    first.end()
    again = processes.start_from(first.path, processes.host(1)).wait_until_started()
    assert again.addresses() == names


def test_several_nodes_a_process_join_and_keep_their_addresses(processes):
    ring = processes.ring(2, "-c", "5")
    names = ring[0].addresses()
    assert len(neighbors(ring)) == 10
    assert ring[0].ask("listNodes", path="/xmserver.rem") == names
    ring[0].end()
    again = processes.start_from(ring[0].path, processes.host(1), "-c", "5").wait_until_started()
    assert again.addresses() == names


def test_two_namespaces_on_the_same_hosts_do_not_meet(processes):
    one = processes.start(1, namespace="One").wait_until_started()
    other = processes.start(2, namespace="Other").wait_until_started()
    third = processes.start(3, namespace="One").wait_until_started()
    wait_for(lambda: is_whole([one, third]))
    assert is_whole([other])


def test_after_kill_9_the_ring_heals(processes):
    ring = processes.ring(6)
    dead = ring.pop(2)
    (name,) = dead.addresses()
    dead.end()
    assert any(name in names.values() for names in neighbors(ring).values())
    wait_for(lambda: is_whole(ring))


def test_a_node_that_was_just_killed_is_silent(processes):
    ring = processes.ring(5)
    dead = ring.pop()
    (name,) = dead.addresses()
    dead.end()
    assert ring[0].ask("proxy", name, 3, 1, "Information.Info") == []
    assert [
        answer["self"]
        for answer in wait_for(lambda: ring[0].ask("proxy", name, 3, 1, "sys:link.GetNeighbors"))
    ] != [name]


def test_sigint_is_a_polite_leave(processes):
    ring = processes.ring(5)
    leaving = ring.pop(1)
    leaving.process.send_signal(signal.SIGINT)
    assert leaving.process.wait(timeout=DEADLINE) == 0
    wait_for(lambda: is_whole(ring))
    assert "Traceback" not in leaving.err()


def test_sigint_while_a_call_waits_for_a_dead_node_is_polite_too(processes):
    one, other = processes.ring(2)
    (name,) = other.addresses()
    other.end()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = pool.submit(one.ask, "proxy", name, 3, 2, "Information.Info")
        with pytest.raises(concurrent.futures.TimeoutError):
            waiting.result(timeout=0.5)
        one.process.send_signal(signal.SIGINT)
        status, lines = finish(one)
        assert waiting.exception()
    assert status == 0
    assert all("XML-RPC on port" in line for line in lines)


def test_sigint_right_after_the_start_is_polite_too(processes):
    running = processes.start(1).wait_until_started()
    running.process.send_signal(signal.SIGINT)
    status, lines = finish(running)
    assert status == 0
    assert not any("Traceback" in line for line in lines)


def test_sigterm_ends_at_once(processes):
    running = processes.start(1).wait_until_started()
    running.process.terminate()
    assert running.process.wait(timeout=DEADLINE) == -signal.SIGTERM


def test_a_busy_udp_port_is_named(processes):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as busy:
        busy.bind((processes.host(1), UDP_PORT))
        status, lines = finish(processes.start(1))
    assert status == 1
    assert lines == [f"cannot listen on UDP port {UDP_PORT} of {processes.host(1)}: Address already in use"]


def test_a_busy_xml_rpc_port_is_named(processes):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        running = processes.start(1, xmlrpc_port=port)
        status, lines = finish(running)
    assert status == 1
    assert lines == [f"cannot listen on XML-RPC port {port} of 127.0.0.1: Address already in use"]
    assert address_in(running.path) is None


def test_a_config_that_cannot_be_read_is_named(processes, tmp_path):
    missing = tmp_path / "missing.config"
    status, lines = finish(processes.start_from(missing, processes.host(1)))
    assert status == 255
    assert lines == [f"Invalid NodeConfig file: {missing}: No such file or directory"]


@pytest.mark.parametrize("count", ["0", "-1", "x", "1000", ""])
def test_a_bad_count_is_named(processes, count):
    status, lines = finish(processes.start(1, f"--count={count}"))
    assert status == 255
    assert len(lines) == 1
    assert repr(count) in lines[0]


def test_what_is_ignored_is_logged(processes):
    security = "<Security><Enabled>true</Enabled></Security>"
    remotes = "<RemoteTAs><Transport>carrier pigeon</Transport></RemoteTAs>"
    running = processes.start(1, extra=security + remotes).wait_until_started()
    wait_for(lambda: "Security is enabled" in running.err())
    assert "'carrier pigeon' is ignored" in running.err()


def test_a_name_that_does_not_resolve_is_logged_and_harms_nobody(processes):
    remotes = "<RemoteTAs><Transport>brunet.udp://nowhere.invalid:15000/</Transport></RemoteTAs>"
    running = processes.start(1, extra=remotes).wait_until_started()
    wait_for(lambda: "nowhere.invalid:15000 is ignored" in running.err())
    other = processes.start(2).wait_until_started()
    wait_for(lambda: is_whole([running, other]))


@pytest.mark.parametrize("python", [sys.executable, "python3.8"])
def test_the_folder_runs_alone_under_another_name(processes, tmp_path, python):
    interpreter = working(python)
    if not interpreter:
        pytest.skip(f"there is no {python} here")
    shutil.copytree(Path(p2ppool.node.__file__).parent, tmp_path / "p2pnode")
    (tmp_path / "P2PNode.py").write_text(STARTER)
    ring = processes.ring(3, command=(interpreter, str(tmp_path / "P2PNode.py")))
    assert len(neighbors(ring)) == 3
    ring[2].process.send_signal(signal.SIGINT)
    assert ring[2].process.wait(timeout=DEADLINE) == 0
    assert "Traceback" not in "".join(running.err() for running in ring)
