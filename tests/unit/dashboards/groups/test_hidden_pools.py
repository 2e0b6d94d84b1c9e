"""Groups that a pool carries which the visitor may not see: they work, and nothing names the pool."""

import pytest

from p2ppool.accounts import users
from p2ppool.accounts.roles import pool_roles
from p2ppool.groups.membership.rules import Step
from p2ppool.records.pools import get_pool
from p2ppool.store.models import PoolRole, Role
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.history import a_bare_pool, a_pool
from tests.lab.web.group_pages import FORM
from tests.unit.dashboards.groups.test_log_page import changes

FROM_POOL = {key: value for key, value in FORM.items() if key not in {"namespace", "meeting"}} | {
    "carrier": "pool",
    "pool": "hidden",
    "name": "lab",
}


@pytest.fixture
def eve(engine, groups):
    """A member of the installation, who is an admin of a group that the pool `hidden` carries."""
    a_pool(engine, "hidden")
    a_bare_pool(engine, "own")
    groups.as_("mia", Role.MANAGER).post("/groups/new", data=FROM_POOL)
    eve = groups.as_("eve", Role.MEMBER)
    groups.join("eve", Step.ACCEPT, Step.PROMOTE, admin="mia")
    with UnitOfWork(engine) as work:
        found = users.get(work.session, "eve")
        pool_roles.give(work.session, get_pool(work.session, "own"), found, PoolRole.VIEWER, "test")
        work.commit()
    return eve


def test_the_group_says_that_a_pool_carries_it_and_not_which(groups, eve):
    page = eve.get("/groups/lab").text
    assert "a pool of this manager" in page
    assert "hidden" not in page.replace('type="hidden"', "").replace("aria-hidden", "")
    assert "/pools/hidden" in groups.as_("mia").get("/groups/lab").text
    assert eve.get("/groups/lab/config.zip").status_code == 200


@pytest.mark.parametrize("pool", ["hidden", "nowhere"])
def test_no_group_is_made_on_it_nor_is_it_a_choice(groups, eve, pool):
    form = eve.get("/groups/new").text
    assert ("<option>own" in form, "hidden</option>" in form, "the present one" in form) == (
        True,
        False,
        False,
    )
    answer = eve.post("/groups/new", data=FROM_POOL | {"name": "mine", "pool": pool})
    assert answer.status_code == 400
    assert f"no pool is named &#39;{pool}&#39;" in answer.text
    assert groups.group("mine") is None


def test_an_edit_keeps_it_without_its_name(groups, eve):
    form = eve.get("/groups/lab/edit").text
    assert ('<option value="" selected>the present one' in form, ">hidden<" in form) == (True, False)
    sent = FROM_POOL | {"pool": "", "netmask": "255.255.255.0"}
    assert eve.post("/groups/lab/network", data=sent).status_code == 302
    assert groups.group("lab").network.pool.name == "hidden"
    assert eve.post("/groups/lab/network", data=sent | {"pool": "hidden"}).status_code == 400


def test_the_log_names_pools_that_one_may_see(groups, eve):
    eve.post("/groups/lab/network", data=FROM_POOL | {"pool": "own"})
    assert "pool: a pool → own" in changes(eve.get("/groups/lab/log"))
    assert "pool: hidden → own" in changes(groups.as_("mia").get("/groups/lab/log"))
