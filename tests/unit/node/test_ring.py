"""The ring as a whole, in a simulated network with a virtual clock; a minute passes in a second."""

import random

import pytest

from p2ppool.node import address, calls, links
from p2ppool.node.process import Process
from p2ppool.node.wire import LARGEST, LEAVE, MOST_HOPS, PING, PONG, Greeting, Packet, Peer, decode, encode
from tests.unit.node.simulation import Network

UNFRAGMENTED = 1400


def ring(count, seed=0, loss=0.0, nodes=1):
    network = Network(seed, loss)
    network.start(count, nodes)
    assert network.run_until(network.is_whole, 30) is not None
    return network


@pytest.mark.parametrize(("count", "seconds"), [(1, 1), (2, 1), (3, 1), (4, 1), (8, 2), (40, 4)])
def test_processes_that_start_together_soon_form_one_ring(count, seconds):
    network = Network(seed=count)
    network.start(count)
    assert network.run_until(network.is_whole, seconds) is not None


@pytest.mark.parametrize("seed", range(3))
def test_lost_datagrams_delay_a_ring_but_do_not_prevent_it(seed):
    network = Network(seed, loss=0.2)
    network.start(20)
    assert network.run_until(network.is_whole, 15) is not None


@pytest.mark.parametrize("seed", range(2))
def test_a_ring_stays_whole_though_one_datagram_in_twenty_is_lost(seed):
    network = ring(10, seed, loss=0.05)
    for _ in range(60):
        network.run(0.5)
        assert network.is_whole()


def test_nodes_that_start_one_after_the_other_each_find_their_place():
    network = Network()
    for _ in range(12):
        network.start()
        assert network.run_until(network.is_whole, 2.5) is not None


def test_one_known_host_is_enough_to_join_by():
    network = Network()
    first = network.start()
    network.start(11, seeds=first)
    assert network.run_until(network.is_whole, 5) is not None


def test_addresses_where_nobody_lives_only_delay_joining():
    network = Network()
    network.seeds.extend((f"10.9.0.{number}", 15000) for number in range(1, 25))
    network.start(8)
    assert network.run_until(network.is_whole, 15) is not None


def test_hundreds_of_addresses_make_no_storm():
    network = Network()
    network.seeds.extend((f"10.9.{number // 200}.{number % 200 + 1}", 15000) for number in range(500))
    network.start()
    network.run(60)
    assert network.sent < 150


def test_a_ring_at_rest_says_little():
    network = ring(24)
    network.run(10)
    before = network.sent
    network.run(10)
    assert (network.sent - before) / 10 / 24 < 25
    assert network.largest < UNFRAGMENTED


def test_several_nodes_behind_one_port_are_members_like_all_others():
    network = Network()
    network.start(4, nodes=5)
    assert network.run_until(network.is_whole, 10) is not None
    assert len(network.nodes()) == 20


@pytest.mark.parametrize("seed", range(8))
def test_several_nodes_behind_one_port_find_each_other_alone(seed):
    network = Network(seed)
    network.start(nodes=8)
    assert network.run_until(network.is_whole, 4) is not None


@pytest.mark.parametrize("seed", range(3))
def test_a_dead_node_is_noticed_and_the_ring_heals(seed):
    network = ring(12, seed)
    dead = next(iter(network.kill(network.seeds[seed]).nodes))
    network.run(1)
    assert network.names(dead)
    assert network.run_until(network.is_whole, 5) is not None
    assert not network.names(dead)


def test_neighbours_that_die_together_leave_no_lasting_gap():
    network = ring(24)
    by_address = sorted(network.processes, key=lambda host: min(network.processes[host].nodes))
    for host in by_address[5:8]:
        network.kill(host)
    assert network.run_until(network.is_whole, 6) is not None


def test_half_of_all_nodes_may_die_at_once():
    network = ring(24, seed=3)
    for host in network.seeds[::2]:
        network.kill(host)
    assert network.run_until(network.is_whole, 20) is not None


