"""`p2ppool pool role`."""

import json

import pytest

from p2ppool.accounts import users
from p2ppool.cli.terminal.database import store
from p2ppool.store.models import Role
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.history import a_bare_pool
from tests.lab.services.mailbox import mailbox
from tests.unit.cli.test_commands import free_port, run

__all__ = ["free_port", "mailbox", "run"]


@pytest.fixture
def bob(run):
    a_bare_pool(store())
    with UnitOfWork(store()) as work:
        users.create(work.session, "bob", Role.MEMBER, "test", email="bob@example.org")
        work.commit()


def test_roles_are_given_listed_and_taken(run, bob):
    assert "nobody has a role" in run("pool", "role", "list", "demo").stdout
    assert run("pool", "role", "give", "demo", "bob", "operator").stdout == (
        "user bob is now operator of pool demo\n"
    )
    (row,) = json.loads(run("pool", "role", "list", "demo", "--json").stdout)
    assert (row["user"], row["role"]) == ("bob", "operator")
    done = run("pool", "role", "take", "demo", "bob", "--json")
    assert json.loads(done.stdout) == {"pool": "demo", "user": "bob", "role": None}
    again = run("pool", "role", "take", "demo", "bob")
    assert (again.returncode, again.stderr) == (1, "p2ppool: bob has no role on pool demo\n")
    assert "give role" in run("pool", "audit", "demo").stdout


@pytest.mark.parametrize("arguments", [("nowhere", "bob", "viewer"), ("demo", "eve", "viewer")])
def test_what_is_not_there_is_one_line(run, bob, arguments):
    done = run("pool", "role", "give", *arguments)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_the_user_is_told_by_mail_of_changes_alone(run, bob, mailbox):
    mail = {f"P2PPOOL_{name.upper()}": str(value) for name, value in mailbox.settings.items()}
    for role in ("manager", "manager"):
        run("pool", "role", "give", "demo", "bob", role, **mail)
    run("pool", "role", "take", "demo", "bob", **mail)
    assert mailbox.number() == 2
    assert [mail["Subject"] for mail in mailbox.mails] == [
        "P2PPool Manager: You are now manager of demo",
        "P2PPool Manager: You have no role on demo any more",
    ]
