"""Keeping the visitor's zoom when a figure is redrawn."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

_AXES = ("xaxis", "yaxis")


def zoom(relayout: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return axis ranges for `Figure.update_layout` from the last zoom that Plotly reported; else nothing.

    Plotly's own `uirevision` has no effect in a graph of Dash 4, which returns Plotly's own changes to it as
    if they were the application's.
    """
    ranges = {axis: _range(relayout or {}, axis) for axis in _AXES}
    if None in ranges.values():
        return {}
    return {axis: {"range": bounds} for axis, bounds in ranges.items()}


def _range(relayout: Mapping[str, Any], axis: str) -> list[float] | None:
    ends = (relayout.get(f"{axis}.range[{end}]") for end in (0, 1))
    bounds = [bound for bound in ends if isinstance(bound, int | float) and isfinite(bound)]
    return bounds if len(bounds) == 2 else None  # noqa: PLR2004 - from and to
