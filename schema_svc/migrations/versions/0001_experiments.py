"""Experiments with the progress of their deletion, revisions, request ids."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "experiments",
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_folded", sa.Text, nullable=False, unique=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("create_time", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("etag", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("dialect", sa.Text, nullable=False),
        sa.Column("target_warehouse", sa.Text, nullable=False),
        sa.Column("table_count", sa.Integer, nullable=False),
        sa.Column("column_count", sa.Integer, nullable=False),
        sa.Column("target_rows", sa.BigInteger, nullable=False),
        sa.Column("warnings", sa.Text, nullable=False),
        sa.Column("deletion_step", sa.Text),
        sa.Column("deletion_force", sa.Boolean, nullable=False),
        sa.Column("deletion_reason", sa.Text, nullable=False),
        sa.Column("deleted_runs", sa.Integer, nullable=False),
        sa.Column("deleted_files", sa.Integer, nullable=False),
        sa.Column("dropped_tables", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "revisions",
        sa.Column("experiment_id", sa.String(32), sa.ForeignKey("experiments.id"), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("etag", sa.Text, nullable=False),
        sa.Column("create_time", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_table(
        "request_ids",
        sa.Column("request_id", sa.Text, primary_key=True),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("experiment_id", sa.String(32), sa.ForeignKey("experiments.id"), nullable=False),
        sa.Column("report", sa.Text, nullable=False),
    )
    op.create_index("request_ids_by_experiment", "request_ids", ["experiment_id"])
