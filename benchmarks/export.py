"""A million samples of nodes as CSV: ours beside pandas and the databases' own command lines.

Each side exports the same joined rows of the same database, in a process of its own, and tells its time and
its peak memory. `sqlite3 -csv` and psql know nothing of formulas, time zones or CRLF: they do less.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, create_engine, insert, make_url, text

from p2ppool.store.engine import open_engine
from p2ppool.store.models import Node, NodeSample, Pool, Snapshot
from p2ppool.store.schema import upgrade
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.crawled import ring_samples
from tests.lab.history import a_bare_pool
from tests.lab.postgres import PostgresServer, _folder, _tools, _url

NODES = 1000
CRAWLS = 1000
QUERY = """
SELECT s.id AS snapshot, s.started_at, p.name AS pool, n.address, x.state, x.ip, x."left", x."right", x.left2,
       x.right2, x.shortcuts, x.type, x.consistency, x.retries, x.tcp, x.udp, x.tunnel, x.cons, x.sas, x.wedges,
       x.subring, x.virtual_ip, x.ip_namespace, x.geo_loc, x.seconds, x.error
FROM snapshots s JOIN pools p ON p.id = s.pool_id JOIN node_samples x ON x.snapshot_id = s.id
     JOIN nodes n ON n.id = x.node_id
WHERE p.name = 'bench' ORDER BY s.id, x.node_id
"""
MIB = 1024 * 1024


def main() -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        lite = f"sqlite:///{folder / 'bench.db'}"
        fill(lite)
        compare("SQLite", lite, {"sqlite3 -csv": sqlite3, "pandas in chunks": chunks, "pandas whole": whole})
        post = stack.enter_context(postgresql())
        if post is None:
            print("PostgreSQL is not installed: its half is left out")
            return
        fill(post)
        compare("PostgreSQL", post, {"COPY by psql": psql, "pandas in chunks": chunks, "pandas whole": whole})


def compare(title: str, url: str, peers: dict[str, Callable[[str], None]]) -> None:
    ours, memory = measured("ours", url)
    print(f"{title:10} p2ppool          {ours:6.1f} s {memory:6.0f} MiB")
    for name, peer in peers.items():
        program = {"sqlite3": "sqlite3", "psql": "psql"}.get(peer.__name__)
        if program and not shutil.which(program):
            print(f"{title:10} {name:16} {program} is not installed")
            continue
        seconds, peak = measured(peer.__name__, url)
        print(
            f"{title:10} {name:16} {seconds:6.1f} s {peak:6.0f} MiB,"
            f" ratio {seconds / ours:5.2f} time {peak / memory:6.2f} memory"
        )
    seconds, peak = measured("parquet", url)
    print(f"{title:10} p2ppool, Parquet {seconds:6.1f} s {peak:6.0f} MiB")


def measured(side: str, url: str) -> tuple[float, float]:
    """Seconds from the call to the last byte, and MiB at the peak, of a process of its own."""
    command = [sys.executable, "-m", "benchmarks.export", side, url]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, peak, rows = done.stdout.split()
    if rows not in {str(NODES * CRAWLS), "-"}:
        sys.exit(f"{side} wrote {rows} rows")
    return float(seconds), float(peak)


def run(side: str, url: str) -> None:
    """In the process of one side."""
    sides = {function.__name__: function for function in (ours, parquet, chunks, whole, sqlite3, psql)}
    began = time.monotonic()
    sides[side](url)
    seconds = time.monotonic() - began
    who = resource.RUSAGE_CHILDREN if side in {"sqlite3", "psql"} else resource.RUSAGE_SELF
    rows = "-" if side == "parquet" else OUT.read_bytes().count(b"\n") - 1
    print(seconds, resource.getrusage(who).ru_maxrss / 1024, rows)
    OUT.unlink()


OUT = Path(tempfile.gettempdir()) / f"p2ppool-bench-{os.getpid()}"


def ours(url: str) -> None:
    exported(url, "csv")


def parquet(url: str) -> None:
    exported(url, "parquet")


def exported(url: str, form: str) -> None:
    from p2ppool.exports.files import write_whole  # noqa: PLC0415 - each side loads what it needs itself
    from p2ppool.exports.stream import blocks  # noqa: PLC0415
    from p2ppool.exports.wanted import the_format, wanted  # noqa: PLC0415

    engine = open_engine(url)
    asked = wanted(engine, "node-stats", "bench", start=None, end=None)
    write_whole(blocks(engine, asked, the_format(form)), OUT)


def chunks(url: str) -> None:
    import pandas as pd  # noqa: PLC0415

    with create_engine(url).connect().execution_options(stream_results=True) as connection:
        for number, frame in enumerate(pd.read_sql_query(text(QUERY), connection, chunksize=10_000)):
            frame.to_csv(OUT, mode="a", index=False, header=number == 0)


def whole(url: str) -> None:
    import pandas as pd  # noqa: PLC0415

    with create_engine(url).connect() as connection:
        pd.read_sql_query(text(QUERY), connection).to_csv(OUT, index=False)


def sqlite3(url: str) -> None:
    with OUT.open("wb") as file:
        database = make_url(url).database
        subprocess.run(["sqlite3", "-csv", "-header", database, QUERY], stdout=file, check=True)


def psql(url: str) -> None:
    where = make_url(url)
    with OUT.open("wb") as file:
        copy = f"COPY ({QUERY}) TO STDOUT (FORMAT csv, HEADER)"
        command = ["psql", "-h", where.query["host"], "-U", where.username, where.database, "-c", copy]
        subprocess.run(command, stdout=file, check=True)


@contextmanager
def postgresql():
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
    for number in range(1, CRAWLS + 1):
        keep(engine, pool, number, began + number * timedelta(minutes=30), samples)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def keep(engine: Engine, pool: int, number: int, began: datetime, samples: list[dict]) -> None:
    sums = dict.fromkeys(
        ("silent", "ghosts", "left_over", "retries", "tcp", "udp", "tunnel", "cons", "sas"), 0
    )
    snapshot = {
        "id": number,
        "pool_id": pool,
        "started_at": began,
        "seconds": 9.5,
        "complete": True,
        "reason": "",
    }
    rows = [
        {
            **dict.fromkeys(
                ("left", "left2", "right", "right2", "type", "ip", "tcp", "udp", "tunnel", "cons")
            ),
            "shortcuts": "",
            "error": "",
            "retries": 0,
            **sample,
            "snapshot_id": number,
            "node_id": place,
            "seconds": (number * place % 9973) / 7919,
        }
        for place, sample in enumerate(samples, start=1)
    ]
    with UnitOfWork(engine) as work:
        counts = {"expected": NODES, "answered": NODES, "consistency": 0.5}
        work.session.execute(insert(Snapshot), [snapshot | sums | counts])
        work.session.execute(insert(NodeSample), rows)
        work.commit()


if __name__ == "__main__":
    run(*sys.argv[1:])
