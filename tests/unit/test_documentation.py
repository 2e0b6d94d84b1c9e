"""What a user can set or type is documented."""

import re
from pathlib import Path

import pytest
import typer

from deployments.dispatcher.registration import SERVED
from p2ppool.actions.documentation import actions_table, states_table, turns_table
from p2ppool.cli import app
from p2ppool.settings import Settings

ROOT = Path(__file__).parents[2]
DOCS = "\n".join(path.read_text() for path in sorted((ROOT / "docs").glob("*.md")))


def commands(group, words=()):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*words, name))
        elif not command.hidden:
            yield " ".join((*words, name)), command


COMMANDS = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented_with_its_meaning(name):
    field = Settings.model_fields[name]
    assert f"`{Settings.variable(name)}`" in DOCS
    assert field.description
    assert field.description in DOCS


def test_no_setting_is_documented_that_is_not_there():
    known = {Settings.variable(name) for name in Settings.model_fields}
    assert set(re.findall(r"^\| `(P2PPOOL_\w+)`", DOCS, re.MULTILINE)) == known


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented_with_its_options(command):
    section = DOCS.partition(f"### p2ppool {command}\n")[2].partition("\n### ")[0]
    assert section, f"docs describe no `### p2ppool {command}`"
    options = {option for parameter in COMMANDS[command].params for option in parameter.opts}
    expected = {option for option in options if option.startswith("--")} - {"--help"}
    assert {option for option in expected if f"`{option}" not in section} == set()


def test_every_flow_is_documented():
    for flow in SERVED:
        assert f"### {flow}\n" in DOCS, f"docs describe no flow `### {flow}`"


@pytest.mark.parametrize("table", [turns_table, states_table, actions_table])
def test_the_documented_rules_are_those_that_hold(table):
    assert table() in DOCS, "run python -m p2ppool.actions.documentation and replace the table in docs/"
