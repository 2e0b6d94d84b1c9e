"""Installed software and its keys: packages, runtimes and SSH keys."""

from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from p2ppool.store.models.base import Base
from p2ppool.store.types import now


class Package(Base):
    """A zip of P2P software; the file itself is found by its digest."""

    __tablename__ = "packages"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64), index=True)  # SHA-256 of the zip, hexadecimal
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    runtime: Mapped[str] = mapped_column(String(16))
    program: Mapped[str]
    added_at: Mapped[datetime] = mapped_column(default=now)


class SshKey(Base):
    """A private key for SSH, sealed by the vault or held by an SSH agent."""

    __tablename__ = "ssh_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    key_type: Mapped[str] = mapped_column(String(32))
    bits: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(64))
    public_line: Mapped[str]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  # empty if an SSH agent holds it
    certificate: Mapped[str | None]  # of the public half; hosts that trust its authority accept it
    added_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def purpose(self) -> str:
        """What the secret is sealed for."""
        return f"SSH key {self.name}"


class Runtime(Base):
    """The runtime of a package's program, sent to hosts without one; the file is found by its digest."""

    __tablename__ = "runtimes"
    __table_args__ = (UniqueConstraint("name", "version", "machine"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(16))  # as a package names what it needs
    version: Mapped[str] = mapped_column(String(64))
    machine: Mapped[str] = mapped_column(String(32))  # as uname -m tells
    digest: Mapped[str] = mapped_column(String(64), index=True)  # SHA-256 of the archive, hexadecimal
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    added_at: Mapped[datetime] = mapped_column(default=now)
