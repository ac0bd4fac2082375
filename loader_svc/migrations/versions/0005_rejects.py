"""What a load tolerates, the files of its rejects, and the duplicates that it brought."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for name, default in (("on_error", "ABORT"), ("schema_drift", "FAIL")):
        op.add_column("loads", sa.Column(name, sa.Text, nullable=False, server_default=default))
    for name in ("max_errors", "replay_of"):
        op.add_column("loads", sa.Column(name, sa.Integer, nullable=False, server_default="0"))
    op.add_column("load_tables", sa.Column("rejected", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("load_tables", sa.Column("duplicates", sa.Text, nullable=False, server_default="[]"))
    op.create_index("loads_by_replayed", "loads", ["replay_of"])
    op.create_table(
        "rejects",
        sa.Column("load_id", sa.Integer, sa.ForeignKey("loads.load_id"), primary_key=True),
        sa.Column("table_name", sa.Text, primary_key=True),
        sa.Column("batch_index", sa.Integer, primary_key=True),
        sa.Column("uri", sa.Text, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("checksum", sa.Text, nullable=False),
    )
