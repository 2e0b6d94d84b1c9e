"""Users have roles on single pools. Those of earlier releases have none, and keep the role they had."""

import sqlalchemy as sa
from alembic import op

from p2ppool.store.types import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "pool_roles",
        sa.Column("pool_id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("given_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["pools.id"], name="fk_pool_roles_pool_id_pools", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_pool_roles_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pool_id", "user_id", name="pk_pool_roles"),
    )
    op.create_index("ix_pool_roles_user_id", "pool_roles", ["user_id"])


def downgrade() -> None:
    """Refuse: history is never taken away; restore the copy made before the migration."""
    raise NotImplementedError("restore the copy of the database that was made before the migration")
