"""Compares what a node and its neighbours report about each other, position by position."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pandas as pd

from p2ppool.reports.nodes.nodes import Health

OPPOSITE = {"left": "right", "left2": "right2", "right": "left", "right2": "left2"}
"""For each position, in the order of a node's bits,
the position in which the neighbour has to name the node back.
"""

_COLUMNS = ["address", "state", "health", "bits", "shortcuts", *OPPOSITE]


class Finding(StrEnum):
    """The result for one position."""

    AGREES = "agrees"
    """The neighbour names the node back."""
    NAMES_ANOTHER = "names_another"
    """The neighbour names another node in its place."""
    NAMES_NOBODY = "names_nobody"
    """The neighbour names nobody, or itself, in its place."""
    SILENT = "silent"
    """The neighbour did not answer."""
    GHOST = "ghost"
    """The neighbour is gone; another node answers for its address."""
    LEFT_OVER = "left_over"
    """The neighbour's answer is missing: the crawl ended first."""
    UNKNOWN = "unknown"
    """The neighbour is not in the crawl."""
    EMPTY = "empty"
    """The node names nobody there."""
    SELF = "self"
    """The node names itself there."""
    TOO_FEW = "too_few"
    """The ring is too small to have that position."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of a node's four positions.

    Attributes:
        position: left, left2, right or right2.
        neighbour: the address that the node names there.
        finding: the result for this position.
        instead: the other node that the neighbour names in the opposite position, if it does.
    """

    position: str
    neighbour: str | None
    finding: Finding
    instead: str | None = None

    @property
    def opposite(self) -> str:
        """The position in which the neighbour should name the node."""
        return OPPOSITE[self.position]


@dataclass(frozen=True)
class Claim:
    """Another node names this one in a position, but this one does not name it back."""

    address: str
    position: str


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """A node among the others of a crawl; `facts` is its row of the frame,
    `sides` is empty if it did not answer.
    """

    facts: Mapping[Any, Any]
    sides: tuple[Side, ...]
    claims: tuple[Claim, ...]
    shortcuts: tuple[str, ...]


def agreement_of(nodes: pd.DataFrame, address: str) -> Agreement | None:
    """Compare a node with its neighbours in a crawl (a frame of `snapshot_nodes`);
    None if it is not in the crawl.
    """
    by_address = {node["address"]: node for node in nodes[_COLUMNS].to_dict("records")}
    own = by_address.get(address)
    if own is None:
        return None
    answered = own["state"] == "answered"
    (facts,) = nodes[nodes["address"] == address].to_dict("records")
    return Agreement(
        facts=facts,
        sides=tuple(_sides(own, by_address)) if answered else (),
        claims=tuple(_claims(own, by_address)),
        shortcuts=tuple(own["shortcuts"]),
    )


def _sides(own: Mapping[Any, Any], nodes: Mapping[str, Mapping[Any, Any]]) -> Iterator[Side]:
    for (position, opposite), bit in zip(OPPOSITE.items(), own["bits"], strict=False):
        name = own[position]
        finding = _finding(own, name, bit, nodes)
        if finding is None:
            finding, instead = _of_answer(own, nodes[name][opposite], name)
            yield Side(position=position, neighbour=name, finding=finding, instead=instead)
        else:
            yield Side(position=position, neighbour=name, finding=finding)


def _finding(
    own: Mapping[Any, Any], name: str | None, bit: str, nodes: Mapping[str, Mapping[Any, Any]]
) -> Finding | None:
    """Return a finding that does not depend on the neighbour's answer; otherwise None."""
    if name is None or name == own["address"]:
        nothing = Finding.EMPTY if name is None else Finding.SELF
        return Finding.TOO_FEW if bit == "-" else nothing
    if name not in nodes:
        return Finding.UNKNOWN
    mute = {
        Health.SILENT: Finding.SILENT,
        Health.GHOST: Finding.GHOST,
        Health.LEFT_OVER: Finding.LEFT_OVER,
    }
    return mute.get(nodes[name]["health"], Finding.TOO_FEW if bit == "-" else None)


def _of_answer(own: Mapping[Any, Any], named: str | None, name: str) -> tuple[Finding, str | None]:
    if named == own["address"]:
        return Finding.AGREES, None
    if named is None or named == name:
        return Finding.NAMES_NOBODY, None
    return Finding.NAMES_ANOTHER, named


def _claims(own: Mapping[Any, Any], nodes: Mapping[str, Mapping[Any, Any]]) -> Iterator[Claim]:
    for other in nodes.values():
        for position, opposite in OPPOSITE.items():
            names_own = other[position] == own["address"] and other["address"] != own["address"]
            if names_own and own[opposite] != other["address"]:
                yield Claim(other["address"], position)
