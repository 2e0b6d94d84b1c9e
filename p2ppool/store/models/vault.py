"""The key of the vault, of which the database knows a fingerprint only."""

from typing import Final

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from p2ppool.store.models.base import Base
from p2ppool.store.models.groups import GroupNetwork, Membership
from p2ppool.store.models.second_factors import CodeApp
from p2ppool.store.models.software import SshKey


class VaultKey(Base):
    """The key with which everything in this database is sealed: one row, or none before that."""

    __tablename__ = "vault_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))  # reveals nothing of it


SEALED: Final = (SshKey.sealed, GroupNetwork.authority, Membership.secret, CodeApp.sealed)
"""Every column with sealed secrets; each row's `purpose` is what its secret is sealed for."""
