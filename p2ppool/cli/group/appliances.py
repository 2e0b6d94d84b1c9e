"""`p2ppool appliance …`: grids of appliances on top of a GroupVPN (GroupAppliance)."""

import getpass
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from p2ppool.cli.group import log, memberships
from p2ppool.cli.group.certificates import address_warning, print_saved
from p2ppool.cli.group.context import (
    As,
    Name,
    get_group,
    get_membership,
    record,
    save,
    this_manager,
    vault,
    write,
)
from p2ppool.cli.group.options import (
    Description,
    Detailed,
    Terms,
    TermsVersion,
    about_of,
    print_group,
    print_list,
)
from p2ppool.cli.terminal.output import AsJson, print_json

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def show_all(as_json: AsJson = False) -> None:
    """List the groups."""
    empty = "no groups yet: p2ppool appliance create NAME --as USER --group GROUP"
    print_list("appliance", as_json=as_json, empty=empty)


@app.command()
def show(name: Name, terms: TermsVersion = None, as_json: AsJson = False) -> None:
    """Show a group with its members, or a version of its terms."""
    print_group("appliance", name, terms, as_json=as_json)


@app.command()
def create(
    name: Name,
    user: As,
    vpn: Annotated[str, typer.Option("--group", metavar="NAME", help="The GroupVPN below it.")],
    description: Description = None,
    terms: Terms = None,
    detailed: Detailed = None,
    as_json: AsJson = False,
) -> None:
    """Create a group; the user, a member of the GroupVPN, becomes its first admin."""
    from p2ppool.accounts import users
    from p2ppool.groups.definition import registry

    def change(session: Any, sealed: Any) -> dict[str, Any]:
        group = registry.make_appliance(
            session,
            sealed,
            name,
            users.get(session, user),
            about=about_of(description, terms, detailed=detailed),
            vpn=get_group(session, "vpn", vpn),
        )
        return {"name": group.name, "vpn": vpn}

    row = write(change)
    print_json(row) if as_json else typer.echo(f"group {name} created, on top of {vpn}")


@app.command()
def edit(
    name: Name,
    description: Description = None,
    terms: Terms = None,
    detailed: Detailed = None,
    as_json: AsJson = False,
) -> None:
    """Change a group's description, terms or questions; options left out change nothing."""
    from p2ppool.groups.definition import registry

    def change(session: Any, _vault: Any) -> dict[str, Any]:
        group = get_group(session, "appliance", name)
        registry.edit(
            session, group, about_of(description, terms, detailed=detailed, now=group), this_manager()
        )
        return {"name": group.name, "terms_version": group.terms_version}

    row = write(change)
    print_json(row) if as_json else typer.echo(f"group {name} updated")


@app.command()
def floppy(
    name: Name,
    user: As,
    kind: Annotated[str, typer.Option(metavar="KIND", help="The type of machine: Server, Worker or Client.")],
    password: Annotated[
        bool,
        typer.Option("--password", help="Ask for the appliance's password, or read it from standard input."),
    ] = False,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The output file.")] = Path(
        "floppy.img"
    ),
    as_json: AsJson = False,
) -> None:
    """Write the floppy disk image with which a machine joins in a member's name; it contains their secret."""
    from p2ppool.appliance.config import MachineType
    from p2ppool.cli.terminal.database import store
    from p2ppool.groups import downloads
    from p2ppool.groups.server import server_of
    from p2ppool.settings import settings
    from p2ppool.store.unit_of_work import reading

    if kind not in set(MachineType):
        raise typer.BadParameter(f"--kind: one of {', '.join(MachineType)}")
    typed = _password() if password else ""
    with reading(store()) as work:
        membership = get_membership(work.session, get_group(work.session, "appliance", name), user)
        server, machine = server_of(settings()), MachineType(kind)
        data = downloads.floppy(
            work.session, vault(work.session), membership, server, kind=machine, password=typed
        )
        warning = address_warning(membership.group)
        group = membership.group
    record(group, "download floppy", user)
    save(output, data)
    print_saved(output, data, warning, as_json=as_json)


def _password() -> str:
    """Read the password from the terminal, else from standard input: other users could read an argument."""
    if sys.stdin.isatty():
        return getpass.getpass("password of the appliance: ")
    return sys.stdin.readline(1024).rstrip("\r\n")


memberships.add_to(app, "appliance")
log.add_to(app, "appliance")
