"""Crawls count the nodes that are not the pool's own. Of earlier crawls that is not known: none counts."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("snapshots", sa.Column("others", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    """Refuse: history is never taken away; restore the copy made before the migration."""
    raise NotImplementedError("restore the copy of the database that was made before the migration")
