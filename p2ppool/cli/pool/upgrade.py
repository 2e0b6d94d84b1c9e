"""`p2ppool pool upgrade`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from p2ppool.cli.run.start import Name, NoWait, act, check_pool
from p2ppool.cli.terminal.output import AsJson


def upgrade(
    name: Name,
    package: Annotated[
        str | None, typer.Option(metavar="NAME|ZIP", help="Another package, or a zip to add.")
    ] = None,
    hosts: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The complete new hosts file; other hosts are uninstalled."),
    ] = None,
    hosts_format: Annotated[
        str | None,
        typer.Option(metavar="FORM", help="plain, csv, ansible or ssh_config (default: detected)."),
    ] = None,
    ssh_port: Annotated[int | None, typer.Option(help="SSH port of hosts without their own (22).")] = None,
    udp_port: Annotated[int | None, typer.Option(help="UDP port of the nodes; 0: off.")] = None,
    tcp_port: Annotated[int | None, typer.Option(help="TCP port of the nodes; 0: off.")] = None,
    nodes_per_process: Annotated[int | None, typer.Option(help="Nodes on each host.")] = None,
    bundle_runtime: Annotated[
        bool | None,
        typer.Option("--bundle-runtime/--no-bundle-runtime", help="Bundle the latest runtime, or none."),
    ] = None,
    adapt_package: Annotated[
        bool | None,
        typer.Option("--adapt-package/--no-adapt-package", help="Adapt files of the package in bundles."),
    ] = None,
    canary: Annotated[int | None, typer.Option(help="Hosts to try it on first (1).")] = None,
    batch: Annotated[int | None, typer.Option(help="Hosts per further batch; 0 (default): all.")] = None,
    min_consistency: Annotated[
        float | None, typer.Option(help="Consistency required before the next batch (0.95).")
    ] = None,
    failure_limit: Annotated[int | None, typer.Option(help="Percent of hosts that may fail.")] = None,
    failure_count: Annotated[int | None, typer.Option(help="Hosts that may fail.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change on each host.")] = False,
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> None:
    """Upgrade a pool to another package, ports, number of nodes or host list, starting with a canary."""
    given = {
        "hosts_format": hosts_format,
        "ssh_port": ssh_port,
        "udp_port": udp_port,
        "tcp_port": tcp_port,
        "nodes_per_process": nodes_per_process,
        "bundle_runtime": bundle_runtime,
        "adapt_package": adapt_package,
        "canary": canary,
        "batch": batch,
        "min_consistency": min_consistency,
        "failure_limit": failure_limit,
        "failure_count": failure_count,
        "dry_run": dry_run or None,
    }
    check_pool(name)
    fields = {field: value for field, value in given.items() if value is not None}
    act("upgrade", name, {"spec": _read(name, fields, package, hosts)}, no_wait=no_wait, as_json=as_json)


def _read(name: str, fields: dict[str, Any], package: str | None, hosts: Path | None) -> dict[str, Any]:
    """Build the spec as the flow takes it, with everything checked before anything is started.

    Raises:
        UserError: what can't be used.
    """
    from p2ppool.cli.pool.pools import as_file, read_hosts_file
    from p2ppool.fleet.inventory.hosts_file import read_hosts
    from p2ppool.pools.definition.upgrade_spec import read_upgrade

    if hosts is not None:
        fields["hosts"] = read_hosts_file(hosts)
    zip_file = as_file(package) if package else None
    if package and not zip_file:
        fields["package"] = package
    spec = read_upgrade(name=name, **fields)
    if spec.hosts is not None:
        read_hosts(spec.hosts, spec.ssh_port, spec.hosts_format)
    found = _package(package, zip_file)
    return spec.model_copy(update={"package": found}).model_dump(mode="json", exclude_none=True)


def _package(package: str | None, zip_file: Path | None) -> str | None:
    """Return NAME@VERSION of an existing package, or of one added from a zip."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.settings import settings
    from p2ppool.software.package.adding import add_package_file, name_from_file
    from p2ppool.software.package.library import find_package
    from p2ppool.store.unit_of_work import UnitOfWork

    if package is None:
        return None
    with UnitOfWork(store()) as work:
        if zip_file:
            found = add_package_file(work, settings(), name_from_file(zip_file), None, zip_file)
            work.commit()
        else:
            found = find_package(work, package)
        return f"{found.name}@{found.version}"
