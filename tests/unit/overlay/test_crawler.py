"""The crawl of an overlay that does what it is told. With all its nodes healthy it ends in a moment."""

import threading
import time
from datetime import UTC, datetime, timedelta
from xmlrpc.client import Fault

import pytest

from p2ppool.overlay.crawler import CrawlLimits, crawl
from p2ppool.overlay.errors import GatewayMalformedError, GatewayUnreachableError
from p2ppool.overlay.snapshot import CutShort, NodeState, Sums
from tests.lab.overlay.fake_overlay import FakeOverlay
from tests.lab.waiting import eventually

QUICK = CrawlLimits(timeout=1.0, last_round_timeout=1.0)
HANG_GUARD = 30


@pytest.fixture
def overlay(request):
    size = getattr(request, "param", 8)
    with FakeOverlay(size) as overlay:
        yield overlay


def of_size(*sizes):
    return pytest.mark.parametrize("overlay", sizes, indirect=True)


def crawled(overlay, limits=QUICK, **options):
    with overlay.gateway() as gateway:
        return crawl(gateway, limits, **options)


def by_place(overlay, result):
    nodes = {node.address: node for node in result.nodes}
    return [nodes.get(address) for address in overlay.addresses]


class TestHealthy:
    @of_size(1, 2, 3, 4, 40, 200)
    def test_every_node_is_found_once_in_ring_order(self, overlay):
        result = crawled(overlay)
        assert [node.address for node in result.nodes] == overlay.addresses
        assert result.consistency == 1.0
        assert result.complete
        assert set(overlay.asked.values()) == {1}

    def test_a_node_reports_all_about_itself(self, overlay):
        overlay.behaviour[overlay.addresses[3]] = lambda: [
            overlay.info(overlay.addresses[3])
            | {"VirtualIPs": ["5.0.0.1"], "IpopNamespace": "lab", "geo_loc": "1.5,2", "sas": 7, "wedges": 8}
        ]
        node = by_place(overlay, crawled(overlay))[3]
        named = overlay.neighbours(node.address)
        assert (node.left, node.right) == (named["left"], named["right"])
        assert (node.left2, node.right2) == (named["left2"], named["right2"])
        assert node.shortcuts == (named["shortcut"],)
        assert (node.type, node.ip, node.virtual_ip) == ("BasicNode", "192.0.2.2", "5.0.0.1")
        assert (node.ip_namespace, node.geo_loc) == ("lab", "1.5, 2.0")
        assert (node.tcp, node.udp, node.tunnel, node.cons) == (1, 2, 0, 3)
        assert (node.sas, node.wedges, node.subring) == (7, 8, None)
        assert (node.state, node.bits, node.consistency) == (NodeState.ANSWERED, (True,) * 4, 1.0)
        assert (node.retries, node.error, node.answered_by) == (0, "", None)
        assert node.seconds > 0

    def test_the_crawl_sums_up(self, overlay):
        overlay.hang(3)
        result = crawled(overlay)
        assert result.sums == Sums(tcp=7, udp=14, tunnel=0, cons=21, sas=0, retries=1)
        assert (result.answered, result.silent, result.ghosts, result.left_over) == (7, 1, 0, 0)
        assert result.started_at.tzinfo is UTC
        assert timedelta(0) < datetime.now(UTC) - result.started_at < timedelta(minutes=5)

    @of_size(100)
    def test_many_calls_run_at_a_time(self, overlay):
        overlay.delay = 0.1
        result = crawled(overlay)
        assert result.answered == 100
        assert result.seconds < 100 * overlay.delay / 2

    def test_progress_is_reported(self, overlay):
        overlay.hang(2)
        overlay.haunt(5, answered_by=6)
        told = []
        crawled(overlay, on_progress=told.append)
        last = told[-1]
        assert (last.known, last.answered, last.silent, last.ghosts) == (8, 6, 1, 1)
        assert [one.answered for one in told] == sorted(one.answered for one in told)

    def test_a_gateway_serves_crawl_after_crawl(self, overlay):
        with overlay.gateway() as gateway:
            assert [crawl(gateway, QUICK).answered for _ in range(3)] == [8, 8, 8]


