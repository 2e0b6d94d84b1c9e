"""Frames, words and finds of the page of the ring."""

import json

import pytest

from dashboards.pages.ring.changes import rows_of
from dashboards.pages.ring.finder import find
from dashboards.pages.ring.sentences import claim_line, side_line
from dashboards.pages.ring.timeline import crawl_range_of
from p2ppool.node.address import PREFIX, write
from p2ppool.reports.nodes.agreement import Claim, Finding, Side
from p2ppool.reports.nodes.churn import Churn, NodeInCrawl
from p2ppool.reports.nodes.nodes import Health, last_snapshot_id, snapshot_nodes
from tests.lab.past.history import a_bare_pool, a_crawl, a_pool, keep_crawl
from tests.unit.dashboards.trees import texts

A, B, C = (write(number) for number in (2, 4, 6))


def frame(browser, query, pool="demo"):
    return browser.get(f"/pools/{pool}/ring/frame?{query}")


def test_a_frame_is_the_ring_and_its_words(engine, browser):
    a_pool(engine, nodes=9, dead=2)
    crawl = last_snapshot_id(engine, "demo")
    node = snapshot_nodes(engine, crawl)["address"][1]
    answer = frame(browser, f"crawl={crawl}&theme=dark&kinds=near,second&node={node}")
    found = json.loads(answer.data)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert found["label"].endswith("links not returned")
    assert found["focused"]
    assert found["note"] is None
    names = {shape["name"] for shape in found["figure"]["layout"]["shapes"] if "name" in shape}
    assert {"near", "broken", "own near"} <= names
    assert "shortcut" not in names


@pytest.mark.parametrize("query", ["", "crawl=", "crawl=x", "crawl=-1", f"crawl={2**70}", "crawl=4711"])
def test_what_is_no_crawl_of_the_pool_has_no_frame(engine, browser, query):
    a_pool(engine, nodes=4)
    assert frame(browser, query).status_code == 404


def test_a_crawl_of_another_pool_has_no_frame(engine, browser):
    a_pool(engine, "other", nodes=4)
    a_bare_pool(engine)
    assert frame(browser, f"crawl={last_snapshot_id(engine, 'other')}").status_code == 404


def test_whatever_else_is_asked_for_is_ignored(engine, browser):
    a_pool(engine, nodes=4)
    crawl = last_snapshot_id(engine, "demo")
    answer = frame(browser, f"crawl={crawl}&theme=%3Cb%3E&spacing=x&view=y&kinds=z,near&node=%3Cimg%3E")
    assert not json.loads(answer.data)["focused"]


def test_a_crawl_that_found_nobody_says_so(engine, browser):
    a_bare_pool(engine)
    found = json.loads(frame(browser, f"crawl={keep_crawl(engine, 'demo', [])}").data)
    assert "found no node" in json.dumps(found["note"])
    assert found["key"] == []


@pytest.mark.parametrize(
    ("finding", "instead", "words"),
    [
        (Finding.AGREES, None, "names it back as right"),
        (Finding.NAMES_ANOTHER, C, "does not name it back: as right it names"),
        (Finding.NAMES_NOBODY, None, "as right it names no node"),
        (Finding.SILENT, None, "silent"),
        (Finding.GHOST, None, "ghost"),
        (Finding.LEFT_OVER, None, "the crawl ended first"),
        (Finding.UNKNOWN, None, "is not in this crawl"),
    ],
)
def test_each_finding_in_words(finding, instead, words):
    side = Side(position="left", neighbour=B, finding=finding, instead=instead)
    line = side_line(side, {B: "node07", C: None})
    said = " ".join(texts(line))
    assert "left: " in said
    assert f"{B.removeprefix(PREFIX)[:6]}… node07" in said
    assert words in said
    assert ("instead" in said) == (instead is not None)
    assert (line.className == "agrees") == (finding is Finding.AGREES)


@pytest.mark.parametrize("finding", [Finding.EMPTY, Finding.SELF, Finding.TOO_FEW])
def test_positions_without_a_neighbour_in_words(finding):
    assert len(texts(side_line(Side(position="left2", neighbour=None, finding=finding), {}))) == 2


def test_a_claim_in_words():
    assert "names it as left" in " ".join(texts(claim_line(Claim(B, "left"), {})))


def test_a_node_is_found_by_address_host_and_ip(engine):
    a_pool(engine, nodes=12)
    nodes = snapshot_nodes(engine, last_snapshot_id(engine, "demo"))
    address, host, ip = nodes[["address", "host", "ip"]].iloc[3]
    for text in (address, address.removeprefix(PREFIX)[:9], address.lower(), f" {host} ", host.upper(), ip):
        assert find(nodes, text)[0] == address, text
    assert len(find(nodes, "node")) == 11
    assert find(nodes, "node1")[0] == nodes["address"][10]
    assert find(nodes, "nothing of that kind") == find(nodes, "") == find(nodes, "   ") == []


def test_changes_are_rows_of_five_kinds():
    old = NodeInCrawl(address=A, ip="10.0.0.1", host="a", health=Health.CONSISTENT)
    new = NodeInCrawl(address=B, ip="10.0.0.2", host=None, health=Health.SILENT)
    rows = list(rows_of(Churn((new,), (old,), ((old, new),), ((old, new),), ((old, new),))))
    assert [row["what"] for row in rows] == ["came", "went", "reinstalled", "moved", "health"]
    assert [(row["before"], row["after"]) for row in rows[3:]] == [
        ("a (10.0.0.1)", "10.0.0.2"),
        ("consistent", "silent"),
    ]
    assert len({row["key"] for row in rows}) == 5


def test_a_range_reaches_back_to_the_crawl_of_the_address(engine, request_context):
    a_bare_pool(engine)
    ids = [a_crawl(engine, "demo", nodes=2, minutes_ago=60 - number) for number in range(25)]

    def of(**given):
        found = crawl_range_of("demo", {"period": "crawls", "from": None, "to": None}, **given)
        return [crawl["id"] for crawl in found["crawls"]], found["before"]

    assert of() == (ids[-20:], ids[4])
    assert of(reach=ids[10]) == (ids[-20:], ids[4])
    assert of(reach=ids[2]) == (ids[2:], ids[1])
    assert of(since=ids[1]) == (ids[1:], ids[0])
    past = {"period": None, "from": "2020-01-01", "to": "2020-02-01"}
    assert [crawl["id"] for crawl in crawl_range_of("demo", past, reach=ids[3])["crawls"]] == [ids[3]]
