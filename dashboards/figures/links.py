"""The links between the nodes of one snapshot, by role."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pandas as pd

Pair = tuple[int, int]

_POSITIONS = ("left", "left2", "right", "right2")  # the order of a node's bits


class LinkRole(StrEnum):
    """The role of a link."""

    NEAR = "near"
    """Left and right: the next node on the ring."""
    SECOND = "second"
    """Left2 and right2: the second next node."""
    SHORTCUT = "shortcut"
    BROKEN = "broken"
    """A neighbour that does not name this node in return."""


@dataclass(frozen=True)
class Links:
    """Pairs of places on the ring (rows of the frame).

    `broken` ones are directed from the naming to the named node; the others are drawn once for both
    directions. A pair is in only one of `near`, `second` and `shortcut`.
    """

    near: set[Pair] = field(default_factory=set)
    second: set[Pair] = field(default_factory=set)
    shortcut: set[Pair] = field(default_factory=set)
    broken: set[Pair] = field(default_factory=set)


def links_of(nodes: pd.DataFrame) -> Links:
    """Return the links between the nodes of a snapshot; unknown addresses are left out."""
    links = Links()
    place_of = {address: place for place, address in enumerate(nodes["address"])}
    for place, node in enumerate(nodes[[*_POSITIONS, "bits", "shortcuts"]].to_dict("records")):
        for position, bit in zip(_POSITIONS, node["bits"], strict=False):
            other = place_of.get(node[position])
            if other is not None and other != place:
                _kept(links, position, bit).add((place, other) if bit == "0" else _pair(place, other))
        links.shortcut.update(
            _pair(place, other) for other in _places(node["shortcuts"], place_of) if other != place
        )
    return Links(
        near=links.near,
        second=links.second - links.near,
        shortcut=links.shortcut - links.near - links.second,
        broken=links.broken,
    )


def _kept(links: Links, position: str, bit: str) -> set[Pair]:
    if bit == "0":
        return links.broken
    return links.second if position.endswith("2") else links.near


def _places(addresses: Iterable[Any], place_of: dict[str, int]) -> Iterable[int]:
    return (place_of[address] for address in addresses if address in place_of)


def _pair(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)
