"""Cursor, runs with their batches, loads with their work, locations."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _whole(name: str, *, big: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger if big else sa.Integer, nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def upgrade() -> None:
    _log()
    _loads()
    _parts()
    _places()


def _log() -> None:
    op.create_table(
        "cursor",
        sa.Column("only", sa.Integer, primary_key=True),
        _text("loader_id"),
        _text("log_id"),
        _whole("sequence", big=True),
    )
    op.create_table(
        "runs",
        sa.Column("run_key", sa.Integer, primary_key=True),
        _whole("run_id"),
        *(_text(name) for name in ("fingerprint", "experiment", "experiment_id", "kind", "state")),
        *(_text(name) for name in ("failure", "document")),
        _flag("deleted"),
        _flag("replaced"),
        sqlite_autoincrement=True,
    )
    op.create_index("runs_by_id", "runs", ["run_id"])
    op.create_index("runs_by_experiment", "runs", ["experiment", "run_key"])
    op.create_table(
        "run_tables",
        sa.Column("run_key", sa.Integer, sa.ForeignKey("runs.run_key"), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        _whole("position"),
        _whole("rows", big=True),
        _whole("batches"),
    )
    op.create_table(
        "batches",
        sa.Column("run_key", sa.Integer, sa.ForeignKey("runs.run_key"), primary_key=True),
        sa.Column("table_name", sa.Text, primary_key=True),
        sa.Column("batch_index", sa.Integer, primary_key=True),
        _whole("first_row", big=True),
        _whole("rows", big=True),
        _text("uri"),
        _whole("bytes", big=True),
        _text("checksum"),
    )


def _loads() -> None:
    op.create_table(
        "loads",
        sa.Column("load_id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.Text, nullable=False, unique=True),
        sa.Column("run_key", sa.Integer, sa.ForeignKey("runs.run_key"), nullable=False),
        _whole("run_id"),
        *(_text(name) for name in ("experiment", "experiment_id", "warehouse", "namespace", "state", "mode")),
        _flag("automatic"),
        _text("failure"),
        _whole("retries"),
        *(_whole(name, big=True) for name in ("create_time", "start_time", "end_time")),
        sqlite_autoincrement=True,
    )
    op.create_index("loads_by_place", "loads", ["namespace", "state"])
    op.create_index("loads_by_experiment", "loads", ["experiment", "load_id"])
    op.create_index("loads_by_run", "loads", ["run_id", "load_id"])


def _parts() -> None:
    op.create_table(
        "load_tables",
        sa.Column("load_id", sa.Integer, sa.ForeignKey("loads.load_id"), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        _whole("position"),
        _text("target"),
        _whole("rows", big=True),
        _whole("batches"),
        _whole("rows_staged", big=True),
        _whole("batches_staged"),
        *(_whole(name, big=True) for name in ("bytes_staged", "inserted", "deleted")),
    )
    op.create_table(
        "work",
        sa.Column("load_id", sa.Integer, sa.ForeignKey("loads.load_id"), primary_key=True),
        sa.Column("table_name", sa.Text, primary_key=True),
        sa.Column("batch_index", sa.Integer, primary_key=True),
        _flag("staged"),
    )
    op.create_index("work_to_do", "work", ["load_id", "staged"])
    op.create_table(
        "requests",
        sa.Column("request_id", sa.Text, primary_key=True),
        _text("payload"),
        sa.Column("load_id", sa.Integer, sa.ForeignKey("loads.load_id"), nullable=False),
    )


def _places() -> None:
    op.create_table("tombstones", sa.Column("experiment_id", sa.Text, primary_key=True))
    op.create_table(
        "locations",
        sa.Column("experiment_id", sa.Text, primary_key=True),
        sa.Column("warehouse", sa.Text, primary_key=True),
        *(_text(name) for name in ("experiment", "namespace", "dialect")),
        _whole("generation", big=True),
        _text("catalog"),
    )
    op.create_index("locations_by_name", "locations", ["experiment"])
