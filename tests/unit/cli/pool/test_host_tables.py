"""What `pool stats` and the end of `pool verify` print."""

import json
import sys

import pytest
from sqlalchemy import select

from p2ppool.cli import main
from p2ppool.cli.pool.host_tables import print_verification, size, span
from p2ppool.cli.terminal.database import store
from p2ppool.store.models import HostSample, Ticket
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.history import a_bare_pool, a_result, a_ticket, pool_of


def a_sample(engine, **fields):
    ticket, host = a_ticket(engine, "demo", "crawl"), pool_of(engine, "demo").hosts[0]
    with UnitOfWork(engine) as work:
        work.session.add(HostSample(ticket_id=ticket, host_id=host.id, taken_at=now(), **fields))
        work.commit()


def test_the_last_measurement_of_each_host_is_shown(data_folder, monkeypatch, capsys):
    a_bare_pool(store(), hosts=2)
    a_sample(store(), cpu=0.1)
    a_sample(store(), cpu=0.5, cores=4, memory_free=1 << 30, memory_total=3 << 30, clock_offset=-0.25)
    monkeypatch.setenv("COLUMNS", "250")
    for option in ([], ["--json"]):
        monkeypatch.setattr(sys, "argv", ["p2ppool", "pool", "stats", "demo", *option])
        with pytest.raises(SystemExit):
            main()
    table, _, data = capsys.readouterr().out.partition("[\n")
    assert all(text in table for text in ("50% of 4", "1 GiB of 3 GiB", "-0.250 s", "node02"))
    first, second = json.loads("[" + data)
    assert (first["cpu"], first["memory_total"], second["cpu"]) == (0.5, 3 << 30, None)


def test_a_host_that_failed_a_verification_is_shown_with_its_points(data_folder, capsys):
    a_bare_pool(store(), hosts=2)
    facts = {"point.pool": "ok", "point.version": "ok", "point.processes": "[bold]2 processes"}
    a_result(store(), "demo", "node01", action="verify", error="several_processes", facts=facts)
    with UnitOfWork(store()) as work:
        ticket = work.session.scalars(select(Ticket.id).order_by(Ticket.id.desc())).first()
    print_verification(store(), ticket)
    shown = [line.strip().split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    assert ["ok", "pool, version"] in shown
    assert ["processes", "[bold]2 processes"] in shown
    assert ["overlay", "not checked"] in shown


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, None),
        (0, "0 B"),
        (1023, "1023 B"),
        (1 << 20, "1 MiB"),
        (1536 << 20, "1.5 GiB"),
        (5 << 40, "5.0 TiB"),
    ],
)
def test_sizes_in_words(count, text):
    assert size(count) == text


@pytest.mark.parametrize(("seconds", "text"), [(None, None), (59, "59 s"), (129600, "1.5 d")])
def test_spans_in_words(seconds, text):
    assert span(seconds) == text
