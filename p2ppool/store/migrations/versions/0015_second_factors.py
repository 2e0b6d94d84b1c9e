"""Sessions say where they are from, and users may have a second factor.

Sessions of before have no origin, and no mail address counts as confirmed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the schema to this revision."""
    confirmed = sa.Column("email_confirmed", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("users", confirmed)
    op.add_column("sign_ins", sa.Column("proved_at", _MOMENT))
    for name, size in (("way", 16), ("address", 45), ("browser", 120)):
        op.add_column("sign_ins", sa.Column(name, sa.String(size), nullable=False, server_default=""))
    op.create_table(
        "code_apps",
        _owner(),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("last_step", sa.BigInteger),
        sa.Column("made_at", _MOMENT, nullable=False),
        _of_user("code_apps"),
        sa.PrimaryKeyConstraint("user_id", name="pk_code_apps"),
    )
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Integer, nullable=False),
        _owner(),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("credential", sa.LargeBinary, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("uses", sa.BigInteger, nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT),
        _of_user("passkeys"),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.UniqueConstraint("credential", name="uq_passkeys_credential"),
    )
    op.create_index("ix_passkeys_user_id", "passkeys", ["user_id"])
    op.create_table(
        "recovery_codes",
        _owner(),
        sa.Column("digest", sa.String(64), nullable=False),
        _of_user("recovery_codes"),
        sa.PrimaryKeyConstraint("user_id", "digest", name="pk_recovery_codes"),
    )


def downgrade() -> None:
    """Refuse: history is never taken away; restore the copy made before the migration."""
    raise NotImplementedError("restore the copy of the database that was made before the migration")


def _owner() -> sa.Column[int]:
    return sa.Column("user_id", sa.Integer, nullable=False)


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"], ["users.id"], name=f"fk_{table}_user_id_users", ondelete="CASCADE"
    )
