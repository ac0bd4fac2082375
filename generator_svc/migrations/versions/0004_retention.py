"""How long a run's files are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("retention", sa.Text, nullable=False, server_default="KEEP"))
    op.add_column("runs", sa.Column("expire_days", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("runs", "expire_days")
    op.drop_column("runs", "retention")
