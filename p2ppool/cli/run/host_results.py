"""Results of an action on each host, as its command prints them at the end."""

from typing import TYPE_CHECKING, Any

from p2ppool.cli.terminal.output import print_rows

if TYPE_CHECKING:  # `--help` must not wait for SQLAlchemy
    from sqlalchemy import Engine

_NOTED = ("would", "repaired", "mended")
"""Facts that are printed for people."""


def host_results(engine: "Engine", ticket_id: int) -> list[dict[str, Any]]:
    """Return everything, for programs."""
    from p2ppool.reports.hosts.last_results import results_of_ticket

    return [
        {
            "host": found.host,
            "result": found.error or "done",
            "step": found.step,
            "message": found.message,
            "facts": dict(found.facts),
        }
        for found in results_of_ticket(engine, ticket_id)
    ]


def print_host_results(engine: "Engine", ticket_id: int) -> None:
    """Print the hosts that failed, and those with facts to report."""
    rows = [(row, _story(row)) for row in host_results(engine, ticket_id)]
    shown = [
        {"host": row["host"], "result": row["result"], "step": row["step"], "what": story}
        for row, story in rows
        if story
    ]
    print_rows(shown, as_json=False, empty="") if shown else None


def _story(row: dict[str, Any]) -> str:
    if row["message"]:
        return str(row["message"])
    return "; ".join(f"{name}: {row['facts'][name]}" for name in _NOTED if name in row["facts"])
