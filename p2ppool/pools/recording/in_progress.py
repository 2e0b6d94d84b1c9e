"""Stores on which hosts an action is working: one row for each running action, rewritten at each change."""

from collections.abc import Mapping

from sqlalchemy import delete
from sqlalchemy.orm import Session

from p2ppool.fleet.fan_out.in_progress import Working
from p2ppool.store.models import HostsInProgress


def keep_in_progress(session: Session, ticket_id: int, hosts: Mapping[int, Working]) -> None:
    """Store the hosts that the action is working on; the caller commits."""
    if not hosts:
        session.execute(delete(HostsInProgress).where(HostsInProgress.ticket_id == ticket_id))
        return
    steps = {str(key): [host.step, host.since.isoformat(timespec="seconds")] for key, host in hosts.items()}
    session.merge(HostsInProgress(ticket_id=ticket_id, hosts=steps))
