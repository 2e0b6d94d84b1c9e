"""A process that asks for turns at random.

What it does inside a turn is a line in a log that all share. Now and then it kills itself there; the first of
them in its first turn, so that one does for certain.
"""

import os
import random
import signal
import time
from pathlib import Path

from sqlalchemy import select

from p2ppool.actions import tickets, turns, waiting
from p2ppool.actions.held_turn import HeldTurn
from p2ppool.actions.leases import LeaseWatch
from p2ppool.actions.processes import this_process
from p2ppool.actions.requests import Request
from p2ppool.actions.turns import Turn
from p2ppool.cancel import CancelToken
from p2ppool.store.engine import open_engine
from p2ppool.store.models import Pool, TicketState
from p2ppool.store.unit_of_work import UnitOfWork

ACTIONS = ("install", "check", "crawl", "crawl", "resume", "suspend")
LEASE = 30.0  # seconds: here holders are missed because they are gone, and not because they are slow


def main(url, log, seed, rounds, *pools):
    """So many rounds, with a choice of the pools in each."""
    engine, chance, risk = open_engine(url), random.Random(seed), 0.1 if seed else 1.0
    with Path(log).open("ab", buffering=0) as shared:
        for _ in range(rounds):
            take_part(engine, chance, shared, chance.choice(pools), risk)
    engine.dispose()


def take_part(engine, chance, shared, pool, risk):
    """One request, to its end."""
    ident = ask(engine, chance.choice(ACTIONS), pool)
    turns.claim(engine, ident, this_process())
    cancel = CancelToken()
    found = waiting.wait(engine, ident, LeaseWatch(LEASE), cancel, lambda *_: None)
    if isinstance(found, Turn):
        with HeldTurn(engine, found, LEASE, cancel):
            act(chance, shared, found, cancel, risk)
            turns.end(engine, ident, TicketState.DONE, "done")


def ask(engine, action, pool):
    with UnitOfWork(engine) as work:
        row = work.session.scalars(select(Pool).where(Pool.name == pool)).one()
        ticket = tickets.admit(work.session, row, Request(action, f"worker {os.getpid()}", {"pool": pool}))
        work.commit()
        return ticket.id


def act(chance, shared, turn, cancel, risk):
    def note(what):
        shared.write(f"{what} {turn.pool_id} {turn.fence}\n".encode())

    note("enter")
    deadline = time.monotonic() + chance.choice((0.0, 0.01, 0.1))
    while time.monotonic() < deadline and not cancel.cancelled:
        time.sleep(0.005)
    if chance.random() < risk:
        note("die")
        os.kill(os.getpid(), signal.SIGKILL)
    note("leave")
