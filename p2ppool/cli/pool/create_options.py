"""The options of `pool create`, each a field of the pool's definition or how to create it."""

from pathlib import Path
from typing import Annotated

import typer

HostsFile = Annotated[
    Path, typer.Option(metavar="FILE", help="Hosts file: one host per line, or another format.")
]
Package = Annotated[str, typer.Option(metavar="NAME|ZIP", help="An added package, or a zip to add.")]
SshKey = Annotated[str, typer.Option(metavar="NAME|FILE", help="An added key, or a file to add.")]
SshUser = Annotated[str, typer.Option(metavar="USER", help="User on every host.")]
HostsFormat = Annotated[
    str | None,
    typer.Option(metavar="FORM", help="plain, csv, ansible or ssh_config (default: detected)."),
]
SshPort = Annotated[int | None, typer.Option(help="SSH port of hosts without their own (22).")]
InstallPath = Annotated[
    str | None, typer.Option(help="Folder on the hosts (.p2ppool/NAME in the user's home).")
]
Namespace = Annotated[str | None, typer.Option(help="Overlay namespace (default: the pool's name).")]
UdpPort = Annotated[int | None, typer.Option(help="UDP port of the nodes.")]
TcpPort = Annotated[int | None, typer.Option(help="TCP port of the nodes.")]
RpcPort = Annotated[int | None, typer.Option(help="XML-RPC port of the local node.")]
NodesPerProcess = Annotated[int | None, typer.Option(help="Nodes on each host (1).")]
BundleRuntime = Annotated[bool, typer.Option("--bundle-runtime", help="Bundle the runtime: hosts need none.")]
AdaptPackage = Annotated[
    bool,
    typer.Option(
        "--adapt-package/--no-adapt-package", help="Adapt files of the package in bundles (package show)."
    ),
]
Description = Annotated[str | None, typer.Option(help="What the pool is for.")]
DefaultPool = Annotated[bool, typer.Option("--default", help="Preselect it for pages and groups.")]
TestPool = Annotated[bool, typer.Option("--test", help="A test pool: no scheduled checks.")]
FailureLimit = Annotated[int | None, typer.Option(help="Percent of hosts that may fail in an upgrade (50).")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show what would happen on each host, and create nothing.")
]
