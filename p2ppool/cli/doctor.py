"""`p2ppool doctor`."""

import typer

from p2ppool.cli.terminal.output import AsJson, print_json


def doctor(as_json: AsJson = False) -> None:
    """Check the manager's machine: one line for each finding; exit code 1 if one of them is a problem."""
    from dataclasses import asdict

    from p2ppool.doctor.checks import findings
    from p2ppool.doctor.finding import Level
    from p2ppool.settings import settings

    found = list(findings(settings()))
    if as_json:
        print_json([asdict(finding) for finding in found])
    else:
        for finding in found:
            typer.echo(f"{finding.level}: {finding.subject}: {finding.text}")
    if any(finding.level is Level.PROBLEM for finding in found):
        raise typer.Exit(1)