class TestDead:
    def test_a_node_that_was_just_killed_is_silent_and_costs_its_neighbours(self, overlay):
        overlay.hang(3)
        result = crawled(overlay)
        dead = by_place(overlay, result)[3]
        assert (dead.state, dead.consistency, dead.bits) == (NodeState.SILENT, 0.0, (None,) * 4)
        assert (dead.error, dead.retries) == ("no answer within 1 s", 1)
        assert by_place(overlay, result)[4].bits == (True, True, False, True)
        assert result.consistency == 0.75
        assert result.complete

    @of_size(100)
    def test_dead_nodes_cost_two_time_outs_together_and_not_one_each(self, overlay):
        overlay.hang(*range(5, 95, 5))
        result = crawled(overlay)
        assert (result.answered, result.silent) == (82, 18)
        assert overlay.most_hanging > 16
        assert result.seconds < 18 * QUICK.timeout / 2

    @of_size(100)
    def test_the_healthy_are_all_heard_while_the_dead_wait(self, overlay):
        overlay.hang(*range(2, 60, 2))
        seen = []

        def healthy_first(progress):
            if progress.silent == 0:
                seen.append(progress.answered)

        limits = CrawlLimits(timeout=3.0, last_round_timeout=0.3)
        crawled(overlay, limits, on_progress=healthy_first)
        assert seen[-1] == 100 - 29

    def test_a_node_that_missed_one_call_is_heard_in_the_last_round(self, overlay):
        overlay.hang_once(3)
        result = crawled(overlay)
        node = by_place(overlay, result)[3]
        assert (node.state, node.retries, node.error) == (NodeState.ANSWERED, 1, "")
        assert result.consistency == 1.0

    def test_nodes_known_only_to_one_that_answered_late_are_found_too(self, overlay):
        overlay.isolate(4, known_to=3)
        overlay.hang_once(3)
        assert crawled(overlay).answered == 8

    @of_size(60)
    def test_a_gateway_short_of_threads_makes_nobody_silent(self, overlay):
        dead = range(2, 60, 3)
        overlay.hang(*dead)
        overlay.ration_threads(0.1)
        result = crawled(overlay, CrawlLimits(timeout=0.6, last_round_timeout=0.6))
        silent = [place for place, node in enumerate(by_place(overlay, result)) if node.state == "silent"]
        assert silent == list(dead)

    def test_a_slow_node_is_no_dead_one(self, overlay):
        overlay.slow(3, 0.7)
        assert by_place(overlay, crawled(overlay))[3].retries == 0

    def test_an_address_on_which_the_overlay_gave_up_is_silent(self, overlay):
        overlay.behaviour[overlay.addresses[3]] = list
        node = by_place(overlay, crawled(overlay))[3]
        assert (node.state, node.error) == (NodeState.SILENT, "the overlay got no answer from it")


class TestGhosts:
    def test_an_answer_of_another_node_does_not_count(self, overlay):
        overlay.haunt(3, answered_by=4)
        result = crawled(overlay)
        ghost = by_place(overlay, result)[3]
        assert (ghost.state, ghost.answered_by) == (NodeState.GHOST, overlay.addresses[4])
        assert ghost.error == f"{overlay.addresses[4]} answered in its place"
        assert (ghost.left, ghost.ip, ghost.consistency, ghost.retries) == (None, None, 0.0, 0)
        assert (result.ghosts, result.answered, result.consistency) == (1, 7, 0.75)

    def test_who_answered_in_its_place_is_asked_too(self, overlay):
        overlay.isolate(4, known_to=None)
        overlay.haunt(3, answered_by=4)
        assert by_place(overlay, crawled(overlay))[4].state is NodeState.ANSWERED


class TestRemembered:
    """Addresses that answered last time."""

    FORMER = "brunet:node:" + "A" * 32

    def test_a_former_node_that_the_ring_has_healed_over_is_reported_but_does_not_count(self, overlay):
        overlay.behaviour[self.FORMER] = lambda: [overlay.info(overlay.addresses[0])]
        result = crawled(overlay, remembered=[self.FORMER])
        former = next(node for node in result.nodes if node.address == self.FORMER)
        assert (former.state, former.consistency) == (NodeState.GHOST, None)
        assert (result.answered, result.ghosts, result.consistency) == (8, 1, 1.0)

    def test_a_former_node_that_is_still_named_counts_as_dead(self, overlay):
        overlay.hang(3)
        assert crawled(overlay, remembered=overlay.addresses).consistency == 0.75

    def test_a_node_that_nobody_names_but_that_answers_is_found(self, overlay):
        overlay.isolate(4, known_to=None)
        assert by_place(overlay, crawled(overlay))[4] is None
        found = by_place(overlay, crawled(overlay, remembered=[overlay.addresses[4]]))[4]
        assert found.state is NodeState.ANSWERED
        assert found.consistency < 1.0

    def test_nodes_that_are_found_anyway_are_asked_once(self, overlay):
        result = crawled(overlay, remembered=overlay.addresses)
        assert (result.answered, result.sums.retries) == (8, 0)


