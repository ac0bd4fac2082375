"""What lists of experiments and revisions show, revisions as messages, answers as bytes."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("experiments", sa.Column("warning_count", sa.Integer, nullable=False, server_default="0"))
    op.add_column("experiments", sa.Column("update_time", sa.Text, nullable=False, server_default=""))
    for name in ("table_count", "column_count", "target_rows", "change_count"):
        op.add_column("revisions", sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("revisions", sa.Column("summary", sa.Text, nullable=False, server_default=""))
    op.add_column("revisions", sa.Column("message", sa.LargeBinary))
    op.drop_column("request_ids", "report")
    op.add_column("request_ids", sa.Column("answer", sa.LargeBinary))
    op.create_index("experiments_by_state", "experiments", ["state", "position"])
    _fill_in()


def _fill_in() -> None:
    connection = op.get_bind()
    for experiment_id, number, text in connection.execute(
        sa.text("SELECT experiment_id, revision, document FROM revisions")
    ).fetchall():
        tables = json.loads(text).get("tables", [])
        values = {
            "tables": len(tables),
            "columns": sum(len(table.get("columns", [])) for table in tables),
            "rows": sum(table.get("target_rows", 0) for table in tables),
            "warnings": sum(len(table.get("warnings", [])) for table in tables),
            "id": experiment_id,
            "number": number,
        }
        connection.execute(
            sa.text(
                "UPDATE revisions SET table_count = :tables, column_count = :columns, target_rows = :rows"
                " WHERE experiment_id = :id AND revision = :number"
            ),
            values,
        )
        connection.execute(
            sa.text(
                "UPDATE experiments SET warning_count = :warnings, update_time = (SELECT create_time FROM revisions"
                " WHERE experiment_id = :id AND revision = :number) WHERE id = :id AND revision = :number"
            ),
            values,
        )
