"""Which hosts an upgrade comes to, and when."""

import pytest

from p2ppool.pools.rollout.stages import stages
from p2ppool.store.models import Host

RELIABLE = {2, 4, 5}


@pytest.mark.parametrize(
    ("canary", "batch", "expected"),
    [
        (1, 0, [[2], [4, 5, 1, 3]]),
        (2, 2, [[2, 4], [5, 1], [3]]),
        (0, 0, [[2, 4, 5, 1, 3]]),
        (0, 2, [[2, 4], [5, 1], [3]]),
        (5, 2, [[2, 4, 5, 1, 3]]),
        (9, 0, [[2, 4, 5, 1, 3]]),
    ],
)
def test_hosts_that_went_well_come_first(canary, batch, expected):
    hosts = [Host(id=number) for number in range(1, 6)]
    assert [[host.id for host in stage] for stage in stages(hosts, RELIABLE, canary, batch)] == expected


def test_no_host_is_no_stage():
    assert stages([], set(), 1, 0) == []
