"""Ingests and the files that they know; which runs' files go once they are loaded."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _whole(name: str, *, big: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger if big else sa.Integer, nullable=False)


def upgrade() -> None:
    op.add_column("loads", sa.Column("ingest", sa.Text, nullable=False, server_default=""))
    for name in ("delete_after_load", "reported"):
        op.add_column("runs", sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "ingests",
        sa.Column("ingest_id", sa.Integer, primary_key=True),
        *(_text(name) for name in ("name", "uri", "pattern", "experiment", "experiment_id", "table_name")),
        *(_text(name) for name in ("warehouse", "namespace", "document")),
        sa.Column("paused", sa.Boolean, nullable=False),
        _text("failure"),
        *(_whole(name, big=True) for name in ("create_time", "look_time")),
        sqlite_autoincrement=True,
    )
    op.create_index("ingests_by_name", "ingests", [sa.text("lower(name)")], unique=True)
    op.create_table(
        "ingested_files",
        sa.Column("ingest_id", sa.Integer, sa.ForeignKey("ingests.ingest_id"), primary_key=True),
        sa.Column("uri", sa.Text, primary_key=True),
        *(_whole(name, big=True) for name in ("bytes", "modified")),
        _text("checksum"),
        _whole("rows", big=True),
        *(_text(name) for name in ("state", "failure")),
        *(_whole(name) for name in ("load_id", "tries")),
        _whole("time", big=True),
    )
    op.create_index("ingested_files_by_state", "ingested_files", ["ingest_id", "state"])
