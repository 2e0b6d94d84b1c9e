"""Rows of short tables of nodes of one crawl, formatted for reading."""

from typing import Any

import pandas as pd

from dashboards.components.node_columns import AGREES


def node_rows(nodes: pd.DataFrame) -> list[dict[str, Any]]:
    """Convert the nodes of a snapshot into rows of a table."""
    return [_row(place, node) for place, node in enumerate(nodes.to_dict("records"), start=1)]


def _row(place: int, node: dict[Any, Any]) -> dict[str, Any]:
    known = {name: None if pd.isna(node[name]) else node[name] for name in ("consistency", "seconds")}
    seconds = known["seconds"]
    return {
        "place": place,
        "health": node["health"].replace("_", " "),
        "host": "this manager" if node["local"] else node["host"],
        "consistency": None if known["consistency"] is None else round(known["consistency"], 3),
        "agrees": node["bits"].translate(AGREES),
        "milliseconds": None if seconds is None else round(seconds * 1000, 1),
        **{name: node[name] for name in ("address", "ip", "type", "error")},
        **{
            name: None if pd.isna(node[name]) else int(node[name])
            for name in ("cons", "tcp", "udp", "tunnel", "retries")
        },
    }
