"""The downloads of members: `config.zip` of a GroupVPN, and the floppy disk of a GroupAppliance."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from p2ppool.appliance.config import MachineType, write_appliance_config
from p2ppool.appliance.floppy import floppy_image
from p2ppool.errors import UserError
from p2ppool.groups.definition.networks import addresses_of
from p2ppool.groups.membership import memberships
from p2ppool.groups.membership.rules import INSIDE
from p2ppool.groupvpn.config_zip import MemberConfig, config_files, zipped
from p2ppool.groupvpn.ipop_config import Enrolment
from p2ppool.reports.hosts.joining import meeting_points
from p2ppool.software.bundle.node_config import TransportAddress
from p2ppool.store.models import GroupNetwork, Membership
from p2ppool.store.types import now
from p2ppool.store.vault import Vault

CONFIG_NAME: Final = "config.zip"
FLOPPY_NAME: Final = "floppy.img"
_VPN_FILE: Final = "groupvpn.zip"
_APPLIANCE_FILE: Final = "group_appliance.config"


@dataclass(frozen=True)
class Server:
    """The addresses and the certificate with which members' machines reach this server.

    Attributes:
        service: URL of the certificate service.
        certificate: DER of its HTTPS certificate, if it has one.
    """

    service: str
    certificate: bytes | None = None


def config_zip(session: Session, vault: Vault, membership: Membership, server: Server) -> bytes:
    """Build the `config.zip` of a member.

    Raises:
        UserError: the user is not a member, or the pool that carried the network is gone.
        VaultError: the secret was sealed with another key.
    """
    network = membership.group.network
    if network is None or membership.state not in INSIDE:
        raise UserError(f"only members of {membership.group.name} have a config")
    namespace, meeting = _overlay(session, network)
    member = MemberConfig(
        namespace=namespace,
        addresses=meeting,
        network=addresses_of(network),
        end_to_end=network.secure,
        enrolment=_enrolment(vault, membership, server) if network.secure else None,
        authority=network.certificate if network.secure else None,
        web_certificate=server.certificate if network.secure else None,
        secure_edges=network.secure_edges,
    )
    return zipped(config_files(member), now())


def floppy(
    session: Session,
    vault: Vault,
    membership: Membership,
    server: Server,
    *,
    kind: MachineType,
    password: str = "",
) -> bytes:
    """Build the image of a floppy disk with which a member's machine joins the grid.

    Raises:
        UserError: the user is not a member here or in the GroupVPN below, or a value is invalid.
        VaultError: the secret was sealed with another key.
    """
    group, user = membership.group, membership.user
    below = memberships.of(session, group.parent, user) if group.parent else None
    if membership.state not in INSIDE or below is None:
        raise UserError(f"only members of {group.name} have a floppy disk")
    files = {
        _VPN_FILE: config_zip(session, vault, below, server),
        _APPLIANCE_FILE: write_appliance_config(kind, group.name, user.name, password),
    }
    return floppy_image(files, now())


def _overlay(session: Session, network: GroupNetwork) -> tuple[str, tuple[TransportAddress, ...]]:
    if network.pool is not None:
        return network.pool.namespace, meeting_points(session, network.pool)
    if not network.namespace:
        raise UserError(
            f"the pool that carried {network.group.name} is gone: an admin has to choose another one"
        )
    return network.namespace, tuple(TransportAddress.parse(text) for text in network.addresses)


def _enrolment(vault: Vault, membership: Membership, server: Server) -> Enrolment:
    secret = memberships.secret_of(vault, membership)
    assert secret is not None  # noqa: S101 - members have one
    return Enrolment(server.service, membership.group.name, membership.user.name, secret)
