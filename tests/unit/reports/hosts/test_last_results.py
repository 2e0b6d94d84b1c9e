"""Each host with its last result, those in trouble first."""

from p2ppool.reports.hosts.last_results import host_reports
from tests.lab.past.history import a_bare_pool, a_pool, a_result


def test_hosts_in_trouble_come_first(engine):
    a_pool(engine, nodes=4)
    a_result(engine, "demo", "node02", error="refused", step="connect", message="node02:22 refused")
    assert [host.name for host in host_reports(engine, "demo")] == ["node02", "node01", "node03"]


def test_the_last_result_is_that_of_the_latest_ticket(engine):
    a_pool(engine, nodes=3, failed=2)
    a_result(
        engine,
        "demo",
        "node01",
        action="check",
        error=None,
        step="check",
        message="as it should be",
        seconds=0.5,
    )
    by_name = {host.name: host for host in host_reports(engine, "demo")}
    first, second = by_name["node01"].last, by_name["node02"].last
    assert (first.action, first.error, first.step, first.seconds) == ("check", None, "check", 0.5)
    assert (second.action, second.error, second.step) == ("create", "refused", "connect")
    assert "node02:22 refused the connection" in second.message
    assert second.ended_at.tzinfo is not None


def test_a_host_that_nothing_reached_has_no_result(engine):
    a_bare_pool(engine, hosts=1)
    assert [host.last for host in host_reports(engine, "demo")] == [None]


def test_other_pools_hosts_are_not_reported(engine):
    a_bare_pool(engine, "other", hosts=2)
    assert host_reports(engine, "demo") == []
