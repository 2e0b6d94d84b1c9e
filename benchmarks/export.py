"""A million samples of nodes as CSV: ours beside pandas and the databases' own command lines.

Each side exports the same joined rows of the same database, in a process of its own, and tells its time and
its peak memory. `sqlite3 -csv` and psql know nothing of formulas, time zones or CRLF: they do less.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, Insert, insert, select, text

from p2ppool.store.engine import open_engine
from p2ppool.store.models import Node, NodeSample, Pool, Snapshot
from p2ppool.store.schema import upgrade
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.database.postgres import PostgresServer, _folder, _tools, _url
from tests.lab.past.crawled import ring_samples
from tests.lab.past.history import a_bare_pool

NODES = 1000
CRAWLS = 1000
PANDAS = {"pandas in chunks": "chunks", "pandas whole": "whole"}
PROGRAMS = ("sqlite3", "psql")


def main() -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        lite = f"sqlite:///{folder / 'bench.db'}"
        fill(lite)
        compare("SQLite", lite, {"sqlite3 -csv": "sqlite3"} | PANDAS)
        post = stack.enter_context(postgresql())
        if post is None:
            print("PostgreSQL is not installed: its half is left out")
            return
        fill(post)
        compare("PostgreSQL", post, {"COPY by psql": "psql"} | PANDAS)


def compare(title: str, url: str, peers: dict[str, str]) -> None:
    ours, memory = measured("ours", url)
    print(f"{title:10} p2ppool          {ours:6.1f} s {memory:6.0f} MiB", flush=True)
    for name, peer in peers.items():
        if peer in PROGRAMS and not shutil.which(peer):
            print(f"{title:10} {name:16} {peer} is not installed")
            continue
        seconds, peak = measured(peer, url)
        print(
            f"{title:10} {name:16} {seconds:6.1f} s {peak:6.0f} MiB,"
            f" ratio {seconds / ours:5.2f} time {peak / memory:6.2f} memory",
            flush=True,
        )
    seconds, peak = measured("parquet", url)
    print(f"{title:10} p2ppool, Parquet {seconds:6.1f} s {peak:6.0f} MiB")


def measured(side: str, url: str) -> tuple[float, float]:
    """Seconds from the call to the last byte, and MiB at the peak, of a process of its own."""
    command = [sys.executable, "-m", "benchmarks._export_sides", side, url]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, peak, rows = done.stdout.split()
    if rows not in {str(NODES * CRAWLS), "-"}:
        sys.exit(f"{side} wrote {rows} rows")
    return float(seconds), float(peak)


@contextmanager
def postgresql() -> Iterator[str | None]:
    tools = _tools()
    if tools is None:
        yield None
        return
    with _folder() as folder:
        server = PostgresServer(tools, folder)
        server.start()
        try:
            yield _url(folder, "postgres").render_as_string()
        finally:
            server.stop()


def fill(url: str) -> None:
    """CRAWLS crawls of a pool of NODES nodes."""
    engine = open_engine(url)
    upgrade(engine)
    a_bare_pool(engine, "bench", hosts=NODES - 1)
    with reading(engine) as work:
        pool = work.session.query(Pool.id).scalar()
    samples = ring_samples(NODES, dead=20)
    began = datetime(2026, 1, 1, tzinfo=UTC)
    nodes = [
        {"id": number, "pool_id": pool, "address": sample.pop("address"), "first_seen_at": began}
        for number, sample in enumerate(samples, start=1)
    ]
    with UnitOfWork(engine) as work:
        work.session.execute(insert(Node), nodes)
        work.commit()
    keep(engine, pool, began, samples)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def keep(engine: Engine, pool: int, began: datetime, samples: list[dict]) -> None:
    """The first crawl's samples, and for all others the same with other times."""
    counts = {"expected": NODES, "answered": NODES, "consistency": 0.5, "seconds": 9.5, "reason": ""}
    sums = dict.fromkeys(
        ("silent", "ghosts", "left_over", "retries", "tcp", "udp", "tunnel", "cons", "sas"), 0
    )
    snapshots = [
        {
            "id": number,
            "pool_id": pool,
            "started_at": began + number * timedelta(minutes=30),
            "complete": True,
        }
        for number in range(1, CRAWLS + 1)
    ]
    common = dict.fromkeys(("left", "left2", "right", "right2", "type", "ip", "tcp", "udp", "tunnel", "cons"))
    rows = [
        {**common, "shortcuts": "", "error": "", "retries": 0, **sample, "snapshot_id": 1, "node_id": place}
        for place, sample in enumerate(samples, start=1)
    ]
    with UnitOfWork(engine) as work:
        work.session.execute(insert(Snapshot), [snapshot | counts | sums for snapshot in snapshots])
        work.session.execute(insert(NodeSample), rows)
        work.session.execute(_copies())
        work.commit()


def _copies() -> Insert:
    varied = {"snapshot_id": Snapshot.id, "seconds": NodeSample.seconds * Snapshot.id / 7919.0}
    names = [column.name for column in NodeSample.__table__.columns]
    values = [varied.get(name, NodeSample.__table__.c[name]) for name in names]
    source = (
        select(*values)
        .select_from(Snapshot)
        .join(NodeSample, NodeSample.snapshot_id == 1)
        .where(Snapshot.id > 1)
        .order_by(Snapshot.id, NodeSample.node_id)
    )
    return insert(NodeSample).from_select(names, source)
