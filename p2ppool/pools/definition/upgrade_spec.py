"""The spec of an upgrade; fields that are left empty stay as they are."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from p2ppool.fleet.inventory.hosts_file import HostsFormat
from p2ppool.pools.definition.spec import HOSTS_FILE_CHARACTERS, PACKAGE_PATTERN, PoolName, Port, validated

MAX_HOSTS = 10_000
PortOrOff = Annotated[int, Field(ge=0, le=65535)]


class UpgradeSpec(BaseModel):
    """Another version for a pool, and how carefully to roll it out."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: PoolName = Field(description="Name of the pool")
    package: str | None = Field(
        None, pattern=PACKAGE_PATTERN, description="Added package: NAME (the latest) or NAME@VERSION"
    )
    hosts: str | None = Field(
        None,
        max_length=HOSTS_FILE_CHARACTERS,
        description="The whole new hosts file: hosts that are not in it any more are uninstalled",
    )
    hosts_format: HostsFormat | None = Field(
        None, description="Form of that file; empty: recognised from what is in it"
    )
    ssh_port: Port = Field(22, description="SSH port of the hosts in that file that name none")
    udp_port: PortOrOff | None = Field(None, description="UDP port of the nodes; 0: off")
    tcp_port: PortOrOff | None = Field(None, description="TCP port of the nodes; 0: off")
    nodes_per_process: int | None = Field(
        None, ge=1, le=100, description="Overlay nodes in each host's process"
    )
    bundle_runtime: bool | None = Field(
        None, description="Static runtime bundle: yes: the mono that was added last; no: the hosts' own"
    )
    adapt_package: bool | None = Field(
        None, description="Adapt files of the package in bundles: yes or no; empty: as it is"
    )
    canary: int = Field(
        1, ge=0, le=MAX_HOSTS, description="Hosts to try it on first; all of them must take it"
    )
    batch: int = Field(
        0, ge=0, le=MAX_HOSTS, description="Hosts of each further batch; 0: all others at once"
    )
    min_consistency: float = Field(
        0.95, ge=0, le=1, description="Consistency that the overlay must have again before the next batch"
    )
    failure_limit: int | None = Field(
        None,
        ge=0,
        le=100,
        description="Percent of the hosts that may fail, unreachable ones counted; empty: the pool's limit",
    )
    failure_count: int | None = Field(
        None, ge=0, le=MAX_HOSTS, description="Hosts that may fail, beside the percentage; empty: any number"
    )
    dry_run: bool = Field(default=False, description="Only say what would change on which host")


def read_upgrade(**fields: object) -> UpgradeSpec:
    """Build the spec from these fields.

    Raises:
        UserError: for the first invalid field, by the name of its option.
    """
    return validated(UpgradeSpec, fields)
