"""The form's fields, named like those of a pool's spec, and a few that only the form has."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

from dashboards.web.ids import ident
from p2ppool.fleet.inventory.hosts_file import HostsFormat
from p2ppool.pools.definition.spec import default_install_path

PAGE: Final = "new-pool"
MANAGER_TOO: Final = "manager_too"
"""Not in the spec, which lists this machine among the hosts."""


class FieldKind(Enum):
    """The type of a field's control."""

    LINE = auto()
    NUMBER = auto()
    TEXT = auto()
    CHOICE = auto()
    TICK = auto()


@dataclass(frozen=True)
class Field:
    """One field: `empty` is the meaning of an empty one, `hint` explains more below it.

    Attributes:
        choices: of a CHOICE whose options never change.
        ticked: whether a TICK begins as ticked.
    """

    name: str
    label: str
    kind: FieldKind = FieldKind.LINE
    empty: str = ""
    hint: str = ""
    choices: Mapping[str, str] | None = None
    ticked: bool = False

    @property
    def id(self) -> str:
        """The id of the control."""
        return ident(PAGE, self.name)

    @property
    def problem(self) -> str:
        """The id of the place for its error."""
        return ident(PAGE, f"{self.name}-problem")


@dataclass(frozen=True)
class Group:
    """Fields that belong together."""

    title: str
    about: str
    fields: tuple[Field, ...]


POOL: Final = Group(
    "Pool",
    "Its name, here and in the overlay.",
    (
        Field("name", "Name", hint="One word of letters, digits, - and _"),
        Field(
            "namespace", "Namespace", empty="the pool's name", hint="Only nodes of the same namespace connect"
        ),
        Field("description", "Description", FieldKind.TEXT),
        Field("is_default", "Default pool: preselected for pages and groups", FieldKind.TICK),
        Field("is_test", "Test pool: left out of scheduled checks", FieldKind.TICK),
    ),
)
HOSTS: Final = Group(
    "Hosts",
    "Where its nodes will run, and how to log in there.",
    (
        Field(
            "hosts",
            "Host list",
            FieldKind.TEXT,
            empty="10.0.0.1\n10.0.0.2:2222\nhost.example.org",
            hint="One host or host:port per line; or CSV, an Ansible inventory, an ssh_config",
        ),
        Field(MANAGER_TOO, "Also this machine, without SSH", FieldKind.TICK),
        Field(
            "hosts_format",
            "Format of the list",
            FieldKind.CHOICE,
            empty="detected",
            choices={
                HostsFormat.PLAIN: "one host per line",
                HostsFormat.CSV: "CSV",
                HostsFormat.ANSIBLE: "Ansible inventory",
                HostsFormat.SSH_CONFIG: "ssh_config",
            },
        ),
        Field("ssh_user", "User", hint="The same on every host"),
        Field(
            "ssh_port", "SSH port", FieldKind.NUMBER, empty="22", hint="For hosts without a port of their own"
        ),
        Field("ssh_key", "SSH key", FieldKind.CHOICE, empty="choose a key"),
    ),
)
SOFTWARE: Final = Group(
    "Software",
    "What is installed on them.",
    (
        Field("package", "Package", FieldKind.CHOICE, empty="choose a package"),
        Field("nodes_per_process", "Nodes per process", FieldKind.NUMBER, empty="1", hint="On each host"),
        Field(
            "install_path",
            "Install path",
            empty=default_install_path("NAME"),
            hint="Without a leading /: in the home folder",
        ),
        Field(
            "bundle_runtime",
            "Bundle the runtime: hosts need no mono (p2ppool runtime add mono)",
            FieldKind.TICK,
        ),
        Field(
            "adapt_package",
            "Adapt files of the package that need it (p2ppool package show)",
            FieldKind.TICK,
            ticked=True,
        ),
    ),
)
NETWORK: Final = Group(
    "Ports",
    "Ports of the nodes, and of the local node on this machine.",
    (
        Field("udp_port", "UDP port", FieldKind.NUMBER, empty="a free one", hint="Off if only TCP is given"),
        Field("tcp_port", "TCP port", FieldKind.NUMBER, empty="off", hint="In addition to UDP, or instead"),
        Field("rpc_port", "XML-RPC port", FieldKind.NUMBER, empty="a free one", hint="Of the local node"),
        Field(
            "failure_limit",
            "Failure limit, %",
            FieldKind.NUMBER,
            empty="50",
            hint="Of the hosts, in an upgrade",
        ),
    ),
)
COLUMNS: Final = ((POOL, SOFTWARE), (HOSTS, NETWORK))


def all_fields() -> Iterator[Field]:
    """Yield every field, from the top."""
    for column in COLUMNS:
        for group in column:
            yield from group.fields


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the spec that are filled in."""
    kept = {name: value for name, value in values.items() if name != MANAGER_TOO}
    ticks = {field.name for field in all_fields() if field.kind is FieldKind.TICK}
    return {
        name: bool(value) if name in ticks else value
        for name, value in kept.items()
        if name in ticks or (value is not None and value != "")
    }
