"""`p2ppool group …` commands for certificates: requests, approvals, revocations, and members' configs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
    write_and_notify,
)
from p2ppool.cli.terminal.output import AsJson, print_json, print_rows

if TYPE_CHECKING:
    from p2ppool.store.models import Certificate, Group


def certificates(
    name: Name,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the latest first.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List the certificates that members' machines have requested."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.groups.certificates.approvals import requested_certificates
    from p2ppool.store.unit_of_work import reading

    with reading(store()) as work:
        rows = [
            _row(each)
            for each in requested_certificates(work.session, get_group(work.session, "vpn", name), limit)
        ]
    print_rows(rows, as_json=as_json, empty="no machine has asked for a certificate yet")


def approve(
    name: Name,
    numbers: Annotated[list[str], typer.Argument(metavar="REQUEST...", help="Numbers of the requests.")],
    deny: Annotated[bool, typer.Option("--deny", help="Deny them instead, permanently.")] = False,
    as_json: AsJson = False,
) -> None:
    """Sign certificate requests that wait for an admin."""
    from p2ppool.groups import notices
    from p2ppool.groups.certificates import approvals

    def change(session: Any, sealed: Any, letters: list[Any]) -> list[dict[str, Any]]:
        group, who = get_group(session, "vpn", name), this_manager()
        done = [
            approvals.refuse(session, group, number, who)
            if deny
            else approvals.approve(session, sealed, group, number, who)
            for number in numbers
        ]
        letters.extend(notices.of_certificates(done))
        return [_row(each) for each in done]

    rows = write_and_notify(change)
    print_rows(rows, as_json=as_json, empty="no requests")


def renew_secret(
    name: Name,
    user: Annotated[str, typer.Argument(metavar="USER", help="The member.")],
    as_json: AsJson = False,
) -> None:
    """Replace the secret of a member's machines; the new one, not shown, is in the next config.zip."""
    from p2ppool.groups.membership import secret_renewal

    def change(session: Any, sealed: Any) -> None:
        membership = get_membership(session, get_group(session, "vpn", name), user)
        secret_renewal.renew_secret(session, sealed, membership, this_manager().user.name)

    write(change)
    if as_json:
        print_json({"group": name, "user": user, "renewed": True})
    else:
        typer.echo(f"the secret of {user} in {name} was renewed: their machines need a new config.zip")


def config(
    name: Name,
    user: As,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The output file.")] = Path(
        "config.zip"
    ),
    as_json: AsJson = False,
) -> None:
    """Write a member's config.zip, which contains their secret."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.groups.downloads import config_zip
    from p2ppool.groups.server import server_of
    from p2ppool.settings import settings
    from p2ppool.store.unit_of_work import reading

    with reading(store()) as work:
        membership = get_membership(work.session, get_group(work.session, "vpn", name), user)
        data = config_zip(work.session, vault(work.session), membership, server_of(settings()))
        warning = address_warning(membership.group)
        group = membership.group
    record(group, "download config", user)
    save(output, data)
    print_saved(output, data, warning, as_json=as_json)


def revocations(
    name: Name,
    renew: Annotated[bool, typer.Option("--renew", help="Create a new signed list.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the revoked users of a group, and when the list that clients fetch was created."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.groups.authority import revocations as revoked
    from p2ppool.groups.certificates import revocation_lists
    from p2ppool.settings import settings
    from p2ppool.store.types import now
    from p2ppool.store.unit_of_work import reading
    from p2ppool.store.vault_key import vault_of

    engine = store()
    if renew:
        revocation_lists.demand(engine, vault_of(engine, settings()), name, now())
    with reading(engine) as work:
        group = get_group(work.session, "vpn", name)
        names = revoked.names(work.session, group)
        made = revocation_lists.stored(group.network) if group.network else None
    if as_json:
        print_json({"group": name, "names": names, "made_at": made.made_at if made else None})
        return
    typer.echo("\n".join(names) or "nobody is revoked")
    typer.echo(
        f"the list was created at {made.made_at}"
        if made
        else "the list will be created when a client asks for it"
    )


def print_saved(file: Path, data: bytes, warning: str, *, as_json: bool) -> None:
    """Report the written file, and the warning, if any."""
    if warning:
        typer.echo(f"warning: {warning}", err=True)
    if as_json:
        print_json({"file": str(file), "size": len(data)})
    else:
        typer.echo(f"{file}: {len(data)} bytes, with a secret: give it only to its user")


def address_warning(group: "Group") -> str:
    """Return a warning if machines can't reach all of this server at the download's address; else `""`."""
    from p2ppool.groups.server import nowhere, unread
    from p2ppool.settings import Settings, settings

    network = (group.parent or group).network
    if network is None or not network.secure:
        return ""
    if not (address := nowhere(settings())):
        return _unread_warning(unread(settings()))
    return (
        f"it names this server as {address}, which only this machine can reach: set "
        f"{Settings.variable('public_url')} to an address that machines can reach, and write the file again"
    )


def _unread_warning(address: str) -> str:
    return address and (
        f"with the server at {address}, machines never read the list of revoked users: they ask for it "
        "by http at the same port; serve https at port 443 and that list at port 80, and leave the port "
        "out of P2PPOOL_PUBLIC_URL"
    )


def add_to(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    for command in (certificates, approve, renew_secret, config, revocations):
        app.command()(command)


def _row(certificate: "Certificate") -> dict[str, Any]:
    return {
        "request": certificate.request_id,
        "user": certificate.membership.user.name,
        "state": certificate.state.value,
        "asked_at": certificate.asked_at,
    }
