"""Whether a load ever began to apply; old loads may have."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("loads", sa.Column("apply_begun", sa.Boolean, nullable=False, server_default=sa.true()))
