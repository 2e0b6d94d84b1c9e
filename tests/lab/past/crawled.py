"""What crawls find, as samples of nodes: made-up rings, and one of real Brunet nodes."""

import json
import random
from pathlib import Path

from p2ppool.node import address as overlay_address

LOCAL_IP = "127.0.0.1"
_CRAWL_40 = Path(__file__).parents[2] / "data/brunet-answers/crawl40.json"
_POSITIONS = ("left", "left2", "right", "right2")


def ring_samples(nodes, dead=0, left_over=0, seed=1):
    """Samples of a ring as a crawl would find it soon after `dead` of its nodes died."""
    rng = random.Random(seed)
    ring = [
        overlay_address.write(number) for number in sorted(rng.getrandbits(160) & ~1 for _ in range(nodes))
    ]
    gone = rng.sample(ring[1:], dead + left_over)
    unanswered = dict.fromkeys(gone[dead:], "left_over") | {
        address: ("silent", "ghost")[turn % 2] for turn, address in enumerate(gone[:dead])
    }
    links = {address: _links(ring, place, unanswered, rng) for place, address in enumerate(ring)}
    return [
        _dead(address, unanswered[address])
        if address in unanswered
        else _alive(address, links, unanswered, ip=LOCAL_IP if place == 0 else host_ip(place))
        for place, address in enumerate(ring)
    ]


def captured_samples():
    """A crawl of 40 real Brunet nodes."""
    return [_captured(*item) for item in json.loads(_CRAWL_40.read_text()).items()]


def host_ip(number):
    """Address of the pool's host `number`, counted from 1."""
    return f"127.77.{number // 250}.{number % 250 + 1}"


def _links(ring, place, unanswered, rng):
    """Half of a dead node's neighbours still name it; the others have closed the gap."""
    alive = [other for other in ring if other not in unanswered or rng.random() < 0.5 or other == ring[place]]
    at, size = alive.index(ring[place]), len(alive)
    near = {"left": 1, "left2": 2, "right": -1, "right2": -2}
    links = {name: alive[(at + step) % size] for name, step in near.items()}
    links["shortcuts"] = " ".join(rng.sample(alive, k=min(rng.choice([0, 1, 1, 2]), size)))
    return links


def _alive(address, links, unanswered, ip):
    own = links[address]
    bits = "".join(
        _bit(address, links.get(own[name]), opposite, own[name] in unanswered, unanswered.get(own[name]))
        for name, opposite in (("left", "right"), ("left2", "right2"), ("right", "left"), ("right2", "left2"))
    )
    counted = [bit == "1" for bit in bits if bit != "-"]
    return {
        "address": address,
        "state": "answered",
        "bits": bits,
        "consistency": sum(counted) / len(counted) if counted else None,
        "type": "BasicNode",
        "ip": ip,
        "tcp": 3,
        "udp": 5,
        "tunnel": 0,
        "cons": 8,
        "seconds": 0.004,
        **own,
    }


def _bit(address, theirs, opposite, gone, state):
    if state == "left_over":
        return "-"
    return "1" if not gone and theirs[opposite] == address else "0"


def _dead(address, state):
    known = state != "left_over"
    return {
        "address": address,
        "state": state,
        "bits": "----",
        "consistency": 0.0 if known else None,
        "retries": int(known),
        "seconds": 3.0 if known else None,
        "error": "no answer within 3 s" if state == "silent" else "",
    }


def _captured(address, answer):
    named = answer["neighbors"]
    return {
        "address": address,
        "state": "answered",
        "bits": "".join(str(bit) for bit in answer["bits"]),
        "consistency": answer["consistency"],
        "ip": answer["localips"][0],
        "type": answer["type"],
        "shortcuts": named.get("shortcut", ""),
        "seconds": answer["time"],
        "retries": answer["retries"],
        **{name: named[name] for name in _POSITIONS},
        **{name: answer[name] for name in ("tcp", "udp", "tunnel", "cons")},
    }
