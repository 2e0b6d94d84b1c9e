"""Which point of an installation is wrong, and what is told of it."""

import pytest

from p2ppool.fleet.host.outcome import ErrorKind, HostFault, HostOutcome
from p2ppool.fleet.host.target import Target
from p2ppool.pools.rollout import verification
from p2ppool.pools.rollout.verification import ExpectedState

TARGET = Target(key=1, name="host", address="127.0.0.1", port=22, host_key=None)
ADDRESS = "brunet:node:XWXRD552YLGBUS3JPEDIONQ4AHSHDMEU"
WANTED = ExpectedState(pool="token", namespace="here", digest="d" * 64)
SOUND = {
    "folder": "ours",
    "pool": "token",
    "digest": "d" * 64,
    "namespace": "here",
    "running": "yes",
    "processes": "1",
    "config": "accepted",
    "address": ADDRESS,
}


def judged(facts, preflight_failure=None):
    """The kind of error; None: sound."""
    points = verification.check_points(facts, WANTED)
    try:
        verification.judge(points, {}, preflight_failure)
    except HostFault as fault:
        return fault.kind
    return None


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({}, None),
        ({"folder": "absent"}, ErrorKind.NOT_INSTALLED),
        ({"folder": "other"}, ErrorKind.WRONG_POOL),
        ({"pool": "another"}, ErrorKind.WRONG_POOL),
        ({"digest": ""}, ErrorKind.NOT_INSTALLED),
        ({"namespace": "there"}, ErrorKind.WRONG_NAMESPACE),
        ({"digest": "e" * 64}, ErrorKind.OTHER_VERSION),
        ({"namespace": "there", "digest": "e" * 64}, ErrorKind.WRONG_NAMESPACE),
        ({"running": "no", "processes": "0"}, ErrorKind.NOT_RUNNING),
        ({"running": "no", "processes": "2"}, ErrorKind.SEVERAL_PROCESSES),
        ({"running": "no", "processes": "²"}, ErrorKind.NOT_RUNNING),
        ({"config": "refused"}, ErrorKind.CONFIG_REFUSED),
        ({"config": "unknown"}, ErrorKind.CONFIG_REFUSED),
    ],
    ids=str,
)
def test_the_first_point_that_is_wrong_is_the_error(changed, kind):
    assert judged(SOUND | changed) is kind
    assert judged({}) is ErrorKind.WRONG_POOL


def test_every_point_has_an_entry():
    points = verification.check_points(SOUND | {"digest": "e" * 64}, WANTED)
    assert verification.facts_of(points) == {
        "point.pool": "ok",
        "point.namespace": "ok",
        "point.version": "eeeeeeeeeeee, not dddddddddddd",
        "point.processes": "ok",
        "point.config": "ok",
        "point.overlay": "not checked",
    }


@pytest.mark.parametrize("changed", [{"folder": "absent"}, {"running": "no"}, {"config": "refused"}])
def test_what_is_in_the_way_of_a_node_is_named_instead_where_that_explains_it(changed):
    preflight_failure = HostFault(ErrorKind.NO_IFCONFIG)
    assert judged(SOUND | changed, preflight_failure) is ErrorKind.NO_IFCONFIG
    assert judged(SOUND | {"namespace": "there"}, preflight_failure) is ErrorKind.WRONG_NAMESPACE
    assert judged(SOUND, preflight_failure) is None


def outcome(**facts):
    return HostOutcome(TARGET, None, "", "preflight", 1.0, facts=SOUND | facts)


def test_a_node_that_a_crawl_has_met_is_in_the_overlay():
    found = verification.with_overlay(outcome(), {ADDRESS})
    assert (found.ok, found.facts["point.overlay"]) == (True, "ok")
    assert list(verification.missing([outcome()], {ADDRESS})) == []


def test_a_node_that_no_crawl_meets_is_not():
    found = verification.with_overlay(outcome(preflight_failure=""), {"brunet:node:B"})
    assert found.error is ErrorKind.NOT_IN_OVERLAY
    assert f"{ADDRESS} is not among the 1 nodes that answered" in found.message
    assert list(verification.missing([outcome()], set())) == [outcome()]


def test_a_crawl_that_was_cut_short_is_reported():
    found = verification.with_overlay(outcome(), set(), "deadline")
    assert "until the crawl was cut short: deadline" in found.message


def test_why_it_is_not_is_reported_where_it_is_known():
    fault = HostFault(ErrorKind.UNREADABLE_IFCONFIG, "/sbin/ifconfig prints 'inet 192.0.2.1'")
    known = outcome(**verification.facts_of_preflight_failure(fault))
    found = verification.with_overlay(known, set())
    assert (found.error, found.message) == (ErrorKind.UNREADABLE_IFCONFIG, str(fault))
    assert "no ring forms" in found.message


def test_what_failed_before_keeps_its_error():
    failed = HostOutcome(TARGET, ErrorKind.TIMEOUT, "no answer", "connect", 1.0)
    assert verification.with_overlay(failed, {ADDRESS}) is failed


@pytest.mark.parametrize(
    ("changed", "needed"),
    [
        ({}, None),
        ({"config": "refused"}, None),
        ({"folder": "absent"}, "nothing was installed (the folder is absent)"),
        ({"pool": "another"}, "another pool's software was there (another, not token)"),
        ({"digest": "e" * 64}, f"another version was installed ({'e' * 12}, not {'d' * 12})"),
        ({"namespace": "there"}, "its config named another namespace (there, not here)"),
        ({"namespace": "x" * 999}, f"its config named another namespace ({'x' * 99}…)"),
        ({"running": "no", "processes": "0"}, "no process ran (no process of its latest start)"),
        ({"running": "no", "processes": "2"}, "several processes ran (2 processes)"),
    ],
)
def test_what_a_check_repairs(changed, needed):
    assert verification.repair_needed(SOUND | changed, WANTED) == needed


HOSTS = {"192.0.2.1", "192.0.2.2"}


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"holder": "192.0.2.1 port 22", "holder_here": "yes"}, ErrorKind.SAME_MACHINE),
        ({"holder": "192.0.2.1 port 22"}, ErrorKind.SHARED_FOLDER),
    ],
)
def test_a_folder_of_another_host_of_the_pool_is_told(facts, kind):
    with pytest.raises(HostFault, match=r"192\.0\.2\.1") as raised:
        verification.require_own_folder(facts, "192.0.2.2", HOSTS)
    assert raised.value.kind is kind
    verification.require_own_folder(facts, "192.0.2.1", HOSTS)
    verification.require_own_folder(facts, "192.0.2.2", {"192.0.2.2"})  # a former address of this host
    verification.require_own_folder({}, "192.0.2.2", HOSTS)
