"""The latest row of each parent, as correlated subqueries.

Each costs one index lookup for each parent, however long the history is.
"""

from sqlalchemy import ScalarSelect, func, select

from p2ppool.store.models import Host, HostResult, HostSample, Pool, Snapshot


def last_snapshot_of_pool() -> ScalarSelect[int]:
    """Return the id of the snapshot whose crawl began last; for statements on `Pool`."""
    return (
        select(Snapshot.id)
        .where(Snapshot.pool_id == Pool.id)
        .order_by(Snapshot.started_at.desc(), Snapshot.id.desc())
        .limit(1)
        .correlate(Pool)
        .scalar_subquery()
    )


def last_sample_of_host() -> ScalarSelect[int]:
    """Return the id of the ticket that took the latest sample; for statements on `Host`."""
    samples = HostSample.__table__.alias("samples")
    return (
        select(samples.c.ticket_id)
        .where(samples.c.host_id == Host.id)
        .order_by(samples.c.taken_at.desc())
        .limit(1)
        .correlate(Host)
        .scalar_subquery()
    )


def last_result_of_host() -> ScalarSelect[int]:
    """Return the id of the ticket with the latest result; for statements on `Host`."""
    results = HostResult.__table__.alias("results")
    return (
        select(func.max(results.c.ticket_id))
        .where(results.c.host_id == Host.id)
        .correlate(Host)
        .scalar_subquery()
    )
