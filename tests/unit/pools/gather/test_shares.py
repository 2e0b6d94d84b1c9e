"""What one run may bring, divided among its hosts."""

from hypothesis import given
from hypothesis import strategies as st

from p2ppool.pools.gather.shares import Shares


def test_what_others_leave_goes_to_those_that_come_later():
    shares = Shares(total=100, hosts=4, most=60)
    assert shares.draw() == 25
    shares.give_back(25)
    assert shares.draw() == 33
    shares.give_back(33)
    assert [shares.draw(), shares.draw()] == [50, 50]


def test_no_host_has_more_than_a_host_may():
    assert Shares(total=100, hosts=1, most=60).draw() == 60


@given(st.integers(0, 1000), st.integers(1, 20), st.integers(1, 500), st.data())
def test_never_more_is_out_than_there_is_and_everybody_has_a_part(total, hosts, most, data):
    shares, used = Shares(total, hosts, most), 0
    for _ in range(hosts):
        share = shares.draw()
        assert min(most, total // hosts) <= share <= most
        taken = data.draw(st.integers(0, share))
        shares.give_back(share - taken)
        used += taken
    assert used <= total
