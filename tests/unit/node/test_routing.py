from hypothesis import given
from hypothesis import strategies as st

from p2ppool.node import address
from p2ppool.node.table import next_hop

numbers = st.integers(0, address.RING - 1)


@given(numbers, numbers, st.sets(numbers, max_size=8))
def test_each_hop_is_the_nearest_peer_and_nearer_than_the_one_before(own, target, peers):
    hop = next_hop(own, target, peers)
    if hop is None:
        assert all(address.distance(own, target) <= address.distance(peer, target) for peer in peers)
    else:
        assert address.distance(hop, target) < address.distance(own, target)
        assert address.distance(hop, target) == min(address.distance(peer, target) for peer in peers)
