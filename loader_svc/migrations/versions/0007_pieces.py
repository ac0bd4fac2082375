"""Large ingested files are loaded in pieces: which row groups a batch has, and where."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    for name in ("first_group", "groups", "offset"):
        op.add_column("batches", sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("ingested_files", sa.Column("pieces", sa.Text, nullable=False, server_default="[]"))
