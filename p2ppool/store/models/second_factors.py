"""What users prove beside their password: one-time codes of an app, passkeys, and recovery codes."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from p2ppool.store.models.base import Base
from p2ppool.store.types import now


class CodeApp(Base):
    """The app that shows a user's one-time codes (TOTP, RFC 6238)."""

    __tablename__ = "code_apps"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  # the secret, by the vault
    last_step: Mapped[int | None] = mapped_column(BigInteger)  # of the last code: each works once
    made_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def purpose(self) -> str:
        """What the secret is sealed for."""
        return f"code app of user {self.user_id}"


class Passkey(Base):
    """A user's passkey or security key (WebAuthn); only its public part is here."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(64))  # in the user's words
    credential: Mapped[bytes] = mapped_column(LargeBinary, unique=True)  # its id
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    uses: Mapped[int] = mapped_column(BigInteger)  # its own count; some always say 0
    made_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code that works once instead of a second factor that is lost; the row is deleted when it is used."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
