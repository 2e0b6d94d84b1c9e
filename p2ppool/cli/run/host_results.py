"""How an action went on each host, as its command shows it at the end."""

from typing import TYPE_CHECKING, Any

from p2ppool.cli.terminal.output import print_rows

if TYPE_CHECKING:  # the command line is there at once, without a database
    from sqlalchemy import Engine

_NOTED = ("would", "repaired", "mended")
"""Facts that are worth a line each for a person."""


def host_results(engine: "Engine", ticket_id: int) -> list[dict[str, Any]]:
    """For programs: everything."""
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


def print_what_is_to_be_seen(engine: "Engine", ticket_id: int) -> None:
    """For people: the hosts that failed, and those of which there is something to tell."""
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
