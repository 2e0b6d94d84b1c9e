"""What a node needs and a host may lack is seen before anything is changed there."""

import os
import socket
import subprocess
import sys
from dataclasses import replace

import pytest

from p2ppool.fleet.agent import verbs
from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from tests.unit.fleet.bundles import folder_request, install_request

pytestmark = pytest.mark.slow

OLD = """eth0      Link encap:Ethernet  HWaddr 02:00:00:00:00:01
          inet addr:192.0.2.1  Bcast:192.0.2.255  Mask:255.255.255.0"""
NEW = """eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500
        inet 192.0.2.1  netmask 255.255.255.0  broadcast 192.0.2.255"""
LISTENS = """exec {python} -c '
import os, socket, time
one = socket.socket(type=socket.SOCK_DGRAM)
one.bind((os.environ["P2PPOOL_HOST_ADDRESS"], {port}))
time.sleep(1000)'"""


@pytest.fixture
def ifconfig(quick, tmp_path, monkeypatch):
    """Makes what the agent takes for /sbin/ifconfig; before the first call there is none."""
    path = tmp_path / "ifconfig"
    script = verbs.script().replace("IFCONFIG=/sbin/ifconfig ", f"IFCONFIG={path} ")
    assert str(path) in script
    monkeypatch.setattr(verbs, "script", lambda: script)

    def make(prints, mode=0o755):
        path.write_text(f"#!/bin/sh\ncat <<'END'\n{prints}\nEND\n")
        path.chmod(mode)

    return make


def brunet(base, **what):
    return replace(install_request(base, **what), needs_ifconfig=True)


def fault_of(verb, host, request):
    with pytest.raises(HostFault) as raised:
        verb(host, request)
    return raised.value


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize("verb", [verbs.preflight, verbs.install])
def test_brunet_needs_an_ifconfig_that_it_can_read(host, base, ifconfig, verb):
    assert verbs.probe(host, folder_request(base))["ifconfig"] == "absent"
    assert fault_of(verb, host, brunet(base)).kind is ErrorKind.NO_IFCONFIG
    ifconfig(OLD, mode=0o644)
    assert fault_of(verb, host, brunet(base)).kind is ErrorKind.NO_IFCONFIG
    ifconfig(NEW)
    assert verbs.probe(host, folder_request(base))["ifconfig"] == "new"
    fault = fault_of(verb, host, brunet(base))
    assert fault.kind is ErrorKind.UNREADABLE_IFCONFIG
    assert "inet 192.0.2.1 netmask 255.255.255.0" in str(fault)
    ifconfig("")
    assert fault_of(verb, host, brunet(base)).kind is ErrorKind.UNREADABLE_IFCONFIG
    assert not base.exists()
    ifconfig(OLD)
    assert verbs.probe(host, folder_request(base))["ifconfig"] == "old"
    verb(host, brunet(base))


def test_what_is_not_brunet_needs_none(host, base, ifconfig):
    verbs.install(host, install_request(base))


def test_a_node_that_runs_as_it_should_is_left_alone_whatever_has_become_of_the_host(host, base, ifconfig):
    request = brunet(base)
    ifconfig(OLD)
    verbs.install(host, request)
    ifconfig(NEW)
    assert verbs.install(host, request)["changed"] == "no"


def bound(kind, address, port=0):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    one = socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
    one.bind((address, port))
    if kind == "tcp":
        one.listen()
    return one


def needing(base, kind, port, **what):
    return replace(install_request(base), ports=((kind, port),), **what)


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize("kind", ["udp", "tcp"])
@pytest.mark.parametrize("address", ["127.0.0.9", "0.0.0.0", "::"])
def test_a_port_that_somebody_else_has_is_reported_with_who_has_it(host, base, kind, address):
    with bound(kind, address) as taken:
        port = taken.getsockname()[1]
        fault = fault_of(verbs.install, host, needing(base, kind, port))
    assert fault.kind is ErrorKind.PORT_TAKEN
    assert f"{kind} port {port} is had by process {os.getpid()} (" in str(fault)
    assert not base.exists()
    verbs.preflight(host, needing(base, kind, port))


def test_another_host_s_address_is_in_brunet_s_way_only(host, base, ifconfig):
    ifconfig(OLD)
    with bound("udp", "127.0.0.8") as taken:
        port = taken.getsockname()[1]
        verbs.preflight(host, needing(base, "udp", port))
        fault = fault_of(verbs.preflight, host, needing(base, "udp", port, needs_ifconfig=True))
    assert fault.kind is ErrorKind.PORT_TAKEN


def test_a_connection_from_that_port_or_the_other_protocol_is_not_in_the_way(host, base):
    with bound("tcp", "127.0.0.9") as server, socket.socket() as client:
        client.bind(("127.0.0.9", 0))
        client.connect(server.getsockname())
        verbs.preflight(host, needing(base, "tcp", client.getsockname()[1]))
        verbs.preflight(host, needing(base, "udp", server.getsockname()[1]))


def test_the_port_of_the_folder_s_own_node_is_not_taken(host, base, node):
    with bound("udp", "127.0.0.9") as free:
        port = free.getsockname()[1]
    listens = LISTENS.format(python=sys.executable, port=port)
    verbs.install(host, replace(install_request(base, listens), ports=(("udp", port),)))
    verbs.preflight(host, needing(base, "udp", port))
    newer = replace(install_request(base, f"{listens} # newer"), ports=(("udp", port),))
    assert verbs.install(host, newer)["changed"] == "yes"
    assert node() is not None


@pytest.mark.parametrize("ports", [(("icmp", 1),), (("udp", 0),), (("tcp", 65536),)])
def test_ports_that_can_t_be_are_refused_on_this_side(base, ports):
    with pytest.raises(ValueError, match="not ports"):
        replace(install_request(base), ports=ports)


@pytest.mark.usefixtures("shell")
def test_check_reports_what_the_node_s_config_says(host, base):
    writes = "sed -i 's|</NodeConfig>|<NodeAddress>brunet:node:ABC</NodeAddress></NodeConfig>|' node.config"
    verbs.install(host, install_request(base, f"{writes}; exec sleep 1000"))
    facts = verbs.check(host, folder_request(base))
    assert (facts["address"], facts["namespace"], facts["config"]) == ("brunet:node:ABC", "test", "accepted")


def test_a_config_that_a_node_refuses_is_reported(host, base):
    refuses = "echo 'Invalid NodeConfig file: node.config'; exit 255"
    verbs.install(host, install_request(base, f"[ -e ../spoilt ] && {{ {refuses}; }}; exec sleep 1000"))
    (base / "spoilt").touch()
    verbs.stop(host, folder_request(base))
    assert fault_of(verbs.start, host, folder_request(base)).kind is ErrorKind.CONFIG_REFUSED
    assert verbs.check(host, folder_request(base))["config"] == "refused"


def test_two_processes_are_counted(host, base):
    verbs.install(host, install_request(base))
    environment = {**os.environ, "P2PPOOL_HOST_ADDRESS": "x"}
    with subprocess.Popen(
        ["sleep", "1000"], cwd=base / "node", env=environment, start_new_session=True
    ) as second:
        facts = verbs.check(host, folder_request(base))
        assert (facts["running"], facts["processes"]) == ("no", "2")
        verbs.install(host, install_request(base))
        second.wait(10)
    facts = verbs.check(host, folder_request(base))
    assert (facts["running"], facts["processes"]) == ("yes", "1")
