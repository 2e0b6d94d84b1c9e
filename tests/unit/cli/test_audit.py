"""`p2ppool audit`."""

import json

from sqlalchemy import text

from p2ppool.cli.terminal.database import store
from tests.unit.cli.test_commands import free_port, run

__all__ = ["free_port", "run"]


def test_who_did_what_is_listed_and_checked(run):
    for name in ("ada", "bob"):
        assert run("user", "create", name, "--link").returncode == 0
    rows = json.loads(run("audit", "list", "--subject", "bob", "--json").stdout)
    assert [(row["what"], row["number"]) for row in rows] == [("link to choose a password", 4), ("create", 3)]
    assert "link to choose a password" in run("audit", "list", "--kind", "user").stdout
    known = json.loads(run("audit", "verify", "--json").stdout)["digest"]
    assert known in run("audit", "verify", "--known", known).stdout
    with store().begin() as connection:
        connection.execute(text("DELETE FROM audit_log WHERE number = 2"))
    done = run("audit", "verify")
    assert (done.returncode, "the audit is not whole: entry 2 is missing" in done.stderr) == (1, True)


def test_an_unknown_kind_is_named(run):
    assert "--kind: one of pool, user" in run("audit", "list", "--kind", "nothing").stderr
