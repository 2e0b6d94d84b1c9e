"""Errors in the form, by field, with the messages that the command line has, too."""

from collections.abc import Mapping
from typing import Any, Final

from dashboards.pages.new_pool.fields import MANAGER_TOO, given
from p2ppool.errors import UserError
from p2ppool.fleet.inventory.hosts_file import HostsFormat, format_of, read_hosts
from p2ppool.pools.definition.spec import PoolSpec, problems, read_spec

_REQUIRED: Final = ("name", "hosts", "ssh_user", "ssh_key", "package")
_MISSING: Final = "required"
_SSH_PORT: Final = 22
GENERAL: Final = "pool"
"""Stands for the form as a whole."""
_STARTS: Final = {
    "line ": "hosts",
    "hosts file": "hosts",
    "the hosts file": "hosts",
    "package": "package",
    "SSH key": "ssh_key",
    "bundle runtime": "bundle_runtime",
    "UDP port": "udp_port",
    "no UDP port": "udp_port",
    "TCP port": "tcp_port",
    "RPC port": "rpc_port",
    "no RPC port": "rpc_port",
    "pool ": "name",
}


class FieldsError(Exception):
    """Invalid fields: `problems` has the errors by field name."""

    def __init__(self, found: Mapping[str, str]) -> None:
        super().__init__("; ".join(found.values()))
        self.problems = dict(found)


def wrong_so_far(values: Mapping[str, Any]) -> dict[str, str]:
    """Check the fields that are filled in; missing ones are not an error yet."""
    fields = given(values)
    found = problems(PoolSpec, fields)
    if "hosts" in fields and not {"hosts", "hosts_format"} & found.keys() and (wrong := _wrong_hosts(values)):
        found["hosts"] = wrong
    return {name: text for name, text in found.items() if name in fields}


def whole_spec(values: Mapping[str, Any]) -> PoolSpec:
    """Build the spec that the form describes.

    Raises:
        FieldsError: what is invalid or missing.
    """
    fields = given(values)
    missing = [name for name in _REQUIRED if name not in fields]
    if values.get(MANAGER_TOO) and "hosts" in missing:
        missing.remove("hosts")
    found = dict.fromkeys(missing, _MISSING) | wrong_so_far(values)
    if found:
        raise FieldsError(found)
    return read_spec(**{**fields, "hosts": _hosts(values)})


def field_of(error: UserError) -> str:
    """Return the field that an error of the domain is about."""
    text = str(error)
    return next((field for start, field in _STARTS.items() if text.startswith(start)), GENERAL)


def _hosts(values: Mapping[str, Any]) -> str:
    """Return the host list, with this machine added if the form says so.

    Raises:
        UserError: the format allows no added line.
    """
    text = str(values.get("hosts") or "")
    if not values.get(MANAGER_TOO):
        return text
    if (values.get("hosts_format") or format_of(text)) != HostsFormat.PLAIN:
        raise UserError("hosts file: in this format, add this machine yourself, as the host “manager”")
    return f"{text.rstrip()}\nmanager\n"


def _wrong_hosts(values: Mapping[str, Any]) -> str:
    form = values.get("hosts_format")
    try:
        read_hosts(_hosts(values), _SSH_PORT, HostsFormat(form) if form else None)
    except UserError as error:
        return str(error)
    return ""
