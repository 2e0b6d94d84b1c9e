"""Columns of tables of nodes: title, format and meaning."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from dashboards.components.grid import NUMBER, TEXT, TWO_DIGITS
from p2ppool.node.address import PREFIX
from p2ppool.reports.nodes.nodes import Health

AGREES: Final = str.maketrans({"1": "●", "0": "○", "-": "·"})
"""Translates the bits of a node sample into signs."""

_HEALTH_CLASSES = {
    f"state {health.value}": f"params.value == '{health.replace('_', ' ')}'" for health in Health
}
_ADDRESS: Final = {
    "cellClass": "mono",
    "valueFormatter": {"function": f"(params.value || '').slice({len(PREFIX)})"},
    **TEXT,
}
_WHOLE: Final = NUMBER | {
    "valueFormatter": {"function": "params.value == null ? '' : d3.format('.0f')(params.value)"}
}
_TENTHS: Final = NUMBER | {
    "valueFormatter": {"function": "params.value == null ? '' : d3.format('.1f')(params.value)"}
}


def _named(name: str, title: str, width: int, style: Mapping[str, Any], tip: str = "") -> dict[str, Any]:
    tooltip = {"headerTooltip": tip} if tip else {}
    return {"field": name, "headerName": title, "width": width, **tooltip, **style}


_ALL: Final = (
    _named("place", "#", 70, {"type": "rightAligned"}, "Place on the ring"),
    _named("host", "Host", 140, {"tooltipField": "host", **TEXT}, "Name of the machine"),
    _named("ip", "IP", 130, TEXT, "Address of the machine"),
    _named("address", "Address", 150, {"tooltipField": "address", **_ADDRESS}, "In the overlay"),
    _named("health", "State", 140, {"cellClassRules": _HEALTH_CLASSES, **TEXT}),
    _named("consistency", "Consistency", 132, TWO_DIGITS, "Share of its neighbours that name it back"),
    _named(
        "agrees",
        "Agrees",
        104,
        {"cellClass": "bits", **TEXT},
        "Do left, left2, right and right2 name it back? ● yes, ○ no, · not counted",
    ),
    _named("left", "Left", 130, {"tooltipField": "left", **_ADDRESS}, "Neighbour by rising addresses"),
    _named("right", "Right", 130, {"tooltipField": "right", **_ADDRESS}, "Neighbour by falling addresses"),
    _named("left2", "Left 2", 130, {"tooltipField": "left2", **_ADDRESS}, "Second neighbour to the left"),
    _named("right2", "Right 2", 130, {"tooltipField": "right2", **_ADDRESS}, "Second one to the right"),
    _named("shortcuts", "Shortcuts", 115, NUMBER, "Links across the ring that it names"),
    _named("type", "Type", 120, {"tooltipField": "type", **TEXT}, "What the node reports itself as"),
    _named("cons", "Links", 94, NUMBER, "Connections of all kinds"),
    _named("tcp", "TCP", 88, NUMBER, "Connections over TCP"),
    _named("udp", "UDP", 88, NUMBER, "Connections over UDP"),
    _named("tunnel", "Tunnel", 98, NUMBER, "Connections through other nodes"),
    _named("sas", "SAs", 86, NUMBER, "Security associations"),
    _named("wedges", "Wedges", 104, NUMBER),
    _named("subring", "Subring", 104, NUMBER),
    _named("retries", "Retries", 100, NUMBER, "How often the crawl had to retry"),
    _named("milliseconds", "ms", 90, _TENTHS, "Round trip of the crawl's request"),
    _named("virtual_ip", "Virtual IP", 124, TEXT),
    _named("ip_namespace", "IP namespace", 140, {"tooltipField": "ip_namespace", **TEXT}),
    _named("where", "Place", 150, {"tooltipField": "where", **TEXT}, "As on the map"),
    _named(
        "geo_loc", "Reported place", 130, {"tooltipField": "geo_loc", **TEXT}, "Where the node says it is"
    ),
    _named("cpu", "CPU %", 92, _WHOLE, "Of the machine, all cores, last measured before"),
    _named("memory", "RAM %", 96, _WHOLE, "Of the machine, in use, last measured before"),
    _named("node_memory", "Node MiB", 112, _WHOLE, "Memory of the node, last measured before"),
    _named("version", "Version", 160, {"tooltipField": "version", **TEXT}, "Package on the machine"),
    _named("error", "Error", 200, {"tooltipField": "error", **TEXT}, "Why it did not answer"),
)
NODE_COLUMNS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {column["field"]: column for column in _ALL}
)
"""Definitions for AG Grid by field; numbers must be in the unit that the header names."""


def columns(names: Iterable[str]) -> list[dict[str, Any]]:
    """Return the definitions of those fields, in that order."""
    return [dict(NODE_COLUMNS[name]) for name in names]
