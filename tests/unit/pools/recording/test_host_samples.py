"""What is kept of measurements: shares are of the time since the one before, in the same boot."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from p2ppool.fleet.agent.host_stats import PREFIX, HostStats
from p2ppool.fleet.host.outcome import ErrorKind, HostOutcome
from p2ppool.pools.recording import host_samples, results
from p2ppool.reports.hosts.host_stats import host_stats
from p2ppool.store.models import Host, HostResult, HostSample
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.history import a_bare_pool, a_ticket, pool_of
from tests.unit.fleet.outcomes import good_outcome

TOLD = {
    "kernel": "Linux 6.1",
    "python3": "3.11.2",
    "mono": "",
    "cores": "2",
    "cpu_busy": "300",
    "cpu_total": "1000",
    "uptime": "500.0",
    "memory_total": "4000000000000",
    "clock_offset": "-2.5",
    "clock_error": "0.01",
    "node_ticks": "50",
    "node_uptime": "10.0",
    "hertz": "100",
}


@pytest.fixture
def target(engine):
    a_bare_pool(engine, hosts=1)
    (target,) = results.targets_of(pool_of(engine, "demo"))
    return target


def measured(target, **changed):
    return good_outcome(target, **{f"{PREFIX}{name}": value for name, value in (TOLD | changed).items()})


def keep(engine, outcome, how=host_samples.keep_samples):
    ticket = a_ticket(engine, "demo", "crawl")
    with UnitOfWork(engine) as work:
        how(work.session, ticket, [outcome])
        work.commit()
    return ticket


def test_the_first_sample_is_since_the_boot_and_the_next_since_the_one_before(engine, target):
    keep(engine, measured(target))
    (first,) = host_stats(engine, "demo")
    assert (first.cpu, first.node_cpu, first.memory_total) == (0.3, 0.05, 4_000_000_000_000)
    later = {"cpu_busy": "390", "cpu_total": "1100", "uptime": "510.0", "node_ticks": "1050"}
    keep(engine, measured(target, **later, node_uptime="20.0"))
    (second,) = host_stats(engine, "demo")
    assert (second.cpu, second.node_cpu, second.uptime) == (pytest.approx(0.9), pytest.approx(1.0), 510.0)


def test_the_machine_is_known_from_then_on_and_what_is_not_reported_again_stays(engine, target):
    keep(engine, measured(target))
    keep(engine, good_outcome(target, **{f"{PREFIX}kernel": "Linux 6.2\n", f"{PREFIX}cores": "x"}))
    (host,) = host_stats(engine, "demo")
    assert host.facts == {
        "kernel": "Linux 6.2",
        "python3": "3.11.2",
        "mono": "",
        "cores": 2,
        "memory_total": 4_000_000_000_000,
        "clock_error": 0.01,
    }
    assert host.facts_at is not None
    assert host.cores is None  # of the last sample


def test_a_host_that_did_not_answer_has_no_sample_and_no_result(engine, target):
    keep(engine, HostOutcome(target, ErrorKind.TIMEOUT, "no answer", "connect", 1.0))
    with UnitOfWork(engine) as work:
        assert work.session.scalars(select(HostSample)).all() == []
        assert work.session.scalars(select(HostResult)).all() == []


def test_an_action_s_results_keep_measurements_address_and_all_other_facts(engine, target):
    address = "brunet:node:XWXRD552YLGBUS3JPEDIONQ4AHSHDMEU"
    outcome = measured(target)
    facts = {**outcome.facts, "address": address, "repaired": "x" * 2000}
    keep(engine, HostOutcome(target, None, "", "check", 1.0, facts=facts), results.keep)
    keep(engine, good_outcome(target, address="brunet:node:no address"), results.keep)
    with UnitOfWork(engine) as work:
        first, second = work.session.scalars(select(HostResult).order_by(HostResult.ticket_id))
        assert set(first.facts) == {"address", "repaired"}
        assert len(first.facts["repaired"]) == 1000
        assert second.facts == {"address": "brunet:node:no address"}
        assert work.session.get_one(Host, target.key).node_address == address
        assert len(work.session.scalars(select(HostSample)).all()) == 1


def sample(**fields):
    values = {"cpu_busy": 300, "cpu_total": 1000, "uptime": 500.0, "node_ticks": 50, "node_uptime": 10.0}
    return HostSample(taken_at=now() - timedelta(seconds=100), **(values | fields))


NOW = {
    "cpu_busy": 400,
    "cpu_total": 1200,
    "uptime": 600.0,
    "node_ticks": 150,
    "node_uptime": 110.0,
    "hertz": 100,
}


@pytest.mark.parametrize(
    ("changed", "cpu", "node_cpu"),
    [
        ({}, 0.5, 0.01),
        ({"uptime": 20.0, "node_uptime": 10.0}, 400 / 1200, 0.15),  # it has been started again
        ({"uptime": 900.0}, 400 / 1200, 150 / 100 / 110),  # so it has, long ago
        ({"cpu_busy": 299}, 299 / 1200, 150 / 100 / 110),  # a counter has fallen
        ({"node_uptime": 50.0}, 0.5, 0.03),  # another node
        ({"node_ticks": 49}, 0.5, 49 / 100 / 110),  # one of its processes has gone
        ({"cpu_busy": None}, None, 150 / 100 / 110),
        ({"hertz": None}, 0.5, None),
        ({"node_ticks": None}, 0.5, None),
        ({"node_uptime": 0.0, "uptime": 600.0}, 0.5, None),
    ],
    ids=str,
)
def test_counters_are_compared_only_within_a_boot_and_a_start(changed, cpu, node_cpu):
    found = HostStats(**(NOW | changed))
    assert host_samples.cpu(found, sample(), 100.0) == pytest.approx(cpu)
    assert host_samples.node_cpu(found, sample(), 100.0) == pytest.approx(node_cpu)
