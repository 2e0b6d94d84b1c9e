"""Text in figures: Plotly interprets a little HTML, so text from nodes and users is escaped here."""

from html import escape

from p2ppool.errors import one_line


def plain(value: object, limit: int = 64) -> str:
    """Return `value` as one line that Plotly shows literally."""
    return escape(one_line(value, limit), quote=False)


def short_address(address: str) -> str:
    """Return an overlay address without its prefix, shortened to the part that distinguishes nodes."""
    return address.rpartition(":")[2][:6] + "…"
