"""How a run's files are written; Parquet was the only way."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("runs", sa.Column("format", sa.Text, nullable=False, server_default="PARQUET"))
