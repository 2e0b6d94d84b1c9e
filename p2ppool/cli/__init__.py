"""The `p2ppool` command: imports are inside the commands, so that `--help` is fast."""

import sys
from typing import Annotated

import typer

from p2ppool import __version__
from p2ppool.cli import audit, doctor, export, hosts, prefect, retention, schedules, services, vault
from p2ppool.cli.group import appliances, groups
from p2ppool.cli.library import keys, packages, runtimes
from p2ppool.cli.pool import actions, files, place_host, pools, roles, settings, take_over, upgrade
from p2ppool.cli.run import queue
from p2ppool.cli.terminal.aliases import add_alias
from p2ppool.cli.user import registrations, tokens, users
from p2ppool.errors import UserError
from p2ppool.umask import close_to_others

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(pools.app, name="pool", help="Create, crawl, suspend, stop … and inspect pools.")
app.add_typer(packages.app, name="package", help="The P2P software that pools run.")
app.add_typer(runtimes.app, name="runtime", help="Runtimes that pools bundle for their hosts.")
app.add_typer(keys.app, name="key", help="The SSH keys that pools sign in with.")
app.add_typer(vault.app, name="vault", help="The key that encrypts secrets in the database.")
app.add_typer(hosts.app, name="host", help="The machines of all pools, and the history of one.")
app.add_typer(schedules.app, name="schedule", help="Schedules of crawls, checks and other actions.")
app.add_typer(prefect.app, name="prefect", help="What Prefect's own command line needs.")
app.add_typer(users.app, name="user", help="The users of the pages, and their roles.")
app.add_typer(groups.app, name="group", help="Virtual networks of users: members, certificates, configs.")
app.add_typer(appliances.app, name="appliance", help="Grids of appliances on top of a group.")
app.add_typer(audit.app, name="audit", help="The record of who did what, and whether it is whole.")
app.add_typer(tokens.app, name="token", help="API tokens for scripts.")
actions.add_to(pools.app)
registrations.add_to(users.app)
pools.app.command()(upgrade.upgrade)
settings.add_to(pools.app)
pools.app.add_typer(roles.app, name="role", help="The users who may do something with this pool alone.")
pools.app.command()(files.files)
pools.app.command("accept-key")(hosts.accept_key)
pools.app.command("take-over")(take_over.take_over)
pools.app.command(
    "place-host", context_settings={"ignore_unknown_options": True}
)(  # southern latitudes begin with a minus
    place_host.place_host
)
add_alias(app, "hosts", "host list", hosts.list_all)
app.command()(queue.actions)
app.command()(queue.cancel)
app.command()(doctor.doctor)
app.command()(export.export)
app.command()(retention.retention)
app.command()(services.up)
app.command()(services.demo)
app.command("settings")(services.show_settings)


def _print_version(is_wanted: bool) -> None:  # noqa: FBT001 - typer's callback
    if is_wanted:
        typer.echo(f"p2ppool {__version__}")
        raise typer.Exit


@app.callback()
def whole(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Manage pools of P2P overlay nodes on many Linux hosts."""


def main() -> None:
    """Run the command line; print errors that a user can fix as one line, and exit with code 1.

    So are those of files and folders, wherever they come from: a full disk, or one that may not be written.
    """
    close_to_others()
    try:
        app()
    except UserError as error:
        print(f"p2ppool: {error}", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"p2ppool: {where}{error.strerror or error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
