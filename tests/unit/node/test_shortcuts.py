import random

from p2ppool.node import address, shortcuts
from p2ppool.node.wire import Peer

HERE = ("10.0.0.1", 15000)


def test_the_number_of_shortcuts_grows_as_the_logarithm_of_the_ring():
    counts = [shortcuts.needed(size) for size in (1, 9, 10, 40, 160, 1000, 10**12)]
    assert counts == [0, 0, 1, 3, 5, 7, shortcuts.MOST]


def test_a_third_of_them_lead_far_and_none_into_the_neighbourhood():
    chance = random.Random(0)
    size = 1000
    ways = [shortcuts.draw_target(0, size, chance) / address.RING for _ in range(2000)]
    assert min(ways) >= 4 / size
    assert 0.3 < sum(way > 0.15 for way in ways) / len(ways) < 0.4


def test_a_search_goes_on_while_someone_nearer_is_named():
    search = shortcuts.Search(100)
    named = [Peer(60, HERE), Peer(130, HERE), Peer(300, HERE)]
    assert search.nearer(40, named) == Peer(130, HERE)
    assert search.nearer(90, named) is None
    assert search.nearer(90, []) is None
