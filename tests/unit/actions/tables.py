"""Tables as a person writes them down: a heading, then a line for each rank or action."""

from itertools import product

GROUPS = {
    "stop": ["stop"],
    "suspend": ["suspend"],
    "change": ["create", "install", "upgrade", "resume"],
    "check": ["check", "uninstall-check"],
    "read": ["crawl", "gather-logs", "gather-results", "verify", "plan"],
}
"""The actions that are treated alike."""


def lines_of(table):
    """The cells, line by line, without the heading."""
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()[1:]]


def pairs_of(table):
    """(arriving, there, cell) for every two actions of a table of groups by groups."""
    return [
        (arriving, there, cell)
        for group, *cells in lines_of(table)
        for other, cell in zip(GROUPS, cells, strict=True)
        for arriving, there in product(GROUPS[group], GROUPS[other])
    ]
