"""node views: which columns of a pool's nodes show, for all and for each user."""

import sqlalchemy as sa
from alembic import op

from p2ppool.store.types import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    _make("pool_views", {"pool_id": "pools"})
    _make("user_views", {"pool_id": "pools", "user_id": "users"})


def _make(table: str, key: dict[str, str]) -> None:
    """Create a table of views; `key` is the primary key, each column with the table that it refers to."""
    op.create_table(
        table,
        *(sa.Column(column, sa.Integer(), nullable=False) for column in key),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("sorting", sa.JSON(), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{parent}.id"], name=f"fk_{table}_{column}_{parent}", ondelete="CASCADE"
            )
            for column, parent in key.items()
        ),
        sa.PrimaryKeyConstraint(*key, name=f"pk_{table}"),
    )


def downgrade() -> None:
    """Refuse: history is never taken away; restore the copy made before the migration."""
    raise NotImplementedError("restore the copy of the database that was made before the migration")
