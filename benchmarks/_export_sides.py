"""The sides of the benchmark of exports, each run in a process of its own."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

QUERY = """
SELECT s.id AS snapshot, s.started_at, p.name AS pool, n.address, x.state, x.ip, x."left", x."right", x.left2,
       x.right2, x.shortcuts, x.type, x.consistency, x.retries, x.tcp, x.udp, x.tunnel, x.cons, x.sas,
       x.wedges, x.subring, x.virtual_ip, x.ip_namespace, x.geo_loc, x.seconds, x.error
FROM snapshots s JOIN pools p ON p.id = s.pool_id JOIN node_samples x ON x.snapshot_id = s.id
     JOIN nodes n ON n.id = x.node_id
WHERE p.name = 'bench' ORDER BY s.id, x.node_id
"""
OUT = Path(tempfile.gettempdir()) / f"p2ppool-bench-{os.getpid()}"


def ours(url: str) -> None:
    exported(url, "csv")


def parquet(url: str) -> None:
    exported(url, "parquet")


def exported(url: str, form: str) -> None:
    from p2ppool.exports.files import write_whole  # noqa: PLC0415 - each side loads what it needs itself
    from p2ppool.exports.stream import blocks  # noqa: PLC0415
    from p2ppool.exports.wanted import get_format, wanted  # noqa: PLC0415
    from p2ppool.store.engine import open_engine  # noqa: PLC0415

    engine = open_engine(url)
    asked = wanted(engine, "node-stats", "bench", start=None, end=None)
    write_whole(blocks(engine, asked, get_format(form)), OUT)


def chunks(url: str) -> None:
    import pandas as pd  # noqa: PLC0415

    with create_engine(url).connect().execution_options(stream_results=True) as connection:
        for number, frame in enumerate(pd.read_sql_query(text(QUERY), connection, chunksize=10_000)):
            frame.to_csv(OUT, mode="a", index=False, header=number == 0)


def whole(url: str) -> None:
    import pandas as pd  # noqa: PLC0415

    with create_engine(url).connect() as connection:
        pd.read_sql_query(text(QUERY), connection).to_csv(OUT, index=False)


def sqlite3(url: str) -> float:
    return follow(["sqlite3", "-csv", "-header", str(make_url(url).database), QUERY])


def psql(url: str) -> float:
    where = make_url(url)
    copy = f"COPY ({QUERY}) TO STDOUT (FORMAT csv, HEADER)"
    host, user = str(where.query["host"]), str(where.username)
    return follow(["psql", "-h", host, "-U", user, str(where.database), "-c", copy])


def peak_of(process: int | str) -> float:
    """MiB that the process had at its peak; getrusage would count what it was before exec, too."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return 0.0
    lines = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(lines[0].split()[1]) / 1024 if lines else 0.0


def follow(command: list[str]) -> float:
    """Run it into OUT; its peak."""
    peak = 0.0
    with OUT.open("wb") as file, subprocess.Popen(command, stdout=file) as process:
        while process.poll() is None:
            peak = max(peak, peak_of(process.pid))
            time.sleep(0.01)
    if process.returncode:
        sys.exit(f"{command[0]} failed")
    return peak


def main(side: str, url: str) -> None:
    sides = {function.__name__: function for function in (ours, parquet, chunks, whole, sqlite3, psql)}
    began = time.monotonic()
    peak = sides[side](url) or peak_of("self")
    seconds = time.monotonic() - began
    with OUT.open("rb") as file:
        rows = "-" if side == "parquet" else sum(1 for _ in file) - 1
    OUT.unlink()
    print(seconds, peak, rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
