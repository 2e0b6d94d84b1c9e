"""The demo's scenario of turns: a crawl yields to an install, others wait or merge, a stop cancels them."""

import os
import shutil
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deployments.demo.timeline import Timeline
from p2ppool.demo.events import DemoEvent
from p2ppool.demo.hosts import DemoHosts
from p2ppool.store.models import Ticket, TicketState

BYTES_PER_SECOND: Final = 8000
"""The bandwidth of each slow host: some seconds for the agent, and as many again for the software."""

Start = Callable[[str], str]
"""Starts an action without waiting, and returns the run's id."""


@dataclass(frozen=True)
class Outcome:
    """The report that `--json` writes; the last two values come from the hosts' own logs."""

    events: list[dict[str, Any]]
    overlaps: int
    stop_to_last_ssh_closed_seconds: float | None
    work_after_stop: int

    @property
    def good(self) -> bool:
        """Whether the stop ended everything, and no two actions overlapped."""
        return (
            self.overlaps == 0
            and self.work_after_stop == 0
            and self.stop_to_last_ssh_closed_seconds is not None
        )


def play(
    timeline: Timeline, hosts: DemoHosts, local_node: Path, start: Start, say: Callable[[str], None]
) -> Outcome:
    """Run the scenario on a running pool, whose local node lives in that folder.

    Raises:
        UserError: something did not happen in time.
    """

    def request(action: str, *states: TicketState, then: Callable[[], None] | None = None) -> Ticket:
        say(f"{action} requested")
        run = start(action)
        if then:
            then()
        timeline.until(lambda: _is_in(timeline.of_run(run), states), f"{action} to be {states[0]}")
        ticket = timeline.of_run(run)
        assert ticket is not None  # noqa: S101 - it was seen a moment ago
        return ticket

    say(
        "the local node is paused for a while, to make a crawl take time; then all hosts lose their software,"
    )
    say(f"and the connections are slow ({BYTES_PER_SECOND} bytes a second), to make an install take time")
    request("crawl", TicketState.RUNNING, then=lambda: _signal_node(local_node, signal.SIGSTOP))
    install = request("install", TicketState.RUNNING, then=lambda: _lose_the_software(hosts))
    _signal_node(local_node, signal.SIGCONT)
    request("crawl", TicketState.WAITING)
    request("crawl", TicketState.MERGED)
    timeline.until(lambda: _all_busy(hosts, install), "uploads on all hosts")
    stop = request("stop", TicketState.DONE, TicketState.PARTIAL, TicketState.FAILED)
    return Outcome(
        timeline.as_json(),
        timeline.overlaps(),
        _seconds_to_last_closed(hosts.events(), stop),
        _work_after(hosts.events(), stop),
    )


def _is_in(ticket: Ticket | None, states: Iterable[TicketState]) -> bool:
    return ticket is not None and ticket.state in states


def _signal_node(folder: Path, number: signal.Signals) -> None:
    pid = (folder / "node/node.pid").read_text().split()[0]
    with suppress(ProcessLookupError):
        os.kill(int(pid), number)


def _lose_the_software(hosts: DemoHosts) -> None:
    for home in hosts.homes:
        shutil.rmtree(home / "p2p/bundles")


def _all_busy(hosts: DemoHosts, install: Ticket) -> bool:
    """Tell whether a command of the install runs on every host."""
    began = _started(install)
    busy = {event.host for event in hosts.events() if event.t > began and event.event == "command"}
    return len(busy) == hosts.count


def _seconds_to_last_closed(events: list[DemoEvent], stop: Ticket) -> float | None:
    """Return the seconds since the stop was requested; None: another action's connection stayed open."""
    others = _connections_before(events, stop)
    closed = {(event.host, event.connection): event.t for event in events if event.event == "closed"}
    if not others <= closed.keys():
        return None
    last = max((closed[connection] for connection in others), default=0.0)
    return round(max(0.0, last - stop.due_at.timestamp()), 3)


def _work_after(events: list[DemoEvent], stop: Ticket) -> int:
    """Count what the hosts saw after the stop started beyond its own single connection to each."""
    others, began = _connections_before(events, stop), _started(stop)
    late = [event for event in events if event.t > began and (event.host, event.connection) in others]
    opened = [event.host for event in events if event.t > began and event.event == "opened"]
    return len(late) + len(opened) - len(set(opened))


def _connections_before(events: list[DemoEvent], stop: Ticket) -> set[tuple[int, int]]:
    began = _started(stop)
    return {
        (event.host, event.connection) for event in events if event.event == "opened" and event.t <= began
    }


def _started(ticket: Ticket) -> float:
    return ticket.started_at.timestamp() if ticket.started_at else float("inf")
