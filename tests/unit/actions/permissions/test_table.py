"""What each role on a pool allows: the whole table."""

import pytest

from p2ppool.accounts.roles.rights import Rights
from p2ppool.actions.catalogue import Action
from p2ppool.actions.permissions.table import Act, may, may_request, needed
from p2ppool.store.states import PoolRole

TABLE = {
    PoolRole.VIEWER: {Act.LOOK},
    PoolRole.OPERATOR: {
        *(Action.CRAWL, Action.CHECK, Action.VERIFY, Action.PLAN, Action.GATHER_LOGS, Action.GATHER_RESULTS),
        Act.DOWNLOAD,
    },
    PoolRole.MANAGER: {
        *(Action.CREATE, Action.INSTALL, Action.UPGRADE, Action.SUSPEND, Action.RESUME, Action.STOP),
        *(Action.UNINSTALL_CHECK, Act.EDIT, Act.SET_VIEW, Act.GIVE_ROLES),
    },
}
"""What each role adds to those before it."""


def test_everything_is_in_the_table_once():
    assert sorted(each for row in TABLE.values() for each in row) == sorted([*Action, *Act])


@pytest.mark.parametrize("what", [*Action, *Act])
@pytest.mark.parametrize("role", [None, *PoolRole])
def test_a_role_allows_its_own_and_what_is_below(role, what):
    rights = Rights(on_pools={"demo": role} if role else {})
    assert needed(what) is next(least for least, row in TABLE.items() if what in row)
    assert may(rights, what, "demo") is (role is not None and role.includes(needed(what)))
    assert not may(rights, what, "other")


@pytest.mark.parametrize("role", PoolRole)
def test_an_action_of_another_release_is_for_managers(role):
    assert may_request(Rights(role), "melt", "demo") is (role is PoolRole.MANAGER)
    assert may_request(Rights(role), "crawl", "demo") is role.includes(PoolRole.OPERATOR)
