"""History of queries."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "queries",
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("query_id", sa.String(64), nullable=False, unique=True),
        sa.Column("experiment", sa.String(128), nullable=False, index=True),
        sa.Column("sql", sa.Text, nullable=False),
        sa.Column("client", sa.String(256), nullable=False),
        sa.Column("started", sa.Float, nullable=False),
        sa.Column("dialect", sa.String(32), nullable=False),
        sa.Column("warehouse", sa.String(32), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("total_ms", sa.Float, nullable=False),
        sa.Column("failure_reason", sa.String(64)),
        sa.Column("failure_message", sa.Text),
        sa.Column("failure_hint", sa.Text),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("queries")
