"""The paths of groups' pages."""

from typing import Final
from urllib.parse import quote

from p2ppool.store.models import Group, GroupKind

ROOTS: Final = {GroupKind.VPN: "/groups", GroupKind.APPLIANCE: "/appliances"}
CALLED: Final = {GroupKind.VPN: "GroupVPN", GroupKind.APPLIANCE: "GroupAppliance"}


def path_of(group: Group, leaf: str = "") -> str:
    """Return the path of a page of the group; `leaf` begins with a slash."""
    return path_under(group.kind, group.name, leaf)


def path_under(kind: GroupKind, name: str, leaf: str = "") -> str:
    """Return the path by kind and name, even for a deleted group. Names may have spaces and `@`."""
    return f"{ROOTS[kind]}/{quote(name, safe='')}{leaf}"
