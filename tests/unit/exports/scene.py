"""A pool with everything that is hard to export, the same rows in any database."""

from datetime import UTC, datetime, timedelta

from p2ppool.store.models import (
    Host,
    HostSample,
    HostState,
    Node,
    NodeSample,
    Pool,
    Snapshot,
    Ticket,
    TicketState,
)
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.history import _bare_pool

BEGAN = datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)
ODD = [
    "=1+1",
    '+"a",b',
    "-2",
    "@x",
    "\ttab",
    "\rreturn",
    "\nline",
    "a;=1;-2; =3",
    "\t=1\t\t+2",
    'a;"=1"',
    '"=1',
    "two\n=lines\r\n@x",
    "\uff1d1",
    "a;\uff20x;1",
    "",
    " ",
    'quote " and, comma',
    "two\r\nlines",
    "ünï☃😀",
    "'apostrophe",
    "\\.",
    "\\N",
    "100%s %(x)s",
    None,
]
NUMBERS = [
    0.1,
    1e-9,
    1 / 3,
    1e15,
    1e16,
    123456789012345680.0,
    5e-324,
    1.7976931348623157e308,
    -0.0,
    2.0,
    12.5,
    None,
]


def make(engine, name="odd", crawls=3):
    """Crawls an hour apart, each of them with a node for each odd text."""
    with UnitOfWork(engine) as work:
        pool = _bare_pool(name, 0)
        other = _bare_pool("other", 0)
        work.session.add_all([pool, other])
        work.session.flush()
        work.session.add_all(_hosts(pool))
        nodes = [
            Node(pool_id=pool.id, address=f"brunet:node:{n:032}", first_seen_at=BEGAN)
            for n in range(len(ODD))
        ]
        work.session.add_all(nodes)
        work.session.flush()
        for number in range(crawls):
            _crawl(work.session, pool, nodes, BEGAN + number * HOUR)
        _crawl(work.session, other, [], BEGAN)
        work.commit()
    return name


def _hosts(pool):
    common = {"pool_id": pool.id, "host_key": None, "digest": None}
    yield Host(name="z,first", address="192.0.2.1", port=22, **common)
    yield Host(name="=a", address="192.0.2.1", port=23, **common)
    yield Host(name="z,first", address="192.0.2.1", port=24, **common)
    yield Host(name="jump", address="192.0.2.1", port=25, state=HostState.JUMP, **common)


def _crawl(session, pool, nodes, moment):
    ticket = Ticket(
        pool_id=pool.id,
        action="crawl",
        state=TicketState.DONE,
        requester="=ada",
        parameters={"secret": "hidden"},
        message=ODD[9],
        requested_at=moment,
        due_at=moment,
        started_at=moment,
        ended_at=None,
    )
    session.add(ticket)
    session.flush()
    sums = dict.fromkeys(
        ("silent", "ghosts", "left_over", "retries", "tcp", "udp", "tunnel", "cons", "sas"), 0
    )
    snapshot = Snapshot(
        pool_id=pool.id,
        ticket_id=ticket.id,
        started_at=moment,
        seconds=1e-7,
        complete=moment == BEGAN,
        expected=1,
        answered=len(nodes),
        consistency=1 / 3,
        **sums,
    )
    session.add(snapshot)
    session.flush()
    session.add_all(_sample(snapshot, node, place) for place, node in enumerate(nodes))
    session.add_all(_measured(session, pool, ticket, moment))


def _sample(snapshot, node, place):
    odd = ODD[place]
    return NodeSample(
        snapshot_id=snapshot.id,
        node_id=node.id,
        state=("answered", "silent", "ghost")[place % 3],
        bits=("1111", "10-1", "----")[place % 3],
        ip="192.0.2.1" if place % 2 else None,
        left=odd,
        type=odd,
        shortcuts=odd or "",
        geo_loc=odd,
        error=odd or "",
        consistency=NUMBERS[place % len(NUMBERS)],
        seconds=NUMBERS[-1 - place % len(NUMBERS)],
        tcp=place,
        cons=-place,
    )


def _measured(session, pool, ticket, moment):
    hosts = session.query(Host).filter(Host.pool_id == pool.id, Host.state == HostState.MEMBER)
    return [
        HostSample(
            ticket_id=ticket.id, host_id=host.id, taken_at=moment, cpu=0.25, memory_total=2**40, load=1e15
        )
        for host in hosts
    ]


def pool_id(session, name):
    return session.query(Pool).filter(Pool.name == name).one().id
