"""Which hosts are behind."""

from sqlalchemy import select

from p2ppool.reports.pools.versions import versions_of
from p2ppool.store.models import Host, HostState
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.history import a_bare_pool


def test_hosts_with_another_version_or_none_are_behind(engine):
    a_bare_pool(engine, hosts=4)
    with UnitOfWork(engine) as work:
        current, old, bare, gone = work.session.scalars(select(Host).order_by(Host.id))
        current.digest, current.facts = "new", {"package": "node@2"}
        old.digest, old.facts = "old", {"package": "node@1"}
        bare.facts = {"package": "node@1"}
        gone.state = HostState.GONE
        work.commit()
    found = versions_of(engine, "demo", "new")
    assert [(host.host, host.package, host.behind) for host in found] == [
        (old.name, "node@1", True),
        (bare.name, None, True),
        (current.name, "node@2", False),
    ]
