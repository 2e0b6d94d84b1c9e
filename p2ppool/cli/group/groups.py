"""`p2ppool group …`: virtual networks (GroupVPN)."""

from typing import TYPE_CHECKING, Any

import typer

from p2ppool.cli.group import certificates, log, memberships
from p2ppool.cli.group.context import As, Name, get_group, this_manager, write
from p2ppool.cli.group.network import (
    Approval,
    Digest,
    IpBase,
    IpNamespace,
    Meeting,
    Namespace,
    Netmask,
    PoolName,
    Secure,
    SecureEdges,
    chosen_of,
    edited_spec,
    like,
    spec_of,
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

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from p2ppool.store.models import Group

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def show_all(as_json: AsJson = False) -> None:
    """List the groups."""
    print_list("vpn", as_json=as_json, empty="no groups yet: p2ppool group create NAME --as USER --pool POOL")


@app.command()
def show(name: Name, terms: TermsVersion = None, as_json: AsJson = False) -> None:
    """Show a group with its members, or a version of its terms."""
    print_group("vpn", name, terms, as_json=as_json)


@app.command()
def create(
    name: Name,
    user: As,
    pool: PoolName = None,
    namespace: Namespace = None,
    meeting: Meeting = None,
    ip_namespace: IpNamespace = None,
    ip_base: IpBase = None,
    netmask: Netmask = None,
    secure: Secure = None,
    secure_edges: SecureEdges = None,
    approval: Approval = None,
    digest: Digest = None,
    description: Description = None,
    terms: Terms = None,
    detailed: Detailed = None,
    as_json: AsJson = False,
) -> None:
    """Create a group; the user becomes its first admin."""
    from p2ppool.accounts import users
    from p2ppool.groups.definition import registry

    chosen = chosen_of(
        pool=pool,
        namespace=namespace,
        meeting=tuple(meeting or ()),
        ip_namespace=ip_namespace,
        ip_base=ip_base,
        netmask=netmask,
        secure=secure,
        secure_edges=secure_edges,
        approval=approval,
        digest=digest,
    )

    def change(session: "Session", vault: Any) -> dict[str, Any]:
        spec = spec_of(session, {"ip_namespace": like(name)} | chosen)
        about = about_of(description, terms, detailed=detailed)
        group = registry.make_vpn(session, vault, name, users.get(session, user), about=about, network=spec)
        return _row(session, group)

    _print(write(change), "created", as_json=as_json)


@app.command()
def edit(
    name: Name,
    pool: PoolName = None,
    namespace: Namespace = None,
    meeting: Meeting = None,
    ip_namespace: IpNamespace = None,
    ip_base: IpBase = None,
    netmask: Netmask = None,
    secure: Secure = None,
    secure_edges: SecureEdges = None,
    approval: Approval = None,
    digest: Digest = None,
    description: Description = None,
    terms: Terms = None,
    detailed: Detailed = None,
    as_json: AsJson = False,
) -> None:
    """Change a group; options left out change nothing. A change of its network requires new configs."""
    from p2ppool.groups.definition import registry

    chosen = chosen_of(
        pool=pool,
        namespace=namespace,
        meeting=tuple(meeting or ()),
        ip_namespace=ip_namespace,
        ip_base=ip_base,
        netmask=netmask,
        secure=secure,
        secure_edges=secure_edges,
        approval=approval,
        digest=digest,
    )

    def change(session: "Session", vault: Any) -> dict[str, Any]:
        group = get_group(session, "vpn", name)
        network = group.network
        if network is not None and chosen:
            spec = edited_spec(session, network, chosen)
            registry.edit_network(session, vault, group, spec, this_manager())
        if any(value is not None for value in (description, terms, detailed)):
            registry.edit(
                session, group, about_of(description, terms, detailed=detailed, now=group), this_manager()
            )
        return _row(session, group)

    _print(write(change), "updated", as_json=as_json)


def _row(session: "Session", group: "Group") -> dict[str, Any]:
    from p2ppool.groups.definition import networks

    network = group.network
    overlaps = networks.overlapping(session, networks.spec_of(network), group) if network else []
    return {"name": group.name, "terms_version": group.terms_version, "overlaps": overlaps}


def _print(row: dict[str, Any], result: str, *, as_json: bool) -> None:
    if as_json:
        print_json(row)
        return
    typer.echo(f"group {row['name']} {result}")
    if row["overlaps"]:
        typer.echo(
            f"its addresses or IP namespace overlap with {', '.join(row['overlaps'])}: "
            "no machine can use both at the same time"
        )


memberships.add_to(app, "vpn")
log.add_to(app, "vpn")
certificates.add_to(app)
