"""The panels of a pool's past: numbers drawn together over the same time."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Line:
    """One column of the points: its label, and the field of `Palette` with its colour.

    `has_spread`: its band is a standard deviation to both sides, else from the lowest to the highest crawl.
    """

    column: str
    name: str
    colour: str
    width: float = 1.8
    has_spread: bool = False


@dataclass(frozen=True)
class Panel:
    """Lines with one scale; of another pool only the column `compared` is drawn."""

    title: str
    compared: str
    lines: tuple[Line, ...]
    is_share: bool = False
    digits: int = 1

    def value(self, number: float) -> str:
        """Format the number."""
        return (
            f"{number:.{self.digits}%}"
            if self.is_share
            else f"{number:.{self.digits}f}".rstrip("0").rstrip(".")
        )


PANELS: Final = (
    Panel(
        "Nodes",
        "answered",
        (
            Line("expected", "expected", "muted", width=1),
            Line("answered", "answered", "consistent", width=2.2),
            Line("silent", "silent", "silent"),
            Line("ghosts", "ghosts", "ghost"),
        ),
    ),
    Panel("Hosts up", "hosts", (Line("hosts", "measured during the crawl", "consistent"),)),
    Panel("Consistency", "consistency", (Line("consistency", "mean of the nodes", "consistent"),), digits=3),
    Panel(
        "Connections",
        "cons",
        (
            Line("cons", "all", "muted", width=1),
            Line("tcp", "TCP", "consistent"),
            Line("udp", "UDP", "ghost"),
            Line("tunnel", "tunnel", "inconsistent"),
            Line("sas", "SAs", "silent"),
        ),
    ),
    Panel("Retries", "retries", (Line("retries", "calls repeated", "silent"),)),
    Panel(
        "CPU",
        "cpu",
        (Line("cpu", "mean of the hosts ± deviation", "consistent", has_spread=True),),
        is_share=True,
    ),
    Panel(
        "Memory in use",
        "memory",
        (Line("memory", "mean of the hosts ± deviation", "consistent", has_spread=True),),
        is_share=True,
    ),
    Panel("Crawl duration", "seconds", (Line("seconds", "seconds", "consistent"),)),
)
