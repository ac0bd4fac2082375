"""Which run an append continues; -1 where it was not written down."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("runs", sa.Column("base_key", sa.Integer, nullable=False, server_default="0"))
    op.execute("UPDATE runs SET base_key = -1 WHERE kind <> 'FULL'")
