"""The virtual network of a GroupVPN: how it is described and stored, and with what it would be mixed up."""

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
        addresses: the virtual ones.
        pool: the pool whose nodes carry it, or None where others do:
        namespace: of their overlay,
        meeting: transport addresses where they may be met.
        secure: whether members have certificates, and traffic is secured between them.
        approval: whether an admin allows each certificate.
        digest: what is signed.
    """

    addresses: VirtualNetwork
    pool: Pool | None = None
    namespace: str = ""
    meeting: tuple[str, ...] = field(default=())
    secure: bool = True
    approval: bool = False
    digest: Digest = Digest.SHA256

    @property
    def overlay(self) -> str:
        """Namespace of the overlay that carries it."""
        return self.pool.namespace if self.pool else self.namespace


def store(row: GroupNetwork, spec: NetworkSpec) -> None:
    """Put what the spec says into the row, but for its security.

    Raises:
        UserError: something can't be used.
    """
    if spec.pool is None:
        check_namespace(spec.namespace)
        if not 0 < len(spec.meeting) <= _MOST_ADDRESSES:
            raise UserError(f"without a pool, 1 to {_MOST_ADDRESSES} transport addresses are needed")
    meeting = [str(TransportAddress.parse(text)) for text in spec.meeting] if spec.pool is None else []
    row.pool = spec.pool
    row.namespace, row.addresses = ("", []) if spec.pool else (spec.namespace, meeting)
    row.ip_namespace = spec.addresses.namespace
    row.ip_base, row.netmask = spec.addresses.base, spec.addresses.netmask
    row.approval = spec.approval


def spec_of(network: GroupNetwork) -> NetworkSpec:
    """The network as it was checked when it was stored."""
    return NetworkSpec(
        addresses_of(network),
        pool=network.pool,
        namespace=network.namespace,
        meeting=tuple(network.addresses),
        secure=network.secure,
        approval=network.approval,
        digest=Digest(network.digest),
    )


def addresses_of(network: GroupNetwork) -> VirtualNetwork:
    """The virtual network as checked when it was stored."""
    return VirtualNetwork(network.ip_namespace, network.ip_base, network.netmask)


def overlapping(session: Session, spec: NetworkSpec, but: Group | None = None) -> list[str]:
    """Names of the other groups that are not told apart from one with this network.

    Either they have addresses in common, so that a machine of both could not tell where one belongs; or they
    have the same IP namespace on the same overlay, so that their machines meet in one network.
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
