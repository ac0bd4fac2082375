"""Runs, their tables and files, the event log, tombstones, request ids."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ACTIVE = sa.text("state IN ('PENDING', 'RUNNING', 'ABORTING')")


def upgrade() -> None:
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("log_id", sa.Text, nullable=False),
        sa.Column("newest_sequence", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
    )
    op.create_index("events_by_run", "events", ["run_id", "sequence"])
    _create_runs()
    op.create_table(
        "tombstones",
        sa.Column("experiment_id", sa.Text, primary_key=True),
        sa.Column("create_time", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "request_ids",
        sa.Column("request_id", sa.Text, primary_key=True),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.run_id"), nullable=False),
    )


def _create_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("run_id", sa.Integer, primary_key=True),
        sa.Column("experiment", sa.Text, nullable=False),
        sa.Column("experiment_id", sa.Text, nullable=False),
        sa.Column("experiment_revision", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("as_of", sa.Text, nullable=False),
        sa.Column("engine_version", sa.Text, nullable=False),
        sa.Column("batch_rows", sa.Integer, nullable=False),
        sa.Column("segments", sa.Text, nullable=False),
        sa.Column("staging_uri", sa.Text, nullable=False),
        sa.Column("auto_load", sa.Boolean, nullable=False),
        sa.Column("base_run_id", sa.Integer, nullable=False),
        sa.Column("failure_reason", sa.Text),
        sa.Column("failure_message", sa.Text),
        sa.Column("failure_hint", sa.Text),
        sa.Column("traceback", sa.Text),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        sa.Column("end_time", sa.BigInteger),
        sa.Column("delete_time", sa.BigInteger),
        sqlite_autoincrement=True,
    )
    op.create_index("runs_by_experiment", "runs", [sa.text("lower(experiment)"), "run_id"])
    op.create_index(
        "one_active_run", "runs", ["experiment_id"], unique=True, sqlite_where=ACTIVE, postgresql_where=ACTIVE
    )
    _create_tables_and_files()


def _create_tables_and_files() -> None:
    op.create_table(
        "run_tables",
        sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.run_id"), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("first_row", sa.BigInteger, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("batch_rows", sa.Integer, nullable=False),
        sa.Column("rows_done", sa.BigInteger, nullable=False),
        sa.Column("batches_done", sa.Integer, nullable=False),
        sa.Column("bytes_done", sa.BigInteger, nullable=False),
        sa.Column("partial_hash", sa.Text, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
    )
    op.create_table(
        "staged_files",
        sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.run_id"), primary_key=True),
        sa.Column("table_name", sa.Text, primary_key=True),
        sa.Column("batch_index", sa.Integer, primary_key=True),
        sa.Column("first_row", sa.BigInteger, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("uri", sa.Text, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("checksum", sa.Text, nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    for name in ("request_ids", "tombstones", "staged_files", "run_tables", "runs", "events", "log_head"):
        op.drop_table(name)
