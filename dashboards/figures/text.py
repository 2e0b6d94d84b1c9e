"""Text in figures: Plotly reads a little HTML in it, so what comes from nodes and users is escaped here."""

from html import escape

from p2ppool.errors import one_line


def plain(value: object, limit: int = 64) -> str:
    """`value` as one line that Plotly shows letter by letter."""
    return escape(one_line(value, limit), quote=False)


def short_address(address: str) -> str:
    """An overlay address without its prefix, cut to the part that tells nodes apart at a glance."""
    return address.rpartition(":")[2][:6] + "…"