def test_no_gossip_brings_a_dead_node_back():
    network = ring(12)
    dead = next(iter(network.kill(network.seeds[0]).nodes))
    assert network.run_until(lambda: not network.names(dead), 6) is not None
    for _ in range(120):
        network.run(0.1)
        assert not network.names(dead)


def test_a_dead_node_that_starts_again_is_a_member_again():
    network = ring(8)
    host = network.seeds[0]
    process = network.kill(host)
    network.run(6)
    network.start(at=host, seeds=network.seeds)
    assert network.run_until(network.is_whole, 3) is not None
    assert set(process.nodes) != set(network.processes[host].nodes)


@pytest.mark.parametrize("seed", range(3))
def test_a_polite_leave_leaves_a_whole_ring(seed):
    network = ring(20, seed)
    network.run(10)
    someones_shortcut = next(
        min(node.links.shortcuts) for node in network.nodes().values() if node.links.shortcuts
    )
    gone = next(iter(network.leave(network.host_of(someones_shortcut)).nodes))
    assert network.run_until(network.is_whole, 1) is not None
    assert not network.names(gone)


def test_neighbours_that_leave_together_leave_a_whole_ring():
    network = ring(20)
    network.run(10)
    by_address = sorted(network.processes, key=lambda host: min(network.processes[host].nodes))
    for host in by_address[3:6]:
        network.leave(host)
    assert network.run_until(network.is_whole, 1) is not None


@pytest.mark.parametrize("apart", [2, 20])
def test_rings_that_were_cut_apart_merge_again(apart):
    network = ring(10)
    network.split(network.seeds[::2], network.seeds[1::2])
    network.run(apart)
    network.split()
    assert network.run_until(network.is_whole, 12) is not None


def test_rings_that_formed_apart_merge():
    network = Network()
    one = [("10.0.0.2", 15000), ("10.0.0.3", 15000)]
    other = [("10.0.0.6", 15000), ("10.0.0.7", 15000)]
    network.start(4, seeds=one)
    network.start(4, seeds=other)
    network.run(30)
    assert not network.is_whole()
    network.start(1, seeds=[*one, *other])
    assert network.run_until(network.is_whole, 12) is not None


def test_larger_rings_have_shortcuts_and_reach_every_node_in_few_hops():
    network = ring(40)
    nodes = network.nodes()
    assert network.run_until(lambda: all(len(node.links.shortcuts) >= 2 for node in nodes.values()), 20)
    assert max(len(node.links.shortcuts) for node in nodes.values()) <= 8
    for node in nodes:
        (reply,) = network.call(nodes[min(nodes)], node)
        assert reply.value["self"] == address.write(node)
        assert MOST_HOPS - reply.hops <= 4


def test_small_rings_need_no_shortcuts():
    network = ring(8)
    network.run(8)
    assert not any(node.links.shortcuts for node in network.nodes().values())


