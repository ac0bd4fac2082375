"""Change sets: what a run changes, the stretches of rows that a table goes over, and its number of batches."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("changes", sa.Text))
    op.add_column("run_tables", sa.Column("stretches", sa.Text))
    op.add_column("run_tables", sa.Column("batches", sa.Integer, nullable=False, server_default="0"))
    op.execute("UPDATE run_tables SET batches = (rows + batch_rows - 1) / batch_rows")


def downgrade() -> None:
    op.drop_column("run_tables", "batches")
    op.drop_column("run_tables", "stretches")
    op.drop_column("runs", "changes")
