"""Groups say whether their members' nodes refuse links to nodes without certificates.

In earlier releases those of all secured groups did. On a pool that kept them alone, as its nodes have none;
on transport addresses of their own it works, and stays.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    column = sa.Column("secure_edges", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("group_networks", column)
    networks = sa.table(
        "group_networks", sa.column("secure_edges"), sa.column("secure"), sa.column("namespace")
    )
    own = networks.c.secure & (networks.c.namespace != "")
    op.execute(networks.update().where(own).values(secure_edges=sa.true()))


def downgrade() -> None:
    """Refuse: history is never taken away; restore the copy made before the migration."""
    raise NotImplementedError("restore the copy of the database that was made before the migration")
