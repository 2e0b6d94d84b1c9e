"""`p2ppool host …` and `p2ppool pool accept-key`."""

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from p2ppool.cli.run.start import Name, check_pool
from p2ppool.cli.terminal.aliases import print_renamed
from p2ppool.cli.terminal.output import AsJson, print_json, print_rows
from p2ppool.errors import UserError

if TYPE_CHECKING:
    from p2ppool.pools.definition.host_keys import Offer
    from p2ppool.reports.hosts.inventory import HostEntry, HostEvent

_SHOWN_FACTS = ("machine", "cores")
_KNOWN_HOSTS_BYTES = 32 * 1024 * 1024
_SHORT = 12  # characters of a digest that a person compares


class _HostGroup(TyperGroup):
    """The group of commands; `p2ppool host NAME` still shows that host, for one release."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command; an unknown one is the name of a host, as before this was a group."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            print_renamed("host show")
            args = ["show", *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(no_args_is_help=True, cls=_HostGroup)


@app.command("list")
def list_all(
    pool: Annotated[str | None, typer.Option(metavar="NAME", help="Show only this pool.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the machines of all pools, with their facts, their version, and their last result."""
    from dataclasses import asdict

    from p2ppool.cli.terminal.database import store
    from p2ppool.reports.hosts.inventory import inventory

    if pool is not None:
        check_pool(pool)
    found = inventory(store(), pool)
    if as_json:
        print_json([asdict(entry) for entry in found])
    else:
        print_rows([_row(entry) for entry in found], as_json=False, empty="no hosts yet")


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(metavar="HOST", help="The host's name or address.")],
    pool: Annotated[str, typer.Option(metavar="NAME", help="The host's pool.")],
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many tickets.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show the results of actions on one host, the latest first."""
    from dataclasses import asdict

    from p2ppool.cli.terminal.database import store
    from p2ppool.reports.hosts.inventory import host_history

    check_pool(pool)
    found = host_history(store(), pool, name, limit)
    if as_json:
        print_json([asdict(event) for event in found])
    else:
        print_rows([_event_row(event) for event in found], as_json=False, empty="no results yet")


@app.command("import-keys")
def import_keys(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A known_hosts file of OpenSSH.")],
    as_json: AsJson = False,
) -> None:
    """Import host keys from a known_hosts file; hosts that were never contacted must show them."""
    from p2ppool.cli.library.keys import read_bounded
    from p2ppool.cli.terminal.database import store
    from p2ppool.fleet.transport.known_hosts import KnownKey, LeftOut, read_known_hosts
    from p2ppool.pools.definition.known_hosts import add_known
    from p2ppool.store.unit_of_work import UnitOfWork

    lines = list(read_known_hosts(read_bounded(file, _KNOWN_HOSTS_BYTES).decode("utf-8", "replace")))
    keys = [line for line in lines if isinstance(line, KnownKey)]
    left_out = [line for line in lines if isinstance(line, LeftOut)]
    with UnitOfWork(store()) as work:
        count = add_known(work.session, keys, file.name)
        work.commit()
    if as_json:
        print_json(
            {"imported": count, "left_out": [{"line": line.line, "why": line.why} for line in left_out]}
        )
    else:
        for line in left_out:
            typer.echo(f"line {line.line} is left out: {line.why}", err=True)
        typer.echo(f"{count} host keys imported, {len(keys) - count} were known")


def accept_key(
    pool: Name,
    host_name: Annotated[
        str | None, typer.Argument(metavar="HOST", help="The host's name or address.")
    ] = None,
    fingerprint: Annotated[
        str | None,
        typer.Option(metavar="SHA256:…", help="The new key's fingerprint, as given by the host's owner."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="All hosts that presented another key, after a list of them.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Accept the key without comparing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Accept the new host key that a host, or a jump host, has presented instead of the pinned one."""
    if every == (host_name is not None) or (every and fingerprint is not None):
        raise UserError("accept-key: name either a host or --all, and a fingerprint for a host only")
    if host_name is None:
        _accept_all(pool, yes=yes, as_json=as_json)
    else:
        _accept_one(pool, host_name, fingerprint, yes=yes, as_json=as_json)


