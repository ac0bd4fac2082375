"""The generator's tables. Times are UTC microseconds since 1970; structured facts are JSON text."""

import sqlalchemy as sa

ACTIVE = "state IN ('PENDING', 'RUNNING', 'ABORTING')"

metadata = sa.MetaData()

log_head = sa.Table(
    "log_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("log_id", sa.Text, nullable=False),
    sa.Column("newest_sequence", sa.BigInteger, nullable=False),
)
"""One row: the log's identity and the sequence of its newest event; its row lock orders the appenders."""

events = sa.Table(
    "events",
    metadata,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("run_id", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Index("events_by_run", "run_id", "sequence"),
)

runs = sa.Table(
    "runs",
    metadata,
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
    sa.Column("changes", sa.Text),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("retention", sa.Text, nullable=False),
    sa.Column("expire_days", sa.Integer, nullable=False),
    sa.Column("load_options", sa.Text, nullable=False),
    sa.Column("failure_reason", sa.Text),
    sa.Column("failure_message", sa.Text),
    sa.Column("failure_hint", sa.Text),
    sa.Column("traceback", sa.Text),
    sa.Column("create_time", sa.BigInteger, nullable=False),
    sa.Column("end_time", sa.BigInteger),
    sa.Column("delete_time", sa.BigInteger),
    sa.Index("runs_by_experiment", sa.text("lower(experiment)"), "run_id"),
    sa.Index(
        "one_active_run",
        "experiment_id",
        unique=True,
        sqlite_where=sa.text(ACTIVE),
        postgresql_where=sa.text(ACTIVE),
    ),
    sqlite_autoincrement=True,
)
"""A deleted run keeps its row as long as the log has events of it: they point to its document."""

run_tables = sa.Table(
    "run_tables",
    metadata,
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
    sa.Column("batches", sa.Integer, nullable=False, server_default="0"),
    sa.Column("stretches", sa.Text),
)

staged_files = sa.Table(
    "staged_files",
    metadata,
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

tombstones = sa.Table(
    "tombstones",
    metadata,
    sa.Column("experiment_id", sa.Text, primary_key=True),
    sa.Column("create_time", sa.BigInteger, nullable=False),
)
"""Experiments that never run again."""

request_ids = sa.Table(
    "request_ids",
    metadata,
    sa.Column("request_id", sa.Text, primary_key=True),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.run_id"), nullable=False),
)
"""`payload` is a hash of what was asked for under the id."""
