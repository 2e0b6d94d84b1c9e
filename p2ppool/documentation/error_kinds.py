"""Why a host was not served: every kind of error with its message."""

from p2ppool.documentation.markdown import table
from p2ppool.fleet.host.outcome import EXPLANATIONS, ErrorKind


def error_kinds_table(_: str) -> str:
    """Build the table of all kinds; each links to its section of the page on troubleshooting."""
    rows = [
        [f"[`{kind}`](../troubleshooting.md#{kind})", problem, repair]
        for kind, (problem, repair) in EXPLANATIONS.items()
    ]
    return table(["kind", "what is wrong", "how to fix it"], rows)


def error_message(kind: str) -> str:
    """Build the line that a host with this error shows.

    Raises:
        ValueError: no kind of error has this name.
    """
    problem, repair = EXPLANATIONS[ErrorKind(kind)]
    return f"> {problem}; {repair}"
