"""When and how long loads did what; whether one ever began to apply, as old ones may have."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

TIMES = {
    "loads": ("prepare_time", "apply_time"),
    "load_tables": ("first_time", "last_time"),
    "work": ("stage_time", "stage_microseconds", "attempts"),
}


def upgrade() -> None:
    op.add_column("loads", sa.Column("apply_begun", sa.Boolean, nullable=False, server_default=sa.true()))
    for table, names in TIMES.items():
        for name in names:
            kind = sa.Integer if name == "attempts" else sa.BigInteger
            op.add_column(table, sa.Column(name, kind(), nullable=False, server_default="0"))