class TestHostile:
    @pytest.mark.parametrize(
        "answer",
        [
            b"rubbish",
            b"",
            b"<methodResponse><params><param><value><array><data><value><struct>",
            b'<!DOCTYPE a [<!ENTITY b "c">]><methodResponse/>',
            b"x" * 1_000_000,
            Fault(1, "Invalid\nmethod" + "x" * 10_000),
            "text",
            [[]],
            [{}],
            [{"neighbors": {"self": "brunet:node:no"}}],
            [{"neighbors": 5, "type": []}],
        ],
        ids=lambda answer: str(answer)[:40],
    )
    def test_an_unusable_answer_costs_only_its_node(self, overlay, answer):
        overlay.behaviour[overlay.addresses[3]] = lambda: answer
        result = crawled(overlay)
        node = by_place(overlay, result)[3]
        assert (node.state, node.retries, result.answered) == (NodeState.SILENT, 1, 7)
        assert 0 < len(node.error) < 400
        assert node.error.isprintable()

    def test_invented_neighbours_are_bounded(self, overlay):
        liar = overlay.addresses[3]
        invented = FakeOverlay(500, seed=1).addresses
        overlay.behaviour[liar] = lambda: [{"neighbors": overlay.neighbours(liar) | {"shortcut": invented}}]
        for name in invented:
            overlay.behaviour[name] = list
        result = crawled(overlay, CrawlLimits(max_nodes=30))
        assert len(result.nodes) == 30
        assert (result.reason, result.complete) == (CutShort.MAX_NODES, False)

    def test_http_errors_make_the_local_node_unusable(self, overlay):
        overlay.status = 500
        with pytest.raises(GatewayMalformedError, match="HTTP status 500"):
            crawled(overlay)


@pytest.mark.parametrize("name", ["workers", "timeout", "last_round_timeout", "deadline", "max_nodes"])
def test_limits_under_which_no_crawl_could_go_on_are_refused(name):
    with pytest.raises(ValueError, match=f"{name}=0"):
        CrawlLimits(**{name: 0})


class TestCutShort:
    def test_nobody_to_begin_with(self, overlay):
        overlay.stop()
        with overlay.gateway() as gateway, pytest.raises(GatewayUnreachableError):
            crawl(gateway)

    @of_size(40)
    def test_a_cancelled_crawl_returns_at_once_and_keeps_what_it_has(self, overlay):
        overlay.hang(*range(1, 5), *range(36, 40))
        cancel = threading.Event()
        threading.Thread(
            target=lambda: (eventually(lambda: overlay.hanging >= 2), cancel.set()), daemon=True
        ).start()
        start = time.monotonic()
        result = crawled(overlay, CrawlLimits(timeout=120, workers=2), cancel=cancel)
        assert time.monotonic() - start < HANG_GUARD
        assert (result.reason, result.complete) == (CutShort.CANCELLED, False)
        assert result.answered >= 1
        assert result.left_over >= 2
        assert result.silent == 0
        assert {node.consistency for node in result.nodes if node.state is NodeState.LEFT_OVER} == {None}

    def test_a_cancelled_crawl_leaves_no_thread_behind(self, overlay):
        overlay.hang(3)
        cancel = threading.Event()
        threading.Thread(
            target=lambda: (eventually(lambda: overlay.hanging), cancel.set()), daemon=True
        ).start()
        crawled(overlay, CrawlLimits(timeout=120), cancel=cancel)
        eventually(lambda: not [one for one in threading.enumerate() if one.name.startswith("crawl")])

    def test_cancelled_before_the_local_node_answers(self, overlay):
        overlay.hang(0)
        cancel = threading.Event()
        cancel.set()
        result = crawled(overlay, cancel=cancel)
        assert (result.nodes, result.reason, result.consistency) == ((), CutShort.CANCELLED, None)

    def test_the_deadline_ends_the_crawl(self, overlay):
        overlay.hang(3)
        result = crawled(overlay, CrawlLimits(timeout=120, deadline=1.0))
        assert result.reason == CutShort.DEADLINE
        assert by_place(overlay, result)[3].state is NodeState.LEFT_OVER
        assert result.consistency == 1.0

    def test_who_was_silent_before_the_end_stays_silent(self, overlay):
        overlay.hang(3)
        limits = CrawlLimits(timeout=0.6, last_round_timeout=120, deadline=2.5)
        dead = by_place(overlay, crawled(overlay, limits))[3]
        assert (dead.state, dead.retries, dead.error) == (NodeState.SILENT, 0, "no answer within 0.6 s")

    def test_a_gateway_that_goes_away_says_nothing_of_the_nodes(self, overlay):
        overlay.behaviour[overlay.addresses[3]] = overlay.stop
        result = crawled(overlay)
        assert result.reason == CutShort.GATEWAY
        assert result.silent == result.ghosts == 0
        assert result.left_over > 0

    def test_an_error_of_the_caller_ends_the_crawl(self, overlay):
        def fail(_progress):
            raise RuntimeError("the caller's own")

        overlay.hang(3)
        with pytest.raises(RuntimeError, match="the caller's own"):
            crawled(overlay, CrawlLimits(timeout=120), on_progress=fail)
        eventually(lambda: not [one for one in threading.enumerate() if one.name.startswith("crawl")])
