"""The form that creates a pool: what is wrong with which field, and what a review finds."""

import pytest
from flask import current_app, g
from werkzeug.exceptions import Forbidden

from dashboards.app import create_app
from dashboards.pages.new_pool import creation, new_pool_page, review
from dashboards.pages.new_pool.checking import FieldsError, whole_spec, wrong_so_far
from dashboards.pages.new_pool.fields import FieldKind, all_fields
from dashboards.web.access import Visitor
from p2ppool.errors import UserError
from p2ppool.keys.keyring import add_key_data
from p2ppool.pools.definition.spec import PoolSpec, read_spec
from p2ppool.settings import Settings
from p2ppool.software.package.adding import add_package_file
from p2ppool.software.package.reference import reference_package
from p2ppool.store.models import Pool
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.fixtures import own_address
from tests.lab.hosts.keys import SshKey
from tests.lab.past.history import a_bare_pool
from tests.unit.dashboards.trees import texts

EMPTY = {field.name: [] if field.kind is FieldKind.TICK else "" for field in all_fields()}
SOUND = EMPTY | {
    "name": "fresh",
    "hosts": "127.0.0.1\n127.0.0.2:2222\n",
    "package": "node",
    "ssh_key": "lab",
    "ssh_user": "p2p",
}


@pytest.fixture
def app(engine, tmp_path):
    return create_app(engine, Settings(data_folder=tmp_path / "data", local_node_address=own_address()))


@pytest.fixture
def stocked(engine, request_context):
    """A package and a key were added, and a request is being served."""
    config = current_app.extensions["p2ppool"].settings
    with UnitOfWork(engine) as work:
        add_package_file(work, config, "node", "1", reference_package())
        add_key_data(work, config, "lab", SshKey.generate().private_pem)
        work.commit()


@pytest.fixture
def viewer(stocked):
    """Who asks is no manager."""
    g.p2ppool_visitor = Visitor(7, "grace")


def test_every_field_of_a_pool_is_in_the_form():
    assert set(PoolSpec.model_fields) <= {field.name for field in all_fields()}


def test_what_waits_to_be_filled_in_is_no_trouble_yet():
    assert wrong_so_far(EMPTY) == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "a b"),
        ("name", "<b>x</b>"),
        ("namespace", "$(id)"),
        ("ssh_user", "-oProxyCommand=x"),
        ("ssh_port", "0"),
        ("udp_port", "ten"),
        ("rpc_port", "70000"),
        ("install_path", "/tmp/../etc"),
        ("nodes_per_process", "1.5"),
        ("failure_limit", "101"),
        ("description", "x" * 2001),
    ],
)
def test_a_field_is_refused_in_the_words_of_the_command_line(field, value):
    with pytest.raises(UserError) as error:
        read_spec(
            **{"name": "x", "hosts": "h", "package": "p", "ssh_key": "k", "ssh_user": "u"} | {field: value}
        )
    assert wrong_so_far(SOUND | {field: value}) == {field: str(error.value)}


@pytest.mark.parametrize(
    ("hosts", "says"),
    [
        ("127.0.0.1\nbad host\n", "line 2"),
        ("127.0.0.1\n127.0.0.1\n", "line 2"),
        ("# nobody", "names no host"),
        ("host,port\nh1,99999\n", "line 2"),
    ],
)
def test_lines_that_are_no_hosts_are_named(hosts, says):
    assert says in wrong_so_far(SOUND | {"hosts": hosts})["hosts"]


def test_all_that_is_missing_is_said_at_once():
    with pytest.raises(FieldsError) as error:
        whole_spec(EMPTY | {"udp_port": "x"})
    assert set(error.value.problems) == {"name", "hosts", "package", "ssh_key", "ssh_user", "udp_port"}


def test_ticks_and_defaults_become_the_spec():
    plain = whole_spec(SOUND)
    assert (plain.ssh_port, plain.is_default, plain.failure_limit, plain.namespace) == (
        22,
        False,
        50,
        "fresh",
    )
    ticked = whole_spec(SOUND | {"is_default": ["yes"], "is_test": ["yes"], "failure_limit": "0"})
    assert (ticked.is_default, ticked.is_test, ticked.failure_limit) == (True, True, 0)


def test_this_machine_joins_a_plain_list_and_can_be_all_there_is():
    too = {"manager_too": ["yes"]}
    assert whole_spec(SOUND | too).hosts.split() == ["127.0.0.1", "127.0.0.2:2222", "manager"]
    assert whole_spec(SOUND | too | {"hosts": ""}).hosts.split() == ["manager"]
    problems = wrong_so_far(SOUND | too | {"hosts": "host,port\nh1,22\n"})
    assert "manager" in problems["hosts"]


def test_a_review_tells_what_would_be_and_keeps_nothing(engine, stocked):
    found = review.reviewed(SOUND)
    assert [host.address for host in found.hosts] == ["127.0.0.1", "127.0.0.2"]
    shown = texts(review.panel(found))
    assert {"node@1", "fresh", "127.0.0.2:2222", "Create pool"} <= set(shown)
    assert "start it with `p2ppool up`" in " ".join(found.warnings)
    with reading(engine) as work:
        assert work.session.query(Pool).count() == 0


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"package": "absent"}, "package", "no 'absent' was added"),
        ({"ssh_key": "absent"}, "ssh_key", "no key is named 'absent'"),
        ({"hosts": "no-such-host.invalid"}, "hosts", "line 1: no-such-host.invalid has no address"),
        ({"bundle_runtime": ["yes"]}, "bundle_runtime", "bundle runtime: the package runs on python3"),
        ({"udp_port": "15000"}, "udp_port", "UDP port 15000 is pool there's already"),
        ({"rpc_port": "10000"}, "rpc_port", "RPC port 10000 is pool there's already"),
        ({"name": "there"}, "name", "pool there exists with another"),
    ],
)
def test_what_a_review_finds_is_said_at_its_field(engine, stocked, fields, field, says):
    a_bare_pool(engine, "there", hosts=2)
    with pytest.raises(FieldsError) as error:
        review.reviewed(SOUND | fields)
    assert list(error.value.problems) == [field]
    assert says in error.value.problems[field]


def test_without_a_prefect_server_nothing_is_created_and_it_says_so(engine, stocked):
    _, _, told, _ = new_pool_page._created(clicks=1, values=SOUND)
    assert "start it with `p2ppool up`" in " ".join(texts(told))
    with reading(engine) as work:
        assert work.session.query(Pool).count() == 0


def test_a_pool_that_is_there_is_gone_to(engine, stocked):
    a_bare_pool(engine, "fresh")
    assert creation.address({"name": "fresh", "run": "x"}) == "/pools/fresh"


def test_a_viewer_gets_no_form_and_no_answer(engine, viewer):
    assert "Only managers can create pools: sign in as one." in texts(new_pool_page._layout())
    assert "new-pool-name" not in str(new_pool_page._layout())
    for ask in (new_pool_page._check, new_pool_page._created):
        with pytest.raises(Forbidden):
            ask(clicks=1, values=SOUND)
    with pytest.raises(Forbidden):
        review.reviewed(SOUND)
