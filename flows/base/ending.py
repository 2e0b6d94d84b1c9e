"""The ending of an action, with a line for people."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from p2ppool.actions.held_turn import HeldTurn
from p2ppool.fleet.host.outcome import HostOutcome
from p2ppool.pools.recording.results import Tally, tally
from p2ppool.store.models import Ticket, TicketState
from tasks.support.database import read


@dataclass(frozen=True)
class Ending:
    """The state of the ticket and its message."""

    state: TicketState
    message: str


def ending_of_hosts(outcomes: Sequence[HostOutcome], what: str) -> Ending:
    """Build the ending from outcomes; some successes make it partial: the other hosts can be retried.

    `what` was done, such as "installed on".
    """
    good = sum(outcome.ok for outcome in outcomes)
    if good == len(outcomes):
        return Ending(TicketState.DONE, f"{what} all {good} hosts" if good != 1 else f"{what} 1 host")
    kinds = Counter(str(outcome.error) for outcome in outcomes if outcome.error)
    why = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in kinds.most_common())
    state = TicketState.PARTIAL if good else TicketState.FAILED
    return Ending(state, f"{what} {good} of {len(outcomes)} hosts ({why})")


def ending_of_cancelled(held: HeldTurn) -> Ending:
    """Build the ending of a cancelled action: the reason, and how far it came."""
    counted = read(lambda work: tally(work.session, held.turn.ticket_id))
    ticket = read(lambda work: work.session.get_one(Ticket, held.turn.ticket_id))
    reason = held.cancel.reason
    message = reason if reason.startswith("preempted") else f"cancelled: {reason}"
    return Ending(TicketState.CANCELLED, f"{message}{_how_far(counted, ticket)}")


def _how_far(counted: Tally, ticket: Ticket) -> str:
    if counted.tried:
        return (
            f"; hosts: {counted.done} done, {counted.failed} failed, {counted.cut_off} cut off, "
            f"{ticket.total - counted.tried + counted.not_started} not started"
        )
    return f" after {ticket.done} of {ticket.total}" if ticket.total else ""
