"""Sentences about what a node and its neighbours report, with a button for each named node."""

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboards.figures.text import short_address
from dashboards.web.untyped import labelled
from p2ppool.reports.nodes.agreement import Claim, Finding, Side

_AGREES = frozenset({Finding.AGREES})
_NOT_COUNTED = frozenset({Finding.LEFT_OVER, Finding.UNKNOWN, Finding.TOO_FEW})

Hosts = Mapping[str, str | None]
"""Names of hosts by the addresses of their nodes."""


def side_line(side: Side, hosts: Hosts) -> html.Li:
    """Describe one position of a node, and what the node there reports."""
    sentence = _of_side(side, hosts)
    return html.Li([html.B(f"{side.position}: "), *sentence], className=_tone(side.finding))


def claim_line(claim: Claim, hosts: Hosts) -> html.Li:
    """Describe another node that names this one without being named back."""
    return html.Li(
        [jump(claim.address, hosts), f" names it as {claim.position}; it does not name that node back"],
        className="differs",
    )


def jump(address: str, hosts: Hosts) -> html.Button:
    """Build a button that goes to that node; assets/ring.js listens."""
    host = hosts.get(address)
    text = short_address(address) + (f" {host}" if host else "")
    marks: dict[str, Any] = {"data-node": address, **labelled(f"Go to node {text}")}
    return html.Button(text, type="button", className="jump", title=address, **marks)


def _tone(finding: Finding) -> str:
    if finding in _AGREES:
        return "agrees"
    return "uncounted" if finding in _NOT_COUNTED else "differs"


def _of_side(side: Side, hosts: Hosts) -> list[Any]:
    nothing = {
        Finding.EMPTY: "it names no node",
        Finding.SELF: "it names itself",
        Finding.TOO_FEW: "the ring is too small to have one",
    }
    if side.neighbour is None or side.finding in nothing:
        return [nothing.get(side.finding, "it names no node")]
    return [jump(side.neighbour, hosts), *_of_neighbour(side, hosts)]


def _of_neighbour(side: Side, hosts: Hosts) -> list[Any]:
    if side.finding is Finding.NAMES_ANOTHER and side.instead:
        return [
            f" does not name it back: as {side.opposite} it names ",
            jump(side.instead, hosts),
            " instead",
        ]
    return [
        {
            Finding.AGREES: f" names it back as {side.opposite}",
            Finding.NAMES_NOBODY: f" does not name it back: as {side.opposite} it names no node",
            Finding.SILENT: " is silent: it did not answer",
            Finding.GHOST: " is a ghost: another node answers for that address",
            Finding.LEFT_OVER: " was not asked: the crawl ended first",
            Finding.UNKNOWN: " is not in this crawl",
        }[side.finding]
    ]
