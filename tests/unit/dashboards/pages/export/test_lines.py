"""The lines that the page of exports gives do what the page does, in a shell too."""

import shlex
from urllib.parse import parse_qs, urlsplit

from dashboards.pages.export.lines import Choice
from p2ppool.exports.tables.names import ExportKind
from p2ppool.exports.tables.tables import TABLES

ODD = Choice("node-stats", "a b'; rm -rf $HOME", "2026-03-01T00:00:00Z", "", ("left", "right"), "parquet")


def words(line):
    return shlex.split(line.replace("\\\n", ""))


def test_every_line_means_the_same_and_survives_a_shell():
    asked = {"pool": [ODD.pool], "from": [ODD.start], "columns": ["left,right"]}
    assert parse_qs(urlsplit(ODD.path).query) == asked
    curl = words(ODD.curl("http://127.0.0.1:8050", "f.parquet"))
    assert "http://127.0.0.1:8050/export/node-stats.parquet" in curl
    assert f"pool={ODD.pool}" in curl
    assert "Authorization: Bearer $TOKEN" in curl
    command = words(ODD.command("f.parquet"))
    assert command[:3] == ["p2ppool", "export", "node-stats"]
    assert command[command.index("--pool") + 1] == ODD.pool
    assert command[-2:] == ["-o", "f.parquet"]
    assert "--to" not in command


def test_what_is_not_chosen_is_not_said():
    plain = Choice("actions", "lab", "", "", (), "csv")
    assert plain.path == "/export/actions.csv?pool=lab"
    assert words(plain.command("f.csv")) == ["p2ppool", "export", "actions", "--pool", "lab", "-o", "f.csv"]


def test_names_of_columns_need_no_quoting():
    names = [column.name for kind in ExportKind for column in TABLES[kind].columns]
    assert all(name.isascii() and name.replace("_", "").isalnum() and name.islower() for name in names)
