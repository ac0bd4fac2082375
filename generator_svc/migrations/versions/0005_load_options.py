"""What the load of a run tolerates."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("load_options", sa.Text, nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("runs", "load_options")
