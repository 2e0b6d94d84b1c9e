"""The virtual network of a GroupVPN: its spec, its storage, and networks that it would conflict with."""

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from p2ppool.errors import UserError
from p2ppool.groupvpn.certificate import Digest
from p2ppool.groupvpn.network import VirtualNetwork
from p2ppool.software.bundle.node_config import TransportAddress, check_namespace
from p2ppool.store.models import Group, GroupNetwork, Pool

_MOST_ADDRESSES: Final = 1000


@dataclass(frozen=True)
class NetworkSpec:
    """The virtual network of a GroupVPN.

    Attributes:
        addresses: the virtual addresses.
        pool: the pool whose nodes carry it, or None if other nodes do;
        namespace: then the namespace of their overlay,
        meeting: and transport addresses of some of them.
        secure: whether members have certificates, and traffic between them is secured.
        secure_edges: whether members' nodes refuse links to nodes without certificates.
        approval: whether an admin approves each certificate.
        digest: the digest that is signed.
    """

    addresses: VirtualNetwork
    pool: Pool | None = None
    namespace: str = ""
    meeting: tuple[str, ...] = field(default=())
    secure: bool = True
    approval: bool = False
    digest: Digest = Digest.SHA256
    secure_edges: bool = False

    @property
    def overlay(self) -> str:
        """The namespace of the overlay that carries it."""
        return self.pool.namespace if self.pool else self.namespace


def store(row: GroupNetwork, spec: NetworkSpec) -> None:
    """Copy the spec into the row, except for its security.

    Raises:
        UserError: an invalid value.
    """
    if spec.pool is None:
        check_namespace(spec.namespace)
        if not 0 < len(spec.meeting) <= _MOST_ADDRESSES:
            raise UserError(f"without a pool, 1 to {_MOST_ADDRESSES} transport addresses are needed")
    if spec.secure_edges and (spec.pool or not spec.secure):
        raise UserError(
            "secure edges are for secured groups whose transport addresses are those of members: "
            "the nodes of a pool have no certificates, and members would stay alone"
        )
    meeting = [str(TransportAddress.parse(text)) for text in spec.meeting] if spec.pool is None else []
    row.pool = spec.pool
    row.namespace, row.addresses = ("", []) if spec.pool else (spec.namespace, meeting)
    row.ip_namespace = spec.addresses.namespace
    row.ip_base, row.netmask = spec.addresses.base, spec.addresses.netmask
    row.approval, row.secure_edges = spec.approval, spec.secure_edges


def spec_of(network: GroupNetwork) -> NetworkSpec:
    """Return the spec of a stored network."""
    return NetworkSpec(
        addresses_of(network),
        pool=network.pool,
        namespace=network.namespace,
        meeting=tuple(network.addresses),
        secure=network.secure,
        approval=network.approval,
        digest=Digest(network.digest),
        secure_edges=network.secure_edges,
    )


def addresses_of(network: GroupNetwork) -> VirtualNetwork:
    """Return the virtual addresses of a stored network."""
    return VirtualNetwork(network.ip_namespace, network.ip_base, network.netmask)


def overlapping(session: Session, spec: NetworkSpec, but: Group | None = None) -> list[str]:
    """List the names of other groups that would conflict with this network.

    Either they have addresses in common, so that a machine in both could not tell where an address belongs;
    or they have the same IP namespace on the same overlay, so that their machines end up in one network.
    """
    query = select(GroupNetwork, Group.name).join(Group).order_by(Group.name)
    return [
        name
        for network, name in session.execute(query.options(joinedload(GroupNetwork.pool)))
        if (but is None or network.group_id != but.id) and _meets(network, spec)
    ]


def _meets(network: GroupNetwork, spec: NetworkSpec) -> bool:
    there = spec_of(network)
    same = there.addresses.namespace == spec.addresses.namespace and there.overlay == spec.overlay
    return same or there.addresses.overlaps(spec.addresses)
