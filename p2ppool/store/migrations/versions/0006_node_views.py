"""node views: which columns of a pool's nodes show, for all and for each user."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from p2ppool.store.types import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    _make("pool_views", "pool_id")
    _make("user_views", "pool_id", "user_id", own=[sa.Column("user_id", sa.Integer(), nullable=False)])


def _make(table: str, *key: str, own: list[sa.Column[Any]] | None = None) -> None:
    op.create_table(
        table,
        sa.Column("pool_id", sa.Integer(), nullable=False),
        *(own or ()),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("sorting", sa.JSON(), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["pools.id"], name=f"fk_{table}_pool_id_pools", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(*key, name=f"pk_{table}"),
    )


def downgrade() -> None:
    """Refuse: history is never taken away; restore the copy made before the migration."""
    raise NotImplementedError("restore the copy of the database that was made before the migration")
