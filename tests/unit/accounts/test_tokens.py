"""API tokens: shown once, kept as digests, for what they were made for."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from p2ppool.accounts import tokens, users
from p2ppool.accounts.tokens import Scope
from p2ppool.errors import UserError
from p2ppool.records import audit
from p2ppool.store.models import ApiToken, SubjectKind
from p2ppool.store.types import now

DAY = timedelta(days=1)


def test_a_token_is_found_by_its_text_which_is_nowhere_in_the_database(session, ada):
    token, shown = tokens.create(session, ada, "nightly", [Scope.EXPORT], "test", life=DAY)
    assert shown.startswith(f"{token.prefix}")
    assert len(shown) >= len(tokens.PREFIX) + 43  # 256 bits in base64
    found = tokens.find(session, shown)
    assert (found.user.name, found.scopes) == ("ada", ["export"])
    rows = session.execute(text("SELECT * FROM api_tokens")).all()
    lines = session.execute(text("SELECT * FROM audit_log")).all()
    assert shown not in f"{rows}{lines}"


@pytest.mark.parametrize("shown", ["", "p2p_", "p2p_x", "x" * 10_000, "p2p_" + "x" * 10_000, "p2p_\ud800"])
def test_what_is_no_token(session, ada, shown):
    tokens.create(session, ada, "nightly", [Scope.EXPORT], "test")
    assert tokens.find(session, shown) is None


def test_all_of_a_user_end(session, ada, bob):
    made = [tokens.create(session, user, "t", [Scope.VIEW], "test", life=DAY) for user in (ada, bob, bob)]
    tokens.revoke(session, bob, str(made[1][0].id), "test")
    tokens.revoke_all(session, bob, "test")
    session.flush()
    assert [tokens.find(session, shown) is not None for _, shown in made] == [True, False, False]
    assert [line.what for line in audit.lines_of_kind(session, SubjectKind.USER, 10)].count(
        "token revoked"
    ) == 2


def test_a_token_ends(session, ada, bob):
    made = [tokens.create(session, bob, f"{n}", [Scope.VIEW], "test", life=DAY) for n in range(3)]
    made[0][0].expires_at = now() - timedelta(seconds=1)
    tokens.revoke(session, bob, str(made[1][0].id), "test")
    session.flush()
    assert [tokens.find(session, shown) is not None for _, shown in made] == [False, False, True]
    assert [tokens.works(token) for token, _ in made] == [False, False, True]
    users.set_active(session, bob, "test", active=False)
    assert tokens.find(session, made[2][1]) is None
    users.set_active(session, bob, "test", active=True)
    assert tokens.find(session, made[2][1]) is not None
    users.remove(session, bob, "test")
    session.expire_all()
    assert session.query(ApiToken).count() == 0


def test_nobody_revokes_what_is_anothers(session, ada, bob):
    token, shown = tokens.create(session, ada, "mine", [Scope.EXPORT], "test")
    with pytest.raises(UserError, match="there is no token"):
        tokens.revoke(session, bob, str(token.id), "test")
    assert tokens.find(session, shown) is not None
    assert tokens.revoke(session, None, token.prefix, "test") is token


@pytest.mark.parametrize(
    ("name", "scopes", "life"),
    [
        ("", ["export"], DAY),
        ("x", [], DAY),
        ("x", ["export", "act"], DAY),
        ("x", ["export"], timedelta(0)),
        ("x", ["export"], timedelta(days=99_999)),
    ],
)
def test_tokens_that_cannot_be(session, ada, name, scopes, life):
    with pytest.raises(UserError):
        tokens.create(session, ada, name, scopes, "test", life=life)


def test_nobody_has_endlessly_many(session, ada):
    for number in range(50):
        tokens.create(session, ada, str(number), ["export"], "test")
    with pytest.raises(UserError, match="revoke one first"):
        tokens.create(session, ada, "one more", ["export"], "test")


def test_a_hostile_name_is_one_short_line(session, ada):
    token, _ = tokens.create(session, ada, "a\nb\x1b[31m" + "x" * 500, ["export"], "test")
    assert token.name.startswith("a b [31m")
    assert len(token.name) == 64


def test_a_token_is_not_older_than_the_setting_allows(session, ada):
    token, shown = tokens.create(session, ada, "t", [Scope.VIEW], "test")
    token.created_at = now() - 10 * DAY
    session.flush()
    assert tokens.find(session, shown) is not None
    assert tokens.find(session, shown, 11 * DAY) is not None
    assert tokens.find(session, shown, 9 * DAY) is None


def test_a_longer_life_is_refused_and_none_is_the_longest():
    assert tokens.life_of(9, 9 * DAY) == 9 * DAY
    assert tokens.life_of(None, 9 * DAY) == tokens.life_of(0, 9 * DAY) == 9 * DAY
    assert tokens.life_of(0, None) is None
    with pytest.raises(UserError, match="P2PPOOL_TOKEN_LONGEST_DAYS"):
        tokens.life_of(10, 9 * DAY)
