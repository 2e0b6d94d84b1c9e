"""Nodes and hosts with their places; none is dropped."""

import pytest

from p2ppool.places.geolocation import Geolocation
from p2ppool.places.place import Precision, Source, Unplaced
from p2ppool.pools.definition.host_places import forget_place, set_place
from p2ppool.records.pools import get_pool
from p2ppool.reports.pools.pools import pools
from p2ppool.reports.pools.world_map import fingerprint_of_map, world
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.crawled import ring_samples
from tests.lab.past.history import a_bare_pool, a_crawl, a_pool, keep_crawl

WHERE = Geolocation(None)


def place(engine, pool, host, coordinates, label=""):
    with UnitOfWork(engine) as work:
        set_place(work.session, get_pool(work.session, pool), host, coordinates, label=label, who="test")
        work.commit()


def look(engine, where=WHERE):
    return world(engine, pools(engine), where)


def test_every_node_is_there_with_a_place_or_a_reason(engine):
    a_bare_pool(engine, hosts=3)
    samples = ring_samples(5)
    for sample, (ip, told) in zip(
        samples,
        [
            ("193.99.144.80", None),
            ("10.0.0.1", "48.14, 11.58"),
            ("10.0.0.2", None),
            (None, None),
            ("::1", None),
        ],
        strict=True,
    ):
        sample.update(ip=ip, geo_loc=told)
    keep_crawl(engine, "demo", samples)
    nodes = look(engine).nodes.set_index("address").loc[[sample["address"] for sample in samples]]
    assert list(nodes["unplaced"].fillna("")) == [
        *("", "", Unplaced.PRIVATE, Unplaced.NO_ADDRESS, Unplaced.LOOPBACK)
    ]
    assert list(nodes["source"].fillna("")) == [Source.COUNTRY, Source.NODE, "", "", ""]
    assert list(nodes["latitude"][:2]) == [51.08, 48.14]


def test_a_node_is_where_a_manager_said_that_its_host_is(engine):
    a_pool(engine, nodes=4)
    place(engine, "demo", "node02", "48.14,11.58", "Munich")
    found = look(engine)
    (host,) = found.hosts[found.hosts["unplaced"].isna()].to_dict("records")
    (node,) = found.nodes[found.nodes["unplaced"].isna()].to_dict("records")
    assert (host["name"], host["label"]) == ("node02", "Munich")
    assert (node["host"], node["label"], node["precision"]) == ("node02", "Munich", Precision.EXACT)
    assert set(found.hosts["unplaced"].dropna()) == {Unplaced.LOOPBACK}
    with UnitOfWork(engine) as work:
        forget_place(work.session, get_pool(work.session, "demo"), "node02", "test")
        work.commit()
    assert look(engine).hosts["unplaced"].notna().all()


def test_pools_keep_their_hosts_places_apart(engine):
    a_pool(engine, "one", nodes=3)
    a_pool(engine, "two", nodes=3)
    place(engine, "one", "node01", "1,2")
    nodes = look(engine).nodes
    assert set(nodes[nodes["unplaced"].isna()]["pool"]) == {"one"}


def test_who_fell_silent_is_where_it_last_said_it_was(engine):
    a_bare_pool(engine, hosts=3)
    before, after = ring_samples(4), ring_samples(4, dead=1)
    for sample in before:
        sample["geo_loc"] = "48.14, 11.58"
    keep_crawl(engine, "demo", before, minutes_ago=9)
    keep_crawl(engine, "demo", after, minutes_ago=2)
    placed = look(engine).nodes.dropna(subset="latitude")
    assert list(placed["health"]) == ["silent"]


def test_the_mark_changes_with_crawls_and_places_and_only_with_them(engine):
    a_pool(engine, nodes=4)
    marks = [fingerprint_of_map(engine, pools(engine)) for _ in range(2)]
    place(engine, "demo", "node02", "48.14,11.58")
    marks.append(fingerprint_of_map(engine, pools(engine)))
    a_crawl(engine, "demo", nodes=4, minutes_ago=0)
    marks.append(fingerprint_of_map(engine, pools(engine)))
    assert marks[0] == marks[1]
    assert len(set(marks)) == 3


def test_a_world_without_pools_is_empty(engine):
    found = look(engine)
    assert found.nodes.empty
    assert found.hosts.empty


@pytest.mark.parametrize("label", ["", "<b>x</b>\n"])
def test_a_label_is_one_line_or_the_coordinates(engine, label):
    a_pool(engine, nodes=2)
    place(engine, "demo", "node01", "48.14,11.58", label)
    assert look(engine).hosts["label"].iloc[0] == ("<b>x</b>" if label else "48.14° N, 11.58° E")
