"""Measuring a host: the real agent on this machine, and what is made of what hosts tell."""

import os
import shutil
import time

import pytest

from p2ppool.fleet.agent import clock, verbs
from p2ppool.fleet.agent.host_stats import HostStats, read_stats
from tests.lab.waiting import eventually
from tests.unit.fleet.bundles import folder_request, install_request

BUSY = "sleep 1000 & while :; do [ -e ../enough ] && exec sleep 1000; done"


@pytest.mark.usefixtures("shell")
def test_a_host_and_its_node_are_measured(host, base):
    verbs.install(host, install_request(base, BUSY))
    eventually(lambda: (read_stats(verbs.stats(host, folder_request(base))).node_ticks or 0) > 5)
    facts = verbs.stats(host, folder_request(base))
    (base / "enough").touch()
    found = read_stats(facts)
    assert found.cores == os.cpu_count()
    assert 0 < found.cpu_busy < found.cpu_total
    assert found.memory_total == pytest.approx(
        os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"), rel=0.01
    )
    assert 0 < found.memory_free <= found.memory_total
    disk = shutil.disk_usage(base)
    assert found.disk_total == pytest.approx(disk.total, abs=1024)
    assert found.disk_free == pytest.approx(disk.free, rel=0.2)
    assert found.uptime == pytest.approx(time.clock_gettime(time.CLOCK_BOOTTIME), rel=0.1)
    assert found.hertz == os.sysconf("SC_CLK_TCK")
    assert 100_000 < found.node_rss < 100_000_000  # two small processes
    assert found.node_ticks > 5
    assert 0 < found.node_uptime < 600
    assert abs(found.clock_offset) <= found.clock_error + 0.01  # it is this very machine's clock
    assert facts["kernel"].startswith("Linux ")


def test_where_nothing_is_installed_the_host_is_measured_all_the_same(host, base):
    found = read_stats(verbs.stats(host, folder_request(base)))
    assert found.disk_free > 0
    assert (found.node_rss, found.node_ticks, found.node_uptime) == (None, None, None)
    assert not base.exists()


HONEST = {"cores": "2", "cpu_busy": "5", "cpu_total": "9", "load": "0.25", "uptime": "7.5"}


def test_numbers_are_read():
    assert read_stats(HONEST) == HostStats(cores=2, cpu_busy=5, cpu_total=9, load=0.25, uptime=7.5)


@pytest.mark.parametrize(
    "told",
    [
        *({"cores": text} for text in ("", "-1", "0", "1e3", "nan", "²", "1\n", "9" * 400, "65537")),
        *({"load": text} for text in ("inf", "-0.1", "0x1", "1,5", "1000001", "." * 300)),
        {"node_rss": "9223372036854775808"},
        {"hertz": "0"},
        {"cpu_busy": "10", "cpu_total": "9"},
        {"memory_free": "2", "memory_total": "1"},
        {"disk_free": "2", "disk_total": "1"},
        {"cpu_total": "0"},
    ],
    ids=str,
)
def test_what_is_no_number_or_cannot_be_is_none(told):
    assert read_stats(told) == HostStats()


def test_a_clock_is_compared_with_the_middle_of_the_round_trip():
    assert clock.compare("105.250", 100.0, 101.0) == {"clock_offset": "4.7500", "clock_error": "0.5000"}


def test_a_clock_without_a_fraction_is_known_less_exactly():
    assert clock.compare("105", 100.0, 101.0) == {"clock_offset": "5.0000", "clock_error": "1.0000"}


@pytest.mark.parametrize("told", ["", "x", "1e9", "-5", "1.", "1" * 13, "nan"])
def test_what_is_no_clock_has_no_offset(told):
    assert clock.compare(told, 100.0, 101.0) == {}
