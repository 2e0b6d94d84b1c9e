"""Keeping the part of a figure that somebody has zoomed into."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

_AXES = ("xaxis", "yaxis")


def zoom(relayout: Mapping[str, Any] | None) -> dict[str, Any]:
    """Axis ranges for `Figure.update_layout`, of the last zoom that Plotly told; else nothing.

    Plotly's own way, `uirevision`, does nothing in a graph of Dash 4, which hands Plotly its own changes back
    as if they were the application's.
    """
    ranges = {axis: _range(relayout or {}, axis) for axis in _AXES}
    if None in ranges.values():
        return {}
    return {axis: {"range": bounds} for axis, bounds in ranges.items()}


def _range(relayout: Mapping[str, Any], axis: str) -> list[float] | None:
    said = (relayout.get(f"{axis}.range[{end}]") for end in (0, 1))
    bounds = [bound for bound in said if isinstance(bound, int | float) and isfinite(bound)]
    return bounds if len(bounds) == 2 else None  # noqa: PLR2004 - from and to
