"""A ring over time: it is whole, some of its nodes die, it heals, and others come."""

from tests.lab.past.crawled import host_ip, ring_samples

_NEAR = {"left": 1, "left2": 2, "right": -1, "right2": -2}


def whole_ring(samples):
    """Of these samples those that answered, as a ring in which all agree."""
    alive = [sample for sample in samples if sample["state"] == "answered"]
    addresses = [sample["address"] for sample in alive]
    return [
        sample
        | {name: addresses[(place + step) % len(addresses)] for name, step in _NEAR.items()}
        | {"bits": "1111", "consistency": 1.0, "shortcuts": ""}
        for place, sample in enumerate(alive)
    ]


def converging_ring(nodes=12, dead=3, seed=1):
    """Samples of three crawls: whole, torn after `dead` nodes died, and whole again without them."""
    torn = ring_samples(nodes, dead, seed=seed)
    return [whole_ring(ring_samples(nodes, seed=seed)), torn, whole_ring(torn)]


def moved(samples, place, host):
    """The same with the node at that place on another host."""
    return [
        sample | ({"ip": host_ip(host)} if number == place else {}) for number, sample in enumerate(samples)
    ]


def reinstalled(samples, place, address):
    """A whole ring with another address where the node at that place was."""
    old = samples[place]["address"]
    return [
        {name: address if value == old else value for name, value in sample.items()} for sample in samples
    ]
