"""Of a pool that one may not see there is nothing, whatever a browser sends: a name, a number, or neither."""

from pathlib import Path

import pytest
from sqlalchemy import select

import dashboards
from dashboards.app import create_app
from p2ppool.accounts import tokens, users
from p2ppool.accounts.roles import pool_roles
from p2ppool.records.pools import get_pool
from p2ppool.settings import Settings
from p2ppool.store.models import Node, Pool, PoolRole, Role, Snapshot, Ticket
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.database.store import engine
from tests.lab.past.history import a_pool, a_ticket
from tests.lab.web.people import MANAGER, PageClient, cheap_passwords, sign_in
from tests.unit.dashboards.web.test_access import dependencies, first_output, give_role, outputs_of, sent

__all__ = ["cheap_passwords", "engine"]  # on both databases: what is hidden is hidden by queries

HIDDEN, OWN = "hidden", "own"
FOLDER = "data/gathered/hidden"
FILE = "logs-20261125T170000Z-12.zip"


@pytest.fixture
def pools(engine, tmp_path):
    """A pool that only managers may see, with marks to look for, and one on which `eve` has a role."""
    a_pool(engine, HIDDEN, failed=2, seed=1, description="MARK-of-hidden", namespace="MARK-namespace")
    a_pool(engine, OWN, failed=2, seed=2)
    a_ticket(engine, HIDDEN, "check")
    folder = tmp_path / FOLDER
    folder.mkdir(parents=True)
    (folder / FILE).write_text("x")


@pytest.fixture
def app(engine, tmp_path, cheap_passwords):
    app = create_app(engine, Settings(data_folder=tmp_path / "data"))
    app.test_client_class = PageClient
    return app


@pytest.fixture
def manager(app, engine, pools):
    client = app.test_client()
    sign_in(engine, client, MANAGER)
    return client


@pytest.fixture
def eve(app, engine, manager):
    """A member, who has a role on the other pool alone."""
    client = app.test_client()
    sign_in(engine, client, "eve", Role.MEMBER)
    give_role(engine, "eve", OWN, PoolRole.MANAGER)
    return client


@pytest.fixture
def marks(engine):
    """Texts that show something of the hidden pool; not its first node, which `values` sends."""
    with reading(engine) as work:
        hidden = get_pool(work.session, HIDDEN)
        query = select(Node.address).where(Node.pool_id == hidden.id).order_by(Node.id)
        nodes = work.session.scalars(query).all()[1:]
        return {"MARK-", FILE, *(address.rpartition(":")[2] for address in nodes)}


@pytest.fixture
def values(engine):
    """What pages send for a pool, by the end of an input's id."""
    with reading(engine) as work:
        pool = work.session.scalar(select(Pool.id).where(Pool.name == HIDDEN))
        snapshot = work.session.scalar(select(Snapshot.id).where(Snapshot.pool_id == pool))
        ticket = work.session.scalar(select(Ticket.id).where(Ticket.pool_id == pool))
        node = work.session.scalar(
            select(Node.address).where(Node.pool_id == pool).order_by(Node.id).limit(1)
        )
    period = {"quick": "all", "from": None, "to": None}
    return {
        "-name": HIDDEN,
        "-pool": HIDDEN,
        "-pools": [HIDDEN],
        "-snapshot": snapshot,
        "-last": snapshot,
        "-number": ticket,
        "-node": {"pool": HIDDEN, "address": node},
        "-pair": {"crawl": snapshot, "other": snapshot},
        "-settled": {"crawl": snapshot, "node": node},
        "-find": node[-9:],
        "-which": {"pool": HIDDEN, "before": None},
        "-period": period,
        "-view": {"other": HIDDEN, "compare": HIDDEN},
        "-other": HIDDEN,
        "-kinds": [],
        "-spacing": "address",
        "-health": ["consistent", "inconsistent", "silent", "ghost", "left_over"],
        "world-shown": ["nodes", "hosts"],
        "world-view": None,
        "theme": "light",
        "export-kind": "actions",
        "-columns": ["ticket"],
        "-format": "csv",
        "activity-asked": {"do": "retry", "ticket": str(ticket)},
        "asking-asked": {"action": "stop", "pool": HIDDEN, "at": 1},
        "-quick": "all",
        "_pages_location": f"/pools/{HIDDEN}",
        "-clicks": 1,
    }


def value_of(part, values):
    if part["property"] == "search":
        return f"?pool={HIDDEN}"
    if part["property"] in {"n_clicks", "n_intervals"}:
        return 1
    ends = [end for end in values if part["id"].endswith(end)]
    return values[max(ends, key=len)] if ends else None


