"""A result and a heartbeat on SQLite: the one synced to the disk at each commit, the other not."""

import statistics
import tempfile
import time
from collections.abc import Callable

from sqlalchemy import Engine

from p2ppool.actions import turns
from p2ppool.actions.turns import Turn
from p2ppool.store.engine import open_engine
from p2ppool.store.models import Pool
from p2ppool.store.schema import upgrade
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.history import a_bare_pool
from tests.lab.past.turns import started

_COMMITS = 300
_ROUNDS = 3


def main() -> None:
    """Print the median of each, and their ratio."""
    times: dict[str, list[float]] = {"result": [], "heartbeat": []}
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/p2ppool.db")
        upgrade(engine)
        turn = started(engine, a_bare_pool(engine, hosts=1), "check")
        for _ in range(_ROUNDS):
            times["result"] += _timed(lambda: _write(engine, turn))
            times["heartbeat"] += _timed(lambda: turns.renew(engine, turn))
        engine.dispose()
    medians = {what: statistics.median(found) * 1000 for what, found in times.items()}
    for what, median in medians.items():
        print(f"{what:10} {median:6.2f} ms")
    print(f"a synced commit takes {medians['result'] / medians['heartbeat']:.1f} times as long")


def _write(engine: Engine, turn: Turn) -> None:
    with UnitOfWork(engine) as work:
        turns.require(work.session, turn)
        pool = work.session.get_one(Pool, turn.pool_id)
        pool.description = str(int(pool.description or 0) + 1)
        work.commit()


def _timed(act: Callable[[], object]) -> list[float]:
    found = []
    for _ in range(_COMMITS):
        began = time.perf_counter()
        act()
        found.append(time.perf_counter() - began)
    return found
