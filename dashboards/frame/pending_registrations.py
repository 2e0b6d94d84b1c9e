"""The number of registrations that wait for a manager."""

from dashboards.web import context
from dashboards.web.access import visitor
from p2ppool.accounts import registrations
from p2ppool.store.unit_of_work import reading


def waiting() -> int:
    """Return how many registrations the visitor can decide; 0 for all but managers."""
    if not visitor().is_manager:
        return 0
    with reading(context.whole_engine()) as work:
        return registrations.count_waiting(work.session)