def wanted(output):
    """The outputs; of those that stand for many components a new page has none."""
    found = outputs_of(output)
    return (
        [[] if each["id"].startswith("{") else each for each in found] if isinstance(found, list) else found
    )


def answers(client, values):
    """What each callback answers to values of the hidden pool, by its first output."""
    found = {}
    for each in dependencies(client):
        filled = {
            side: [
                part | {"value": value_of(part, values)} if isinstance(part, dict) else part
                for part in sent(each[side])
            ]
            for side in ("inputs", "state")
        }
        body = {
            "output": each["output"],
            "outputs": wanted(each["output"]),
            "changedPropIds": [],
            **filled,
        }
        found[first_output(each)] = client.post("/_dash-update-component", json=body)
    return found


PATHS = (
    "/",
    "/pools/hidden",
    "/pools/hidden/nodes",
    "/pools/hidden/ring",
    "/pools/hidden/system",
    "/pools/hidden/node.config",
    "/pools/hidden/files/" + FILE,
    "/pools/hidden/ring/frame?crawl=1",
    "/pools/hidden/upgrade",
    "/activity?pool=hidden",
    "/activity/1",
    "/export/actions.csv?pool=hidden",
    "/export/nodes.csv?pool=hidden",
    "/groups/new",
    "/audit",
    "/prefect/",
)


def test_no_callback_shows_anything_of_it(manager, eve, marks, values):
    shown, leaks = set(), {}
    for output, answer in answers(manager, values).items():
        shown |= {output} if any(mark in answer.text for mark in marks) else set()
    for output, answer in answers(eve, values).items():
        found = {mark for mark in marks if mark in answer.text}
        leaks |= {output: (answer.status_code, found)} if found or answer.status_code >= 500 else {}
    assert leaks == {}
    # The same requests do show it to a manager, so that the test is not blind.
    assert {
        *("pool-head.children", "pool-nodes.rowData", "pool-ring.figure", "nodes-table.data"),
        *("ring-nodes.rowData", "node-now.children", "pools-list.children", "pool-files.children"),
        *("world-panel-pools.children",),
    } <= shown


def test_an_answer_about_it_is_as_about_none(eve, values):
    hidden = answers(eve, values)
    nowhere = {key: _renamed(value) for key, value in values.items()}
    for output, answer in answers(eve, nowhere).items():
        same = (answer.status_code, answer.text.replace("nowhere", HIDDEN))
        assert (hidden[output].status_code, hidden[output].text) == same, output


def _renamed(value):
    """The same value for a pool that there is not: its name, and numbers that no row has."""
    if isinstance(value, dict):
        return {key: _renamed(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_renamed(each) for each in value]
    if isinstance(value, int) and value != 1:
        return value
    return value.replace(HIDDEN, "nowhere") if isinstance(value, str) else value


def test_only_what_shows_no_pools_asks_the_whole_database():
    root = Path(dashboards.__file__).parent
    asking = {path.relative_to(root) for path in root.rglob("*.py") if "whole_engine(" in path.read_text()}
    others = {str(path) for path in asking if path.parts[0] not in {"sign_in", "groups", "group_service"}}
    assert others == {
        "frame/pending_registrations.py",
        "pages/pools/pools_page.py",  # for versions by the ids of pools, of which it then shows some
        "routes/health.py",
        "web/context.py",
    }


@pytest.mark.parametrize("path", PATHS)
def test_no_address_shows_anything_of_it(eve, marks, path):
    answer, none = eve.get(path), eve.get(path.replace(HIDDEN, "nowhere"))
    assert not any(mark in answer.text for mark in marks)
    assert answer.status_code == none.status_code
    assert answer.text.replace(HIDDEN, "nowhere") == none.text or "csrf" in answer.text


def test_a_token_shows_what_its_owner_sees_at_that_moment(app, engine, eve):
    with UnitOfWork(engine) as work:
        _, text = tokens.create(work.session, users.get(work.session, "eve"), "t", ["view", "export"], "test")
        work.commit()
    client, bearer = app.test_client(), {"Authorization": f"Bearer {text}"}

    def codes():
        forms = ("/pools/{}/node.config", "/export/actions.csv?pool={}")
        paths = [form.format(name) for name in (OWN, HIDDEN) for form in forms]
        return [client.get(path, headers=bearer).status_code for path in paths]

    assert codes() == [200, 200, 404, 404]
    with UnitOfWork(engine) as work:
        found = users.get(work.session, "eve")
        pool_roles.take(work.session, get_pool(work.session, OWN), found, "test")
        work.commit()
    assert codes() == [404, 404, 404, 404]
    with UnitOfWork(engine) as work:
        users.set_role(work.session, users.get(work.session, "eve"), Role.VIEWER, "test")
        work.commit()
    assert codes() == [200, 200, 200, 200]