def _accept_all(pool: str, *, yes: bool, as_json: bool) -> None:
    from p2ppool.cli.terminal.database import store
    from p2ppool.pools.definition.host_keys import accept, list_offers
    from p2ppool.records.pools import get_pool
    from p2ppool.store.unit_of_work import UnitOfWork

    with UnitOfWork(store()) as work:
        found = get_pool(work.session, pool)
        offers = list_offers(work.session, found)
        rows = [{"host": offer.host.name, "pinned": offer.old, "offered": offer.new} for offer in offers]
        if not as_json or not yes:
            print_rows(rows, as_json=as_json, empty=f"no host of pool {pool} has presented another key")
        if rows and (yes or _agrees(len(rows))):
            for offer in offers:
                accept(work.session, found, offer, f"cli {getpass.getuser()}")
            work.commit()
            if as_json:
                print_json(rows)
            else:
                typer.echo(f"{len(rows)} offered keys are now pinned")


def _agrees(count: int) -> bool:
    """Ask whether the listed keys are those of the hosts.

    Raises:
        UserError: there is no terminal to ask at.
    """
    if not sys.stdin.isatty():
        raise UserError("compare the keys above with the hosts' own, then add --yes: nothing was changed")
    return typer.confirm(f"Are these {count} keys the hosts' own?")


def _accept_one(pool: str, host_name: str, fingerprint: str | None, *, yes: bool, as_json: bool) -> None:
    from p2ppool.cli.terminal.database import store
    from p2ppool.pools.definition.host_keys import accept, find_offer
    from p2ppool.records.pools import get_pool
    from p2ppool.store.unit_of_work import UnitOfWork

    with UnitOfWork(store()) as work:
        found = get_pool(work.session, pool)
        offer = find_offer(work.session, found, host_name)
        if not as_json:
            typer.echo(f"pinned  {offer.old}\noffered {offer.new}")
        _compare(offer, fingerprint, yes=yes)
        accept(work.session, found, offer, f"cli {getpass.getuser()}")
        work.commit()
        answer = {"pool": pool, "host": offer.host.name, "old": offer.old, "new": offer.new}
    if as_json:
        print_json(answer)
    else:
        typer.echo(f"host {answer['host']}: the offered key is now pinned")


def _compare(offer: "Offer", fingerprint: str | None, *, yes: bool) -> None:
    """Check that it is the expected key.

    Raises:
        UserError: it is another one, or there is no terminal to ask for it.
    """
    if yes and fingerprint is None:
        return
    if fingerprint is None:
        if not sys.stdin.isatty():
            raise UserError("give the offered key's --fingerprint, from the host's owner, or --yes")
        fingerprint = typer.prompt("the new fingerprint, from the host's owner")
    if fingerprint.strip() != offer.new:
        raise UserError(f"the host presented another key, {offer.new}: nothing was changed")


def _row(entry: "HostEntry") -> dict[str, Any]:
    """Build a row of a table; JSON has the rest."""
    place = entry.address if entry.port is None else f"{entry.address}:{entry.port}"
    return {
        "pool": entry.pool,
        "host": entry.host,
        "address": place,
        "via": entry.jump,
        "state": entry.state,
        **{name: entry.facts.get(name) for name in _SHOWN_FACTS},
        "memory": _gibibytes(entry.facts.get("memory_total")),
        "version": entry.digest[:_SHORT] if entry.digest else None,
        "result": entry.result,
        "when": f"{entry.result_at:%m-%d %H:%M}Z" if entry.result_at else None,
    }


def _gibibytes(count: object) -> str | None:
    return f"{count / 1024**3:.1f} GiB" if isinstance(count, int) else None


def _event_row(event: "HostEvent") -> dict[str, Any]:
    return {
        "ticket": event.ticket,
        "action": event.action,
        "result": event.result,
        "step": event.step,
        "message": event.message,
        "seconds": round(event.seconds, 2),
        "when": f"{event.ended_at:%Y-%m-%d %H:%M:%S}Z",
    }
