"""Which past action is tried again."""

from p2ppool.records.pools import get_pool
from p2ppool.reports.actions.retries import what_to_retry
from p2ppool.store.unit_of_work import reading
from tests.lab.past.history import a_bare_pool, a_result


def retry_of(engine, ticket=None):
    with reading(engine) as work:
        return what_to_retry(work.session, get_pool(work.session, "demo"), ticket)


def test_a_gathering_is_tried_again_only_by_its_number(engine):
    a_bare_pool(engine, hosts=2)
    for action in ("install", "gather-logs"):
        a_result(engine, "demo", "node01", action=action, error="refused")
    latest = retry_of(engine)
    assert latest.action == "install"
    named = retry_of(engine, latest.parameters["retry_of"] + 1)
    assert named.action == "gather-logs"
