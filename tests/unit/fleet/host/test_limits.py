"""Sizes of a fan-out."""

import pytest

from p2ppool.fleet.host.limits import FleetLimits


@pytest.mark.parametrize("name", [name for name in FleetLimits.__slots__ if name != "launcher"])
@pytest.mark.parametrize("value", [0, -1])
def test_all_are_positive(name, value):
    with pytest.raises(ValueError, match=name):
        FleetLimits(**{name: value})
