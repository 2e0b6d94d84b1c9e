"""How many people wait for a manager to let them in."""

from dashboards.web import context
from dashboards.web.access import may_act
from p2ppool.accounts import registrations
from p2ppool.store.unit_of_work import reading


def waiting() -> int:
    """How many registrations the visitor can decide: none but for managers."""
    if not may_act():
        return 0
    with reading(context.engine()) as work:
        return registrations.how_many(work.session)
