"""The virtual network of a group, as options."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from p2ppool.groups.definition.networks import NetworkSpec
    from p2ppool.store.models import GroupNetwork, Pool

_ADDRESSES: Final = {"ip_base": "base", "netmask": "netmask"}  # options, and the network's names for them
_ODD: Final = re.compile(r"[^A-Za-z0-9_.-]")

PoolName = Annotated[str | None, typer.Option("--pool", metavar="NAME", help="The pool that carries it.")]
Namespace = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Without a pool: the namespace of the overlay.")
]
Meeting = Annotated[
    list[str] | None,
    typer.Option(
        "--ta", metavar="ADDRESS", help="Without a pool: a transport address of its nodes; may be repeated."
    ),
]
IpNamespace = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Name of the virtual network (default: the group's name).")
]
IpBase = Annotated[
    str | None, typer.Option(metavar="IP", help="First address of the virtual network (5.0.0.0).")
]
Netmask = Annotated[str | None, typer.Option(metavar="IP", help="Its netmask (255.0.0.0).")]
Secure = Annotated[
    bool | None,
    typer.Option("--secure/--open", help="Whether members have certificates, and traffic is encrypted."),
]
Approval = Annotated[
    bool | None,
    typer.Option("--approval/--no-approval", help="Whether an admin must approve each certificate."),
]
SecureEdges = Annotated[
    bool | None,
    typer.Option(
        "--secure-edges/--no-secure-edges",
        help="Only with --ta of members: their nodes link to nodes with certificates only.",
    ),
]
Digest = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Digest of signatures: sha256, or sha1 for clients from 2009."),
]


def like(name: str) -> str:
    """Return the default IP namespace of a group with that name."""
    return _ODD.sub("_", name)


def chosen_of(**options: Any) -> dict[str, Any]:
    """Return the options of the network that were given."""
    return {option: value for option, value in options.items() if value not in {None, ()}}


def spec_of(session: "Session", given: Mapping[str, Any]) -> "NetworkSpec":
    """Build the network that the options describe.

    Raises:
        UserError: there is no such pool, or an address can't be used.
    """
    from p2ppool.groups.definition.networks import NetworkSpec
    from p2ppool.groupvpn.network import VirtualNetwork

    rest = dict(given)
    pool = _pool(session, rest.pop("pool", None))
    namespace, meeting = rest.pop("namespace", ""), rest.pop("meeting", ())
    if pool and (namespace or meeting):
        raise typer.BadParameter("either --pool, or --namespace with --ta")
    places = {field: rest.pop(option) for option, field in _ADDRESSES.items() if option in rest}
    addresses = VirtualNetwork(rest.pop("ip_namespace"), **places)
    if "digest" in rest:
        rest["digest"] = _digest(rest["digest"])
    return NetworkSpec(addresses, pool, namespace, meeting, **rest)


def edited_spec(session: "Session", now: "GroupNetwork", chosen: Mapping[str, Any]) -> "NetworkSpec":
    """Build the changed network from the current one and the given options.

    Raises:
        UserError: there is no such pool, or an address can't be used.
    """
    fields = ("ip_namespace", "ip_base", "netmask", "secure", "approval", "digest", "secure_edges")
    given = {field: getattr(now, field) for field in fields}
    if now.pool and not {"namespace", "meeting"} & chosen.keys():
        given["pool"] = now.pool.name
    elif "pool" not in chosen:
        given |= {"namespace": now.namespace, "meeting": tuple(now.addresses)}
    return spec_of(session, given | dict(chosen))


def _pool(session: "Session", name: str | None) -> "Pool | None":
    from p2ppool.records.pools import get_pool

    return get_pool(session, name) if name else None


def _digest(name: str) -> Any:
    from p2ppool.groupvpn.certificate import Digest as Known

    if name not in set(Known):
        raise typer.BadParameter(f"--digest: one of {', '.join(Known)}")
    return Known(name)
