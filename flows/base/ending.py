"""How an action ended, in one line for a person."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from p2ppool.actions.held_turn import HeldTurn
from p2ppool.fleet.host.outcome import HostOutcome
from p2ppool.pools.recording.results import Tally, tally
from p2ppool.store.models import Ticket, TicketState
from tasks.support.database import look


@dataclass(frozen=True)
class Ending:
    """The state of the ticket and the line."""

    state: TicketState
    message: str


def ending_of_hosts(outcomes: Sequence[HostOutcome], what: str) -> Ending:
    """Some hosts are enough for a partial success: the others can be tried again.

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
    """Who or what ended it, and how far it had come."""
    counted = look(lambda work: tally(work.session, held.turn.ticket_id))
    ticket = look(lambda work: work.session.get_one(Ticket, held.turn.ticket_id))
    reason = held.cancel.reason
    notified = reason if reason.startswith("preempted") else f"cancelled: {reason}"
    return Ending(TicketState.CANCELLED, f"{notified}{_how_far(counted, ticket)}")


def _how_far(counted: Tally, ticket: Ticket) -> str:
    if counted.tried:
        return (
            f"; hosts: {counted.done} done, {counted.failed} failed, {counted.cut_off} cut off, "
            f"{ticket.total - counted.tried + counted.not_started} not started"
        )
    return f" after {ticket.done} of {ticket.total}" if ticket.total else ""
