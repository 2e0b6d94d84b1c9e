"""Users from a CSV file: all or none."""

import pytest

from p2ppool.accounts import user_import, users
from p2ppool.errors import UserError
from p2ppool.store.models import Role


def test_columns_in_any_order_and_a_byte_order_mark(session):
    data = "\ufeffRole, Name ,email\r\nmanager,Ada,ada@example.org\r\n\r\n,bob,\r\n".encode()
    user_import.make(session, user_import.read(data), "test")
    made = [(user.name, user.role, user.email) for user in users.all_users(session)]
    assert made == [("ada", Role.MANAGER, "ada@example.org"), ("bob", Role.VIEWER, None)]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "line 1: the first line names the columns"),
        (b"name\n", "no users in the file"),
        (b"name,password\na,b\n", "line 1: .*'name, password'"),
        (b"name,name\na,b\n", "line 1"),
        (b"name,role\na,viewer\nb\n", "line 3: 1 values for 2 columns"),
        (b"name\na\n\xff\n", "line 3: the file is not UTF-8"),
        (b"name\na+b\n\nc d\n", "line 2: .*'a\\+b'.*; line 4: .*'c d'"),
        (b"name,email,role\na,x,\nb,,king\n", "line 2: 'x' is not a mail address; line 3: the role 'king'"),
        (b"name\nBob\nbob\n", "line 3: bob is already in line 2"),
        (b'name\n"a\n', "line 2"),
        (b"name\n" + b"x" * user_import.LARGEST, "larger than"),
        (b"name\n" + b"\n".join(b"u%d" % n for n in range(5001)), "more than 5000"),
        (b"name\n" + b"!\n" * 12, "; and 2 more"),
    ],
)
def test_what_is_wrong_is_told_by_its_line(data, problem):
    with pytest.raises(UserError, match=problem):
        user_import.read(data)


def test_names_that_are_taken_are_told_by_their_line(session, ada):
    with pytest.raises(UserError, match=r"^line 3: there is a user named ada already$"):
        user_import.make(session, user_import.read(b"name\nbob\nADA\n"), "test")
    assert [user.name for user in users.all_users(session)] == ["ada"]
