"""All pools for the first page: each report with the pool's last crawls and what is to be done."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine

from p2ppool.reports.actions.retry_offers import RetryOffer, retry_offers
from p2ppool.reports.crawls.recent import CrawlPoint, recent_crawls
from p2ppool.reports.pools.pools import PoolReport, pools_in
from p2ppool.reports.pools.versions import behind_counts
from p2ppool.store.unit_of_work import reading


@dataclass(frozen=True, kw_only=True)
class PoolCard:
    """One pool.

    Attributes:
        pool: its state, its last crawl, and what runs on it.
        crawls: its last crawls, the oldest first.
        behind: number of hosts without the pool's version; None if unknown.
        retry: what a retry would do; None if nothing is left to retry.
    """

    pool: PoolReport
    crawls: tuple[CrawlPoint, ...]
    behind: int | None
    retry: RetryOffer | None


def pool_cards(engine: Engine, wanted: Mapping[int, str]) -> list[PoolCard]:
    """List every pool by name; the number of queries does not grow with them.

    `wanted` has the digests of the bundles that the pools' hosts should have, by pool id.
    """
    with reading(engine) as work:
        reports = pools_in(work.session)
        ids = [report.id for report in reports]
        crawls, behind = recent_crawls(work.session, ids), behind_counts(work.session, wanted)
        retries = retry_offers(work.session, ids)
    return [
        PoolCard(
            pool=report,
            crawls=crawls.get(report.id, ()),
            behind=behind.get(report.id),
            retry=retries.get(report.id),
        )
        for report in reports
    ]
