"""On a pool the higher of two roles counts: that of the whole installation, and that on the pool."""

import pytest

from p2ppool.accounts.roles.rights import EVERYWHERE, Rights
from p2ppool.store.states import PoolRole, Role

VIEWER, OPERATOR, MANAGER = PoolRole


def test_roles_include_those_below():
    included = {(one, other) for one in PoolRole for other in PoolRole if one.includes(other)}
    same = {(role, role) for role in PoolRole}
    assert included == same | {(MANAGER, OPERATOR), (MANAGER, VIEWER), (OPERATOR, VIEWER)}


@pytest.mark.parametrize(
    ("role", "own", "expected"),
    [
        (Role.MEMBER, None, None),
        (Role.MEMBER, VIEWER, VIEWER),
        (Role.MEMBER, OPERATOR, OPERATOR),
        (Role.MEMBER, MANAGER, MANAGER),
        (Role.VIEWER, None, VIEWER),
        (Role.VIEWER, VIEWER, VIEWER),
        (Role.VIEWER, OPERATOR, OPERATOR),
        (Role.VIEWER, MANAGER, MANAGER),
        (Role.MANAGER, None, MANAGER),
        (Role.MANAGER, VIEWER, MANAGER),
        (Role.MANAGER, OPERATOR, MANAGER),
        (Role.MANAGER, MANAGER, MANAGER),
    ],
)
def test_the_higher_role_counts(role, own, expected):
    rights = Rights(EVERYWHERE[role], {"demo": own} if own else {})
    assert rights.on("demo") is expected
    assert rights.on("other") is EVERYWHERE[role]
    assert rights.sees_all is (role is not Role.MEMBER)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("most", PoolRole)
def test_a_cap_lowers_and_never_raises(role, most):
    rights = Rights(EVERYWHERE[role], {"a": VIEWER, "b": OPERATOR, "c": MANAGER}, frozenset({1, 2, 3}))
    capped = rights.capped(most)
    assert capped.pool_ids == rights.pool_ids
    assert capped.sees_all is rights.sees_all
    for pool in ("a", "b", "c", "d"):
        before, after = rights.on(pool), capped.on(pool)
        assert after == (most if before is not None and before.includes(most) else before)
