"""Transactions that begin at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from p2ppool.errors import UserError
from p2ppool.store.unit_of_work import UnitOfWork

AT_ONCE = 4


def at_once(engine, act):
    """Act in a thread each, in transactions that begin together; the texts of errors."""
    barrier = Barrier(AT_ONCE)

    def run(number):
        barrier.wait()
        with UnitOfWork(engine) as work:
            try:
                act(work, number)
            except UserError as error:
                return str(error)
            work.commit()
        return ""

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(run, range(AT_ONCE)))
