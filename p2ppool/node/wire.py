"""The messages between nodes: one UDP datagram is one packet, JSON of bounded size.

Each packet has the version of this format and the namespace; others are ignored. Data that is too large,
malformed or out of range is not a packet: `decode` returns None and never raises.
"""

from __future__ import annotations

import functools
import ipaddress
import json
import math
from typing import Any, Dict, NamedTuple, Optional, Tuple, Union

from . import address

VERSION = 1
LARGEST = 4096
"""Bytes of the largest packet; ordinary ones stay below 1,400 and so travel unfragmented."""
MOST_PEERS = 16
MOST_HOPS = 64
LONGEST_METHOD = 128

Endpoint = Tuple[str, int]
"""IPv4 address and UDP port."""

PING, PONG, LEAVE = "ping", "pong", "leave"


class Peer(NamedTuple):
    """A node and the endpoint from which it was heard."""

    address: int
    endpoint: Endpoint


class Greeting(NamedTuple):
    """Ping, pong or leave, with the peers that the sender knows nearest to `near`."""

    kind: str
    near: int
    peers: Tuple[Peer, ...]


class Request(NamedTuple):
    """A call of `method` on its way to the node nearest to `target`."""

    id: str
    origin: int
    target: int
    hops: int
    method: str


class Reply(NamedTuple):
    """The answer to request `id` on its way back to `target`;
    it has either `fault` (code, text) or `value`.
    """

    id: str
    target: int
    hops: int
    value: Any
    fault: Optional[Tuple[int, str]]


class Packet(NamedTuple):
    """One message from node `sender` to the node `to` behind an endpoint (None: to any node there)."""

    sender: int
    to: Optional[int]
    body: Union[Greeting, Request, Reply]


def encode(packet: Packet, namespace: str) -> bytes:
    """Encode `packet` as a datagram."""
    form: Dict[str, Any] = {"version": VERSION, "namespace": namespace, "from": address.write(packet.sender)}
    if packet.to is not None:
        form["to"] = address.write(packet.to)
    form.update(_write_body(packet.body))
    return json.dumps(form, separators=(",", ":"), ensure_ascii=False).encode()


def _write_body(body: Union[Greeting, Request, Reply]) -> Dict[str, Any]:
    if isinstance(body, Greeting):
        peers = [[address.write(peer.address), *peer.endpoint] for peer in body.peers]
        return {"kind": body.kind, "near": address.write(body.near), "peers": peers}
    routed = {"id": body.id, "target": address.write(body.target), "hops": body.hops}
    if isinstance(body, Request):
        return {"kind": "request", "origin": address.write(body.origin), "method": body.method, **routed}
    return {"kind": "reply", "value": body.value, "fault": body.fault, **routed}


def decode(data: bytes, namespace: str) -> Optional[Packet]:
    """Decode the packet in `data`; None if it is malformed, too large, or of another namespace or version."""
    if len(data) > LARGEST:
        return None
    try:
        return _read(json.loads(data.decode()), namespace)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _read(form: Any, namespace: str) -> Optional[Packet]:
    if not isinstance(form, dict) or form["version"] != VERSION or form["namespace"] != namespace:
        return None
    to = address.parse(form["to"]) if "to" in form else None
    return Packet(address.parse(form["from"]), to, _read_body(form))


def _read_body(form: Dict[str, Any]) -> Union[Greeting, Request, Reply]:
    kind = form["kind"]
    if kind in (PING, PONG, LEAVE):
        return Greeting(kind, address.parse(form["near"]), _read_peers(form["peers"]))
    call = _text(form["id"], 64)
    target = address.parse(form["target"])
    hops = _whole(form["hops"], 0, MOST_HOPS)
    if kind == "request":
        method = _text(form["method"], LONGEST_METHOD)
        return Request(call, address.parse(form["origin"]), target, hops, method)
    if kind == "reply":
        if form["fault"] is None:
            return Reply(call, target, hops, _plain(form["value"]), None)
        return Reply(call, target, hops, None, _read_fault(form["fault"]))
    raise ValueError("unknown kind")


def _read_peers(form: Any) -> Tuple[Peer, ...]:
    if not isinstance(form, list) or len(form) > MOST_PEERS:
        raise ValueError("peers")
    return tuple(Peer(address.parse(name), _endpoint(ip, port)) for name, ip, port in form)


def _endpoint(ip: Any, port: Any) -> Endpoint:
    return _ip(_text(ip, 15)), _whole(port, 1, 65535)


@functools.lru_cache(maxsize=1024)
def _ip(text: str) -> str:
    parsed = ipaddress.IPv4Address(text)
    if parsed.is_multicast or parsed.is_unspecified or parsed.is_reserved:
        raise ValueError("nobody's own address")
    return str(parsed)


def _read_fault(form: Any) -> Tuple[int, str]:
    code, text = form
    return _whole(code, -(1 << 31), (1 << 31) - 1), _text(text, 512)


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest or not value.isprintable():
        raise ValueError("text")
    return value


def _whole(value: Any, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError("number")
    return value


def _plain(value: Any, depth: int = 4) -> Any:
    """Return `value` if XML-RPC can carry it: printable text,
    numbers in its range, lists and dicts of these.
    """
    if isinstance(value, dict) and depth:
        return {_text(key, 64): _plain(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list) and depth:
        return [_plain(item, depth - 1) for item in value]
    if isinstance(value, str):
        return _text(value, LARGEST)
    if isinstance(value, bool) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return _whole(value, -(1 << 31), (1 << 31) - 1)
