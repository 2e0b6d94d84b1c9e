"""When the pages of nodes are ready in a browser, by the number of nodes and by the length of the history.

Ready is: a real headless Chromium shows the rows. Beside it, what a crawl of many nodes weighs on the wire,
sent as columns (ours) and as one object for each row (what a table of Dash usually gets).
"""

import gzip
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Page, sync_playwright
from sqlalchemy import Engine, select

from dashboards.pages.nodes.table import sent
from p2ppool.node.address import PREFIX
from p2ppool.places.geolocation import Geolocation
from p2ppool.reports.nodes.node_table import node_table
from p2ppool.reports.nodes.nodes import last_snapshot_id
from p2ppool.store.engine import open_engine
from p2ppool.store.models import Node, Pool
from p2ppool.store.schema import upgrade
from p2ppool.store.unit_of_work import reading
from tests.lab.past.large import a_large_pool
from tests.lab.web.browser import Pages, chromium_options, serving

NODES = (100, 1_000, 10_000)
CRAWLS = {"a day": 48, "a month": 1_440, "a year": 17_520}  # one each half hour
NODES_OVER_TIME = 100
TIMES = 5
ROW = ".ag-center-cols-container .ag-row"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, database(Path(folder)) as engine:
        for nodes in NODES:
            a_large_pool(engine, f"n{nodes}", nodes=nodes, hosts=nodes)
        for crawls in CRAWLS.values():
            a_large_pool(engine, f"c{crawls}", nodes=NODES_OVER_TIME, hosts=NODES_OVER_TIME, crawls=crawls)
        both = {"nodes": NODES[-1], "hosts": NODES[-1], "crawls": CRAWLS["a year"], "with_samples": 2}
        a_large_pool(engine, "both", **both)
        weigh(engine)
        with serving(folder) as base, chromium() as page:
            browse(engine, page, base)


def browse(engine: Engine, page: Page, base: Pages) -> None:
    page.context.add_cookies(base.cookies)
    for nodes in NODES:
        report(f"table, {nodes} nodes, one crawl", page, f"{base}/pools/n{nodes}/nodes")
    for name, crawls in CRAWLS.items():
        report(f"table, {NODES_OVER_TIME} nodes, {name} of crawls", page, f"{base}/pools/c{crawls}/nodes")
    report(f"table, {NODES[-1]} nodes, a year of crawls", page, f"{base}/pools/both/nodes")
    for name, crawls in CRAWLS.items():
        node = a_node(engine, f"c{crawls}").removeprefix(PREFIX)
        url = f"{base}/pools/c{crawls}/nodes/{node}?period=all"
        report(f"history of one node, {name} of crawls", page, url)


def report(what: str, page: Page, url: str) -> None:
    """After one visit that fills the browser's cache."""
    ready(page, url)
    print(f"{what:42} ready in {median(ready(page, url) for _ in range(TIMES)):5.2f} s")


def ready(page: Page, url: str) -> float:
    page.goto("about:blank")
    start = time.monotonic()
    page.goto(url, wait_until="commit")
    page.wait_for_selector(ROW)
    return time.monotonic() - start


def weigh(engine: Engine) -> None:
    for nodes in NODES:
        name = f"n{nodes}"
        snapshot = last_snapshot_id(engine, name)
        assert snapshot is not None
        start = time.monotonic()
        table = node_table(engine, name, snapshot, Geolocation(None))
        assert table is not None
        payload = sent(table)
        seconds = time.monotonic() - start
        rows = as_rows(payload["columns"])
        print(f"{nodes} nodes: report {1000 * seconds:4.0f} ms, {weight(payload)}; as rows {weight(rows)}")


def as_rows(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    addresses = columns["address"]
    return [
        {
            name: addresses[value] if name in {"left", "right", "left2", "right2"} else value
            for name, value in row
        }
        for row in (list(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))
    ]


def weight(payload: object) -> str:
    text = json.dumps(payload, separators=(",", ":")).encode()
    return f"{len(text) / 1e6:.2f} MB, {len(gzip.compress(text, 6)) / 1e6:.2f} MB compressed"


def a_node(engine: Engine, pool: str) -> str:
    with reading(engine) as work:
        query = select(Node.address).join(Pool).where(Pool.name == pool).order_by(Node.id).limit(1)
        return work.session.scalars(query).one()


@contextmanager
def database(folder: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{folder / 'p2ppool.db'}")
    upgrade(engine)
    yield engine
    engine.dispose()


@contextmanager
def chromium() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium_options())
        yield browser.new_page(viewport={"width": 1400, "height": 1000})
        browser.close()
