"""Texts on the map: inside bubbles, and on hovering over marks."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from dashboards.figures.text import plain
from dashboards.pages.map.located import Gathered, Spot
from dashboards.web.text import counted
from p2ppool.reports.nodes.nodes import Health

SIGNS: Final = {
    Health.CONSISTENT: "●",
    Health.INCONSISTENT: "◆",
    Health.SILENT: "○",
    Health.GHOST: "✕",
    Health.LEFT_OVER: "□",
}
"""The shapes of the marks, as characters."""

_NAMED: Final = 3  # places
_SOURCES: Final = 2
_THOUSAND: Final = 1000


def bubble_text(found: Gathered, spot: Spot) -> str:
    """Return the number of nodes, and below it how many are not consistent."""
    bad = len(spot.nodes) - found.counts(spot)[Health.CONSISTENT]
    number = f"<b>{short(len(spot.nodes))}</b>"
    return number if not bad else f"{number}<br>{SIGNS[found.worst(spot)]}{short(bad)}"


def short(number: int) -> str:
    """Format with at most four characters: 999, 1.2k, 12k."""
    if number < _THOUSAND:
        return str(number)
    thousands = int(number / 100) / 10
    return f"{thousands:.1f}k".replace(".0k", "k") if thousands < 10 else f"{thousands:.0f}k"  # noqa: PLR2004 - one digit


def hover_of_many(found: Gathered, spot: Spot) -> str:
    """Describe the places, counts by health, hosts, and the sources of the places."""
    nodes, hosts = found.nodes_of(spot), found.hosts_of(spot)
    labels = list(dict.fromkeys(row["label"] for row in (*nodes, *hosts)))
    counts = found.counts(spot)
    failed = sum(host["error"] is not None for host in hosts)
    lines = [
        f"<b>{_places(labels)}</b>",
        *(f"{SIGNS[health]} {counts[health]} {_health_text(health)}" for health in Health if counts[health]),
        *([counted(len(hosts), "host") + (f", {failed} failed" if failed else "")] if hosts else []),
        *_sources(nodes or hosts),
    ]
    return "<br>".join(lines)


def hover_of_node(node: Mapping[Any, Any]) -> str:
    """Describe address, host, state, place and its source."""
    known = {
        "pool": node["pool"],
        "host": "this manager" if node["local"] else node["host"],
        "ip": node["ip"],
        "state": _health_text(node["health"]),
        "namespace": node["ip_namespace"],
        "place": node["label"],
    }
    return "<br>".join(
        [
            f"<b>{plain(node['address'].rpartition(':')[2])}</b>",
            *(f"{name:<9} {plain(value)}" for name, value in known.items() if value is not None),
            f"{node['source']} ({node['precision']})",
        ]
    )


def _places(labels: list[str]) -> str:
    named = ", ".join(plain(label, 32) for label in labels[:_NAMED])
    more = len(labels) - _NAMED
    return f"{named} and {counted(more, 'more place')}" if more > 0 else named


def _sources(rows: Iterable[Mapping[Any, Any]]) -> list[str]:
    """List the sources of the places, the most frequent first."""
    counts = Counter((row["source"], row["precision"]) for row in rows)
    return [f"{source} ({precision})" for (source, precision), _ in counts.most_common(_SOURCES)]


def _health_text(health: Health) -> str:
    return health.value.replace("_", " ")
