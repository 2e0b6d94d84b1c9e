"""Sessions end when they should, for good."""

from datetime import timedelta

import pytest

from p2ppool.accounts import links, sign_ins, users
from p2ppool.accounts.sign_in_record import Origin
from p2ppool.store.models import SignIn
from p2ppool.store.types import now
from tests.lab.web.people import PASSWORD

HERE = Origin("password", "192.0.2.7", "Firefox on Linux")
IDLE, LONGEST = timedelta(hours=1), timedelta(days=1)


def find(session, key):
    session.flush()
    return sign_ins.find(session, key, IDLE, LONGEST)


@pytest.fixture
def key(session, ada):
    return sign_ins.begin(session, ada, HERE)


def test_a_session_is_found_by_its_key_alone(session, ada, key):
    assert find(session, key).user is ada
    assert ada.signed_in_at
    assert all(find(session, other) is None for other in ("", "x", key[:-1], "x" * 100_000))
    assert key not in str([vars(row) for row in session.query(SignIn)])


@pytest.mark.parametrize("column", ["used_at", "made_at"])
def test_it_ends_idle_and_after_its_longest_time(session, key, column):
    row = find(session, key)
    setattr(row, column, now() - (IDLE if column == "used_at" else LONGEST))
    assert find(session, key) is None
    sign_ins.forget_ended(session, IDLE, LONGEST)
    assert session.query(SignIn).count() == 0


def test_use_keeps_it_alive_and_is_written_once_a_minute(session, key):
    row = find(session, key)
    assert not sign_ins.is_due(row)
    row.used_at = now() - IDLE + timedelta(seconds=30)
    assert sign_ins.is_due(row)
    sign_ins.use(session, row)
    assert not sign_ins.is_due(find(session, key))


@pytest.mark.parametrize(
    "end",
    [
        lambda session, ada, key: sign_ins.end(session, key),
        lambda session, ada, key: sign_ins.end_all(session, ada),
        lambda session, ada, key: users.set_password(session, ada, PASSWORD, "test"),
        lambda session, ada, key: disable(session, ada),
    ],
)
def test_what_ends_it(session, ada, bob, key, end):
    others = sign_ins.begin(session, bob, HERE)
    end(session, ada, key)
    assert find(session, key) is None
    assert find(session, others).user is bob


def disable(session, ada):
    users.create(session, "eve", ada.role, "test")
    links.for_password(session, "", ada, "test")
    users.set_active(session, ada, "test", active=False)
