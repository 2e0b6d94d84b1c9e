"""`p2ppool up`, `demo` and `settings`.

The servers are above this layer, so the commands replace themselves by exec instead of importing them.
"""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from p2ppool.cli.terminal.output import AsJson, print_rows
from p2ppool.cli.terminal.redaction import redacted
from p2ppool.interpreter import python


class Scenario(StrEnum):
    """The scenarios of the demo."""

    PREEMPTION = "preemption"


def up() -> None:
    """Start the Prefect server, the flows and the web server; Ctrl-C stops them."""
    _become("deployments.up")


def demo(
    hosts: Annotated[int, typer.Option(min=1, max=100, help="SSH hosts to start on loopback.")] = 8,
    once: Annotated[bool, typer.Option("--once", help="Stop everything once the pool runs.")] = False,
    scenario: Annotated[Scenario | None, typer.Option(help="Demonstrate turns, on slow hosts.")] = None,
    report: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="With --once: write a report to FILE.")
    ] = None,
) -> None:
    """Start everything, and a pool on SSH hosts on this machine: no root, no outside network.

    The scenario `preemption` then demonstrates turns: an install preempts a crawl, another action waits, a
    third merges into it, and a stop cancels them all.
    """
    arguments = ["--hosts", str(hosts)]
    if scenario is not None:
        arguments += ["--scenario", scenario.value]
    if once:
        arguments.append("--once")
    if report is not None:
        arguments += ["--json", str(report)]
    _become("deployments.demo", *arguments)


def show_settings(as_json: AsJson = False) -> None:
    """List every setting: its variable, its current value without passwords, and its meaning."""
    from p2ppool.settings import Settings, settings

    rows = [
        {
            "variable": Settings.variable(name),
            "value": redacted(getattr(settings(), name)),
            "meaning": field.description,
        }
        for name, field in Settings.model_fields.items()
    ]
    print_rows(rows, as_json=as_json, empty="")


def _become(module: str, *arguments: str) -> NoReturn:
    sys.stdout.flush()
    os.execv(sys.executable, python("-m", module, *arguments))  # noqa: S606 - no shell is wanted
