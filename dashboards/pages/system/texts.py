"""The past of a pool as text: what each point is, and a summary for screen readers."""

from collections.abc import Iterator

from dashboards.pages.system.figure import Shown
from dashboards.pages.system.panels import PANELS, Panel
from dashboards.web.text import counted
from p2ppool.errors import one_line
from p2ppool.reports.crawls.system_stats import Series


def describe_points(shown: Shown) -> str:
    """Describe how many crawls there are, of which time, and what a point of the figure stands for."""
    when = f"{shown.start:%Y-%m-%d %H:%M} to {shown.end:%Y-%m-%d %H:%M} UTC"
    return f"{_crawls(shown.series)}, {when}. {_point(shown.series)}."


def describe_other(shown: Shown) -> str:
    """Describe the other pool in the same way; empty if there is none."""
    if shown.other is None or shown.other_name is None:
        return ""
    several = f", {shown.other.per_point} a point" if shown.other.per_point > 1 else ""
    return f"{one_line(shown.other_name, 64)}: {_crawls(shown.other)}{several}"


def summary(shown: Shown) -> str:
    """Summarise the figure."""
    of_panels = "; ".join(filter(None, (_of(panel, shown.series) for panel in PANELS)))
    actions = counted(len(shown.annotations), "action")
    pools = " and ".join(one_line(name, 64) for name in (shown.name, shown.other_name) if name)
    return f"{pools} over time. {describe_points(shown)} {of_panels}. {actions} marked" + _last(shown)


def _crawls(series: Series) -> str:
    return counted(series.crawls, "crawl").replace(str(series.crawls), f"{series.crawls:,}", 1)


def _point(series: Series) -> str:
    if series.per_point == 1:
        return "Each point is one crawl"
    return f"Each point is {series.per_point} crawls: their mean, and a band from the lowest to the highest"


def _of(panel: Panel, series: Series) -> str:
    points, column = series.points, panel.compared
    if points[column].isna().all():
        return ""
    weighted = (points[column] * points["crawls"]).sum() / points["crawls"][points[column].notna()].sum()
    low, high = (panel.value(points[f"{column}_{end}"].agg(best)) for end, best in _ENDS)
    return f"{panel.title}: mean {panel.value(weighted)}, lowest {low}, highest {high}"


_ENDS = (("low", "min"), ("high", "max"))


def _last(shown: Shown) -> str:
    return "".join(_last_annotations(shown))


def _last_annotations(shown: Shown) -> Iterator[str]:
    for annotation in shown.annotations[-1:]:
        name = one_line(annotation.action, 32)
        yield f", the last: {name} at {annotation.at:%Y-%m-%d %H:%M}, {annotation.state.value}"
