"""The remote methods that a node answers, with the fields, types and faults of real Brunet nodes."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Sequence

from . import address
from .node import Node, RpcError

NO_HANDLER = -32601


class Surroundings(NamedTuple):
    """The facts about its process that a node reports."""

    local_ips: Sequence[str]
    transports: Sequence[str]
    nodes: int
    links: int
    """The number of links of all nodes of the process together."""


def answer(node: Node, method: str, around: Surroundings) -> Any:
    """Return the answer of `node` to `method`, such as "sys:link.GetNeighbors".

    Raises:
        RpcError: there is no such method; code and text are Brunet's.
    """
    handler, _, name = method.partition(".")
    if handler == "sys:link":
        return _link(node, name, around)
    if handler == "Information":
        if name != "Info":
            raise RpcError(0, "Invalid method")
        return _info(node, around)
    raise RpcError(NO_HANDLER, "No Handler for method: " + method)


def _link(node: Node, name: str, around: Surroundings) -> Any:
    if name == "GetNeighbors":
        return _neighbors(node)
    if name == "GetNodeInfo":
        return {"address": address.write(node.address), "transports": list(around.transports)}
    if name == "GetLocalIPAddresses":
        return list(around.local_ips)
    raise RpcError(0, "Unknown method: " + name)


def _neighbors(node: Node) -> Dict[str, str]:
    names = {"self": node.address, **node.links.table.neighbors()}
    far = sorted(node.links.shortcuts - set(names.values()))
    if far:
        names["shortcut"] = far[0]
    return {name: address.write(number) for name, number in names.items()}


def _info(node: Node, around: Surroundings) -> Dict[str, Any]:
    """Return Brunet's Information.Info; with several nodes in the process,
    udp counts all of them, cons one.
    """
    several = around.nodes > 1
    info: Dict[str, Any] = {
        "type": "MultiNode" if several else "BasicNode",
        "geo_loc": ",",
        "localips": list(around.local_ips),
        "neighbors": _neighbors(node),
        "tcp": 0,
        "udp": around.links,
        "tunnel": 0,
        "cons": len(node.links.table),
    }
    if several:
        info["sas"] = 0
    return info
