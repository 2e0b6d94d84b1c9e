"""A pool is registered whole or not at all."""

import socket

import pytest
from sqlalchemy import func, select

from p2ppool.errors import UserError
from p2ppool.pools.definition.registry import hosts_of, prepare, register
from p2ppool.pools.definition.spec import read_spec
from p2ppool.records.pools import get_pool
from p2ppool.store.models import Host, Pool
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.fixtures import own_address

LOCAL = own_address()  # of this test process alone, so that its ports are free
HOSTS = "# two hosts\n127.0.0.1\n\n127.0.0.2:2222 # on another port\n"


def make(engine, **fields):
    given = {"name": "demo", "hosts": HOSTS, "package": "node", "ssh_key": "key", "ssh_user": "p2p"} | fields
    spec = read_spec(**given)
    hosts = hosts_of(spec)
    with UnitOfWork(engine) as work:
        pool = register(work, prepare(work, spec, hosts), LOCAL)
        work.commit()
        return pool.id


def pools(engine):
    with reading(engine) as work:
        return work.session.scalar(select(func.count()).select_from(Pool))


def test_a_pool_and_its_hosts_are_written_together(stocked):
    make(stocked)
    with reading(stocked) as work:
        pool = get_pool(work.session, "demo")
        hosts = [(host.name, host.address, host.port) for host in pool.hosts]
        assert hosts == [("127.0.0.1", "127.0.0.1", 22), ("127.0.0.2", "127.0.0.2", 2222)]
        assert pool.package.version == "2"


def test_each_pool_marks_its_folders_with_a_token_of_its_own(stocked):
    make(stocked)
    make(stocked, name="other")
    with reading(stocked) as work:
        tokens = set(work.session.scalars(select(Pool.token)))
    assert len(tokens) == 2
    assert all(len(token) == 32 for token in tokens)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"hosts": "127.0.0.1\nbad host\n127.0.0.1\n"}, "line 2"),
        ({"hosts": "127.0.0.1\n127.0.0.1:22\n"}, "line 2"),
        ({"hosts": "no-such-host.invalid\n"}, "line 1: no-such-host.invalid has no address"),
        ({"hosts": "# nobody\n\n"}, "no host"),
        ({"package": "absent"}, "absent"),
        ({"package": "node@3"}, "node@3"),
        ({"ssh_key": "absent"}, "absent"),
    ],
)
def test_what_is_unknown_is_named_and_nothing_is_written(stocked, fields, says):
    with pytest.raises(UserError) as error:
        make(stocked, **fields)
    assert says in str(error.value)
    assert pools(stocked) == 0


def test_pools_without_ports_get_free_ones(stocked):
    with socket.socket(type=socket.SOCK_DGRAM) as busy:
        busy.bind((LOCAL, 15000))
        make(stocked)
        make(stocked, name="second")
    with reading(stocked) as work:
        ports = work.session.execute(select(Pool.udp_port, Pool.rpc_port).order_by(Pool.id)).all()
    assert [udp for udp, _ in ports] == [15001, 15002]
    assert 10000 <= ports[0].rpc_port < ports[1].rpc_port


def test_a_port_that_something_else_uses_is_named(stocked):
    with socket.socket(type=socket.SOCK_DGRAM) as busy:
        busy.bind((LOCAL, 0))
        port = busy.getsockname()[1]
        with pytest.raises(UserError, match=f"UDP port {port} is in use on this machine"):
            make(stocked, udp_port=port)
    assert pools(stocked) == 0


def test_tcp_alone_leaves_udp_off(stocked):
    make(stocked, tcp_port=16000)
    with reading(stocked) as work:
        pool = get_pool(work.session, "demo")
    assert (pool.udp_port, pool.tcp_port) == (None, 16000)


@pytest.mark.parametrize("port", ["udp_port", "rpc_port"])
def test_a_port_of_another_pool_is_refused(stocked, port):
    make(stocked, **{port: 16000})
    with pytest.raises(UserError, match="16000 is pool demo's already"):
        make(stocked, name="second", **{port: 16000})
    assert pools(stocked) == 1


def test_the_same_pool_again_is_the_same_row(stocked):
    assert make(stocked) == make(stocked)
    with reading(stocked) as work:
        assert work.session.scalar(select(func.count()).select_from(Host)) == 2


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"hosts": "127.0.0.1\n"}, "host list"),
        ({"namespace": "elsewhere"}, "namespace"),
        ({"install_path": "/opt/p2p"}, "install path"),
        ({"udp_port": 17000}, "udp port"),
        ({"package": "node@1"}, "package"),
    ],
)
def test_a_pool_that_differs_is_refused_with_what_differs(stocked, fields, says):
    make(stocked)
    with pytest.raises(UserError, match=f"pool demo exists with another {says}"):
        make(stocked, **fields)


def test_an_unknown_pool_is_named(stocked):
    with reading(stocked) as work, pytest.raises(UserError, match="no pool is named 'absent'"):
        get_pool(work.session, "absent")


def test_a_new_default_pool_takes_the_others_place_and_limits_are_kept(stocked):
    make(stocked, is_default=True)
    make(stocked, name="second", is_default=True, is_test=True, failure_limit=5)
    make(stocked, name="third")
    with reading(stocked) as work:
        pools = work.session.scalars(select(Pool).order_by(Pool.id)).all()
    assert [(pool.is_default, pool.is_test, pool.failure_limit) for pool in pools] == [
        (False, False, 50),
        (True, True, 5),
        (False, False, 50),
    ]


def test_what_was_edited_since_is_no_reason_to_refuse_the_same_pool(stocked):
    make(stocked, is_test=True)
    assert make(stocked, is_test=False, failure_limit=7) == make(stocked)
