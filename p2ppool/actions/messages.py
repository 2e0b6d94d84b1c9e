"""Messages of tickets about one another, for Prefect, the pages and the command line."""

from p2ppool.store.models import Ticket


def name_of(ticket: Ticket) -> str:
    """Name the ticket in a few words."""
    return f"{ticket.action} of {ticket.requester} (ticket {ticket.id})"


def preempted(by: Ticket) -> str:
    """Return why a running ticket must stop."""
    return f"preempted by {name_of(by)}"


def preempted_waiting(by: Ticket) -> str:
    """Return the message of a ticket that was preempted before it started."""
    return f"{preempted(by)} before it started"


def superseded(by: Ticket) -> str:
    """Return the message of a ticket whose request came too late."""
    return f"{preempted(by)}, which was requested later but came first"


def merged(into: Ticket) -> str:
    """Return the message of a ticket that another one does."""
    how = "runs" if into.started_at else "waits"
    return f"merged into {name_of(into)}, which already {how}"


def refused(by: Ticket) -> str:
    """Return the message of a ticket that is no longer possible."""
    return f"{name_of(by)} is in progress"


def waits(behind: Ticket | None) -> str:
    """Return the message of a waiting ticket."""
    return f"waits behind {name_of(behind)}" if behind else "next in turn"


def crashed(ticket: Ticket, why: str) -> str:
    """Return the message of a ticket whose process fell silent."""
    cancelled = f"; it had been asked to stop: {ticket.cancel}" if ticket.cancel else ""
    far = f" after {ticket.done} of {ticket.total}" if ticket.total else ""
    return f"crashed{far}: {why}{cancelled}"
