"""The tables, and how their rows are found."""

import difflib
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from schema_svc.core.faults import UnknownExperiment

MIGRATIONS = Path(__file__).parents[1] / "migrations"
LISTED_WARNINGS = 20
"""Warnings of an experiment that lists show; the document has all."""
_GUESSED_NAMES = 1_000

metadata = sa.MetaData()
experiments = sa.Table(
    "experiments",
    metadata,
    sa.Column("position", sa.Integer, primary_key=True),
    *[sa.Column(name, sa.Text) for name in ("id", "name", "name_folded", "state", "create_time", "etag")],
    *[sa.Column(name, sa.Text) for name in ("description", "dialect", "target_warehouse", "warnings")],
    *[sa.Column(name, sa.BigInteger) for name in ("revision", "table_count", "column_count", "target_rows")],
    sa.Column("warning_count", sa.Integer),
    *[sa.Column(name, sa.Text) for name in ("update_time", "deletion_step", "deletion_reason")],
    sa.Column("deletion_force", sa.Boolean),
    *[sa.Column(name, sa.Integer) for name in ("deleted_runs", "deleted_files", "dropped_tables")],
)
revisions = sa.Table(
    "revisions",
    metadata,
    sa.Column("experiment_id", sa.Text, primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    *[sa.Column(name, sa.Text) for name in ("etag", "create_time", "document", "summary")],
    *[sa.Column(name, sa.BigInteger) for name in ("table_count", "column_count", "target_rows", "change_count")],
    sa.Column("message", sa.LargeBinary),
)
request_ids = sa.Table(
    "request_ids",
    metadata,
    sa.Column("request_id", sa.Text, primary_key=True),
    *[sa.Column(name, sa.Text) for name in ("payload", "experiment_id")],
    sa.Column("answer", sa.LargeBinary),
)


def named(connection: sa.Connection, name: str) -> Any:
    """The row of a name, or else of an id; raises UnknownExperiment."""
    for condition in (experiments.c.name_folded == name.casefold(), experiments.c.id == name):
        if row := connection.execute(sa.select(experiments).where(condition)).first():
            return row
    raise UnknownExperiment(
        f"there is no experiment {name[:80]!r}",
        hint=_near(connection, name) or "ListExperiments shows which there are",
        metadata={"experiment": name[:80]},
    )


def by_id(connection: sa.Connection, experiment_id: str) -> Any:
    """The row of an id that is known to be there."""
    return connection.execute(sa.select(experiments).where(experiments.c.id == experiment_id)).one()


def _near(connection: sa.Connection, name: str) -> str:
    """Which of the newest experiments may have been meant."""
    newest = sa.select(experiments.c.name).order_by(experiments.c.position.desc()).limit(_GUESSED_NAMES)
    names = {str(known).casefold(): str(known) for known in connection.scalars(newest)}
    near = difflib.get_close_matches(name[:80].casefold(), names, 1, 0.6)
    return f"did you mean {names[near[0]]!r}?" if near else ""
