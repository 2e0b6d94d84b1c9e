"""`p2ppool user` and `p2ppool token`."""

import io
import json

import pytest

from p2ppool.accounts import registrations
from p2ppool.cli.terminal.database import store
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.services.mailbox import link_in, mailbox
from tests.lab.web.people import PASSWORD, cheap_passwords
from tests.unit.cli.test_commands import free_port, run

__all__ = ["cheap_passwords", "free_port", "mailbox", "run"]


@pytest.fixture
def typed(monkeypatch):
    """Puts lines on standard input."""

    def typed(text):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    return typed


@pytest.fixture
def ada(run, typed, cheap_passwords):
    """A manager, added by the command line."""
    typed(f"{PASSWORD}\n")
    done = run("user", "create", "Ada", "--manager")
    assert (done.returncode, done.stdout) == (0, "user ada (manager) created\n")


def test_users_are_added_changed_and_removed(run, typed, ada):
    done = run("user", "create", "bob", "--link", "--email", "bob@example.org", "--json")
    assert json.loads(done.stdout)["link"].startswith("http://127.0.0.1:8050/password#")
    assert run("user", "role", "bob", "manager").returncode == 0
    assert run("user", "disable", "bob").returncode == 0
    rows = {row["name"]: row for row in json.loads(run("user", "list", "--json").stdout)}
    assert (rows["bob"]["role"], rows["bob"]["active"], rows["ada"]["active"]) == ("manager", False, True)
    assert run("user", "enable", "bob").returncode == 0
    typed("another fine password\n")
    assert run("user", "password", "bob").stdout == "password of user bob changed\n"
    assert "/password#" in run("user", "password", "bob", "--link").stdout
    assert run("user", "delete", "bob").returncode == 0
    assert "bob" not in run("user", "list").stdout


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        (("user", "role", "ada", "viewer"), "ada is the only manager"),
        (("user", "delete", "ada"), "ada is the only manager"),
        (("user", "disable", "nobody"), "there is no user named 'nobody'"),
        (("user", "create", "eve"), "a password has 10 to 256 characters"),
        (("token", "create", "nobody", "x"), "there is no user named 'nobody'"),
        (("token", "create", "ada", "x", "--scope", "act"), "a token is for at least one of: export, view"),
        (("token", "revoke", "7"), "there is no token '7'"),
    ],
)
def test_what_cannot_be_is_one_line(run, typed, ada, command, problem):
    typed("short\n")
    done = run(*command)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert problem in done.stderr


def test_tokens_are_printed_once(run, ada):
    text = run("token", "create", "ada", "nightly", "--scope", "export", "--scope", "view").stdout.strip()
    assert text.startswith("p2p_")
    listed = run("token", "list", "--user", "ada", "--json").stdout
    assert text not in listed
    (row,) = json.loads(listed)
    assert (row["works"], row["scopes"], row["prefix"]) == (True, ["export", "view"], text[:10])
    assert run("token", "revoke", row["prefix"]).returncode == 0
    assert json.loads(run("token", "list", "--json").stdout)[0]["works"] is False


def test_no_command_takes_a_password_as_an_argument(run):
    for command in ("create", "password"):
        assert "--password" not in run("user", command, "--help").stdout


def test_users_of_a_file_are_made_together_or_not_at_all(run, tmp_path, ada):
    file = tmp_path / "users.csv"
    file.write_text("name,email,role\nbob,bob@example.org,viewer\nada,,\n")
    done = run("user", "import", file)
    assert (done.returncode, done.stderr) == (1, "p2ppool: line 3: there is a user named ada already\n")
    file.write_text("name,email,role\nbob,bob@example.org,viewer\ncarol,,manager\n")
    assert "2 users would be created" in run("user", "import", file, "--dry-run").stdout
    assert len(json.loads(run("user", "list", "--json").stdout)) == 1
    assert "no mail server is set" in run("user", "import", file, "--mail").stderr
    rows = json.loads(run("user", "import", file, "--json").stdout)
    assert [(row["name"], row["role"]) for row in rows] == [("bob", "viewer"), ("carol", "manager")]
    assert all("/password#" in row["link"] for row in rows)
    assert "can't be read" in run("user", "import", tmp_path / "none.csv").stderr


def test_links_of_a_file_are_mailed(run, tmp_path, mailbox, cheap_passwords):
    file = tmp_path / "users.csv"
    file.write_text("name,email\nbob,bob@example.org\ncarol,carol@example.org\n")
    mail = {f"P2PPOOL_{name.upper()}": str(value) for name, value in mailbox.settings.items()}
    mailbox.refusing = ["554 no"]
    done = run("user", "import", file, "--mail", "--json", **mail)
    bob, carol = json.loads(done.stdout)
    assert "/password#" in bob["link"]
    assert "554 no" in done.stderr
    assert carol["link"] == "mailed"
    assert link_in(mailbox.last_to("carol@example.org"))[0] == "/password"


def test_who_has_registered_is_accepted_or_denied(run, data_folder, cheap_passwords):
    assert run("user", "waiting").stdout == "no registrations are waiting\n"
    with UnitOfWork(store()) as work:
        for name in ("bob", "eve"):
            wish = registrations.checked(name, f"{name}@example.org", PASSWORD, will_confirm=False)
            registrations.submit(work.session, wish)
        work.commit()
    rows = json.loads(run("user", "waiting", "--json").stdout)
    assert [row["name"] for row in rows] == ["bob", "eve"]
    assert "bob (bob@example.org) is now a user" in run("user", "accept", rows[0]["number"]).stdout
    assert "eve (eve@example.org) was denied" in run("user", "deny", rows[1]["number"]).stdout
    assert "no registration waits under number 1" in run("user", "accept", 1).stderr
    assert [row["name"] for row in json.loads(run("user", "list", "--json").stdout)] == ["bob"]
