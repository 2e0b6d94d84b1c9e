"""Lines over time that stop where nothing is known, and the bands around them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from math import isnan
from statistics import median
from typing import Any, Final

import pandas as pd

_GAP: Final = 4.0  # usual steps; a line over a longer gap would be a guess

Values = Sequence[float | None]


def axis_time(moment: datetime) -> str:
    """Format a time for Plotly, which has no zones; all of ours are UTC."""
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def middle_times(points: pd.DataFrame) -> list[datetime]:
    """Return the middle of each point's crawls."""
    return [start + (end - start) / 2 for start, end in zip(points["start"], points["end"], strict=True)]


def known(values: "pd.Series[Any]") -> list[int]:
    """Return the places with a number."""
    return [place for place, value in enumerate(values) if not isnan(value)]


def segments(times: Sequence[datetime]) -> list[range]:
    """Return runs of places that a line may join: without a step much longer than usual."""
    steps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    usual = median(steps) if steps else 0.0
    cuts = [place for place, step in enumerate(steps, start=1) if step > _GAP * usual]
    return [range(start, end) for start, end in pairwise([0, *cuts, len(times)])]


def broken_line(times: Sequence[datetime], *columns: Sequence[Any]) -> tuple[list[Any], ...]:
    """Return times for Plotly, then the columns, with None where a line is interrupted."""
    found: tuple[list[Any], ...] = tuple([] for _ in (times, *columns))
    for part in segments(times):
        for into, column in zip(found, (list(map(axis_time, times)), *columns), strict=True):
            if into:
                into.append(None)
            into.extend(column[place] for place in part)
    return found


def band(times: Sequence[datetime], low: Values, high: Values) -> tuple[list[Any], list[Any]]:
    """Return the outline of the area between two lines: along the upper one, and back along the lower one."""
    x: list[Any] = []
    y: list[Any] = []
    for part in segments(times):
        for place, value in _around(part, low, high):
            x.append(axis_time(times[place]))
            y.append(value)
        x.append(None)
        y.append(None)
    return x, y


def _around(part: range, low: Values, high: Values) -> Iterator[tuple[int, float | None]]:
    yield from ((place, high[place]) for place in part)
    yield from ((place, low[place]) for place in reversed(part))