def test_an_address_nobody_has_is_answered_by_the_nearest_node():
    network = ring(12)
    nodes = network.nodes()
    for target in range(0, address.RING, address.RING // 25):
        nearest = min(nodes, key=lambda node: address.distance(node, target))
        (reply,) = network.call(next(iter(nodes.values())), target)
        assert reply.value["self"] == address.write(nearest)


def test_a_dead_node_is_silent_while_it_is_named_and_then_its_neighbour_answers():
    network = ring(12)
    dead = next(iter(network.kill(network.seeds[3]).nodes))
    caller = next(iter(network.nodes().values()))
    begun = network.now
    assert network.call(caller, dead) == [None]
    assert network.now - begun == pytest.approx(calls.REPLY_TIMEOUT, abs=0.3)
    network.run(3)
    (reply,) = network.call(caller, dead)
    assert reply.value["self"] != address.write(dead)


def test_calls_get_through_though_datagrams_are_lost():
    network = ring(20, seed=1, loss=0.1)
    nodes = list(network.nodes().values())
    replies = [network.call(nodes[0], node.address)[0] for node in nodes]
    assert sum(reply is None for reply in replies) <= 1


def test_around_a_dead_node_the_others_stay_reachable():
    network = ring(24, seed=5)
    network.run(5)
    network.kill(network.seeds[7])
    nodes = list(network.nodes().values())
    replies = [network.call(nodes[0], node.address)[0] for node in nodes]
    assert all(
        reply and reply.value["self"] == address.write(node.address)
        for reply, node in zip(replies, nodes, strict=True)
    )


def test_who_has_lost_all_peers_looks_for_new_ones_at_once():
    network = ring(2)
    network.run(60)
    _, second = network.seeds
    network.kill(second)
    network.start(at=second, seeds=[])
    assert network.run_until(network.is_whole, links.DEAD_AFTER + 1) is not None


@pytest.mark.parametrize(("host", "told"), [("10.0.0.7", False), ("127.0.0.7", True)])
def test_loopback_addresses_are_named_on_the_same_machine_only(host, told):
    sent = []
    process = Process("Simulated", [2], [], lambda data, to: sent.append((to, decode(data, "Simulated"))))
    for sender, source in ((4, ("127.0.0.1", 1)), (6, (host, 2))):
        process.receive(encode(Packet(sender, 2, Greeting(PONG, sender, ())), "Simulated"), source, 0)
    process.receive(encode(Packet(6, 2, Greeting(PING, 6, ())), "Simulated"), (host, 2), 0)
    ((to, packet),) = sent
    assert to == (host, 2)
    assert packet.body.peers == ((Peer(4, ("127.0.0.1", 1)),) if told else ())


def test_who_asks_his_own_port_for_anyone_gets_his_siblings():
    process = Process(
        "Simulated", [2, 4, 6], [], lambda data, to: answering.append(decode(data, "Simulated"))
    )
    anyone = encode(Packet(2, None, Greeting(PING, 2, ())), "Simulated")
    answering = []
    for _ in range(50):
        process.receive(anyone, ("10.0.0.1", 1), 0)
    assert {packet.sender for packet in answering if packet.body.kind == PONG} == {4, 6}
    assert sum(packet.body.kind == PONG for packet in answering) == 50


def test_a_process_that_stood_still_does_not_take_all_others_for_dead():
    network = ring(8)
    node = next(iter(network.nodes().values()))
    node.tick(network.now + 60)
    assert node.links.table.neighbors()


def hostile_packets(chance, victim):
    for _ in range(1500):
        near = (victim + chance.choice([-1, 1]) * chance.getrandbits(40)) % address.RING
        peers = tuple(Peer((near + step) % address.RING, ("203.0.113.9", 9)) for step in range(1, 9))
        kind = chance.choice([PING, PONG, LEAVE])
        yield encode(Packet(near, victim, Greeting(kind, near, peers)), "Simulated")
        yield chance.randbytes(chance.randrange(LARGEST))


def test_a_flood_of_lies_stays_within_bounds_and_the_ring_recovers():
    network = ring(6)
    victim = network.processes[network.seeds[0]]
    node = next(iter(victim.nodes.values()))
    for data in hostile_packets(random.Random(0), node.address):
        victim.receive(data, ("203.0.113.9", 9), network.now)
        network.run(0.001)
        assert len(node.links.table) <= links.MOST_LINKS
        assert len(node.links._told) <= links.MOST_TOLD
        assert len(node.links._silent) <= links.MOST_SILENT
    assert network.run_until(network.is_whole, 20) is not None


def test_calls_under_way_are_bounded():
    network = ring(2)
    node = next(iter(network.nodes().values()))
    network.kill(
        next(host for host, process in network.processes.items() if node.address not in process.nodes)
    )
    other = node.links.table.left(1)[0]
    replies = []
    for _ in range(calls.MOST_CALLS + 5):
        node.call(other, "Information.Info", replies.append, network.now)
    assert replies == [None] * 5
    network.run(calls.REPLY_TIMEOUT + 1)
    assert len(replies) == calls.MOST_CALLS + 5
