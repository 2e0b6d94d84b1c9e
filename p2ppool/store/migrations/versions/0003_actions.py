"""actions: what a manager may set of a pool, what is known of a host, what was measured, who changed what.

Every column may be left out by the release before this one: none is without a default.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from p2ppool.store.types import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    _make_tables()
    of_pools: tuple[sa.Column[Any], ...] = (
        sa.Column("is_default", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("is_test", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("failure_limit", sa.Integer(), nullable=False, server_default="50"),
        sa.Column("paused_schedules", sa.JSON(), nullable=False, server_default="[]"),
    )
    for column in of_pools:
        op.add_column("pools", column)
    # By hand: on SQLite, Alembic would copy the table and drop the old one with all that refers to it.
    op.execute(
        "ALTER TABLE pools ADD COLUMN runtime_id INTEGER "
        "CONSTRAINT fk_pools_runtime_id_runtimes REFERENCES runtimes (id)"
    )
    of_hosts: tuple[sa.Column[Any], ...] = (
        sa.Column("state", sa.String(length=16), nullable=False, server_default="member"),
        sa.Column("is_manager", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("jump", sa.String(length=320), nullable=True),
        # Whoever was in a pool before may have something of it.
        sa.Column("touched", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("node_address", sa.String(length=44), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("facts_at", UtcDateTime(timezone=True), nullable=True),
    )
    for column in of_hosts:
        op.add_column("hosts", column)
    op.add_column("host_results", sa.Column("facts", sa.JSON(), nullable=False, server_default="{}"))


def _make_tables() -> None:
    op.create_table(
        "runtimes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("machine", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("added_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runtimes"),
        sa.UniqueConstraint("name", "version", "machine", name="uq_runtimes_name_version_machine"),
    )
    op.create_index("ix_runtimes_digest", "runtimes", ["digest"])
    op.create_table(
        "host_samples",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("taken_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("cores", sa.Integer(), nullable=True),
        sa.Column("cpu", sa.Double(), nullable=True),
        sa.Column("cpu_busy", sa.BigInteger(), nullable=True),
        sa.Column("cpu_total", sa.BigInteger(), nullable=True),
        sa.Column("load", sa.Double(), nullable=True),
        sa.Column("memory_total", sa.BigInteger(), nullable=True),
        sa.Column("memory_free", sa.BigInteger(), nullable=True),
        sa.Column("disk_total", sa.BigInteger(), nullable=True),
        sa.Column("disk_free", sa.BigInteger(), nullable=True),
        sa.Column("uptime", sa.Double(), nullable=True),
        sa.Column("clock_offset", sa.Double(), nullable=True),
        sa.Column("node_rss", sa.BigInteger(), nullable=True),
        sa.Column("node_cpu", sa.Double(), nullable=True),
        sa.Column("node_ticks", sa.BigInteger(), nullable=True),
        sa.Column("node_uptime", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name="fk_host_samples_ticket_id_tickets", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["host_id"], ["hosts.id"], name="fk_host_samples_host_id_hosts", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_id", "host_id", name="pk_host_samples"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_host_samples_host_id_taken_at", "host_samples", ["host_id", "taken_at"])
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["pools.id"], name="fk_audit_log_pool_id_pools", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_audit_log"),
    )
    op.create_index("ix_audit_log_pool_id_id", "audit_log", ["pool_id", "id"])


def downgrade() -> None:
    """Refuse: history is never taken away; restore the copy made before the migration."""
    raise NotImplementedError("restore the copy of the database that was made before the migration")
