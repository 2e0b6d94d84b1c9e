"""How tickets speak of one another, as people read it in Prefect, on the pages and in the command line."""

from p2ppool.store.models import Ticket


def name_of(ticket: Ticket) -> str:
    """The ticket in a few words."""
    return f"{ticket.action} of {ticket.requester} (ticket {ticket.id})"


def preempted(by: Ticket) -> str:
    """Why a ticket was told to end."""
    return f"preempted by {name_of(by)}"


def preempted_waiting(by: Ticket) -> str:
    """The ending of one that had not started."""
    return f"{preempted(by)} before it started"


def superseded(by: Ticket) -> str:
    """The ending of one that asked after its time."""
    return f"{preempted(by)}, which was asked for later but came first"


def merged(into: Ticket) -> str:
    """The ending of one that another will do."""
    how = "runs" if into.started_at else "waits"
    return f"merged into {name_of(into)}, which {how} already"


def refused(by: Ticket) -> str:
    """The ending of one that is not possible any more."""
    return f"{name_of(by)} is under way"


def waits(behind: Ticket | None) -> str:
    """What a waiting ticket says."""
    return f"waits behind {name_of(behind)}" if behind else "its turn has come"


def crashed(ticket: Ticket, why: str) -> str:
    """The ending of one whose process said nothing any more."""
    told = f"; it had been told to end: {ticket.cancel}" if ticket.cancel else ""
    far = f" after {ticket.done} of {ticket.total}" if ticket.total else ""
    return f"crashed{far}: {why}{told}"
