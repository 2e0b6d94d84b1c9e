"""The table of hosts shows what was measured of each last."""

from dashboards.pages.pool import hosts
from p2ppool.store.models import HostSample
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.history import a_bare_pool, a_ticket, pool_of


def test_what_was_measured_stands_beside_the_last_result(engine, request_context):
    a_bare_pool(engine, hosts=2)
    ticket, host = a_ticket(engine, "demo", "crawl"), pool_of(engine, "demo").hosts[0]
    sizes = {"memory_total": 4 << 30, "memory_free": 1 << 30, "disk_total": 10, "disk_free": None}
    with UnitOfWork(engine) as work:
        work.session.add(
            HostSample(ticket_id=ticket, host_id=host.id, taken_at=now(), cpu=0.256, load=1.5, **sizes)
        )
        work.commit()
    rows, _ = hosts._fill("", "demo")
    first, second = rows
    assert [first[name] for name in ("cpu", "load", "memory", "disk")] == [26, 1.5, 75, None]
    assert second["cpu"] is None
