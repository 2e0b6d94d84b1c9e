"""`p2ppool pool …`."""

from pathlib import Path
from typing import Any

import typer

from p2ppool.cli.pool.create_options import (
    AdaptPackage,
    BundleRuntime,
    DefaultPool,
    Description,
    DryRun,
    FailureLimit,
    HostsFile,
    HostsFormat,
    InstallPath,
    Namespace,
    NodesPerProcess,
    Package,
    RpcPort,
    SshKey,
    SshPort,
    SshUser,
    TcpPort,
    TestPool,
    UdpPort,
)
from p2ppool.cli.pool.preview import preview
from p2ppool.cli.run.start import Name, NoWait, act
from p2ppool.cli.terminal.output import AsJson, print_json, print_rows

app = typer.Typer(no_args_is_help=True)
_HOSTS_FILE_BYTES = 2_000_000


@app.command()
def create(
    name: Name,
    hosts: HostsFile,
    package: Package,
    ssh_key: SshKey,
    ssh_user: SshUser,
    hosts_format: HostsFormat = None,
    ssh_port: SshPort = None,
    install_path: InstallPath = None,
    namespace: Namespace = None,
    udp_port: UdpPort = None,
    tcp_port: TcpPort = None,
    rpc_port: RpcPort = None,
    nodes_per_process: NodesPerProcess = None,
    bundle_runtime: BundleRuntime = False,
    adapt_package: AdaptPackage = True,
    description: Description = None,
    default: DefaultPool = False,
    test: TestPool = False,
    failure_limit: FailureLimit = None,
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> None:
    """Create a pool: install the software on every host and form the overlay."""
    given = {
        "name": name,
        "ssh_user": ssh_user,
        "hosts_format": hosts_format,
        "ssh_port": ssh_port,
        "install_path": install_path,
        "namespace": namespace,
        "udp_port": udp_port,
        "tcp_port": tcp_port,
        "rpc_port": rpc_port,
        "nodes_per_process": nodes_per_process,
        "bundle_runtime": bundle_runtime,
        "adapt_package": adapt_package,
        "description": description,
        "is_default": default,
        "is_test": test,
        "failure_limit": failure_limit,
    }
    fields = {field: value for field, value in given.items() if value is not None}
    fields["hosts"] = read_hosts_file(hosts)
    if dry_run:
        preview(fields, package, ssh_key, as_json=as_json)
        return
    spec = _check_spec(fields, package, ssh_key)
    act("create", name, {"spec": spec}, no_wait=no_wait, as_json=as_json)


@app.command("list")
def show(as_json: AsJson = False) -> None:
    """List the pools with their last crawl."""
    from p2ppool.cli.pool.status import pool_rows
    from p2ppool.cli.terminal.database import store

    print_rows(pool_rows(store()), as_json=as_json, empty="no pools yet: p2ppool pool create NAME …")


@app.command()
def status(name: Name, as_json: AsJson = False) -> None:
    """Show a pool: its last crawl, the last result of each host, its last action."""
    from p2ppool.cli.pool.status import pool_status, print_status
    from p2ppool.cli.terminal.database import store

    found = pool_status(store(), name)
    if as_json:
        print_json(found)
    else:
        print_status(found)


@app.command()
def stats(name: Name, as_json: AsJson = False) -> None:
    """Show the last measurements of each host and of its node."""
    from p2ppool.cli.pool.host_tables import stats_for_programs, stats_rows
    from p2ppool.cli.run.start import check_pool

    check_pool(name)
    rows = stats_for_programs(name) if as_json else stats_rows(name)
    print_rows(rows, as_json=as_json, empty=f"pool {name} has no hosts")


def _check_spec(fields: dict[str, Any], package: str, ssh_key: str) -> dict[str, Any]:
    """Build the spec as the flow takes it, with everything checked before anything is started.

    A zip or a key given as a file is only added if everything else is valid.
    """
    from p2ppool.cli.library.keys import add_key_file
    from p2ppool.cli.terminal.database import store
    from p2ppool.pools.definition.cautions import cautions
    from p2ppool.pools.definition.registry import hosts_of, prepare
    from p2ppool.pools.definition.spec import read_spec
    from p2ppool.prefect_client.client import PrefectApi
    from p2ppool.settings import settings
    from p2ppool.software.package.adding import add_package_file, name_from_file
    from p2ppool.store.unit_of_work import UnitOfWork

    zip_file, key_file = as_file(package), as_file(ssh_key)
    fields["package"] = name_from_file(zip_file) if zip_file else package
    fields["ssh_key"] = name_from_file(key_file) if key_file else ssh_key
    spec = read_spec(**fields)
    hosts = hosts_of(spec)
    with UnitOfWork(store()) as work, PrefectApi.open(settings()) as api:
        if key_file:
            add_key_file(work, spec.ssh_key, key_file)
        if zip_file:
            added = add_package_file(work, settings(), spec.package, None, zip_file)
            spec = spec.model_copy(update={"package": f"{added.name}@{added.version}"})
        prepared = prepare(work, spec, hosts)
        api.require("create")
        work.commit()
    for caution in cautions(spec.install_path, prepared.package.runtime):
        typer.echo(f"p2ppool: {caution}", err=True)
    return spec.model_dump(mode="json", exclude_none=True)


def read_hosts_file(path: Path) -> str:
    """Read the hosts file.

    Raises:
        UserError: it can't be read, or is far too large.
    """
    from p2ppool.cli.library.keys import read_bounded

    return read_bounded(path, _HOSTS_FILE_BYTES).decode("utf-8", "replace")


def as_file(given: str) -> Path | None:
    """Return the path, if the text looks like one; else it names something added before."""
    path = Path(given).expanduser()
    if path.is_file() or "/" in given or path.suffix == ".zip":
        return path
    return None
