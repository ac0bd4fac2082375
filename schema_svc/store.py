"""The memory: experiments, their immutable revisions, request ids, and how far deletions are.

A finished deletion leaves no row: its name is free again, its id never comes back.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from schema_svc.core.faults import (
    EtagMismatch,
    ExperimentDeleting,
    ExperimentExists,
    RequestIdReused,
    UnknownExperiment,
    UnknownRevision,
)
from schema_svc.core.model import Experiment
from schema_svc.core.record import Deleted, Deletion, DeletionStep, Summary, document_text, etag_of
from schema_svc.core.vocabulary import Dialect, State, WarehouseKind

MIGRATIONS = Path(__file__).parent / "migrations"
NOT_DELETING: Mapping[str, Any] = {
    "deletion_step": None,
    "deletion_force": False,
    "deletion_reason": "",
    "deleted_runs": 0,
    "deleted_files": 0,
    "dropped_tables": 0,
}

metadata = sa.MetaData()
experiments = sa.Table(
    "experiments",
    metadata,
    sa.Column("position", sa.Integer, primary_key=True),
    *[sa.Column(name, sa.Text) for name in ("id", "name", "name_folded", "state", "create_time", "etag")],
    *[sa.Column(name, sa.Text) for name in ("description", "dialect", "target_warehouse", "warnings")],
    *[sa.Column(name, sa.BigInteger) for name in ("revision", "table_count", "column_count", "target_rows")],
    *[sa.Column(name, sa.Text) for name in ("deletion_step", "deletion_reason")],
    sa.Column("deletion_force", sa.Boolean),
    *[sa.Column(name, sa.Integer) for name in ("deleted_runs", "deleted_files", "dropped_tables")],
)
revisions = sa.Table(
    "revisions",
    metadata,
    sa.Column("experiment_id", sa.Text, primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    *[sa.Column(name, sa.Text) for name in ("etag", "create_time", "document")],
)
request_ids = sa.Table(
    "request_ids",
    metadata,
    sa.Column("request_id", sa.Text, primary_key=True),
    *[sa.Column(name, sa.Text) for name in ("payload", "experiment_id", "report")],
)


@dataclass(frozen=True)
class Request:
    """A request that its client may send again."""

    id: str
    payload: str
    """Hash of what was asked."""
    report: str = ""
    """What was answered beside the experiment, as JSON."""


class Store:
    """Every method is one transaction; call them off the event loop."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()

    def create(self, experiment: Experiment, request: Request) -> tuple[Experiment, str]:
        """Store revision 1 of a new experiment; a request that was answered before gets its answer again."""
        now, document = _now(), document_text(experiment)
        identity = uuid.uuid4().hex
        with self._engine.begin() as connection:
            if before := self._answered(connection, request):
                return before
            self._refuse_taken(connection, experiment.name)
            row = {
                "id": identity,
                "name": experiment.name,
                "name_folded": experiment.name.casefold(),
                "state": State.ACTIVE.value,
                "create_time": now,
                **_summary_columns(experiment, 1, document),
                **NOT_DELETING,
            }
            connection.execute(sa.insert(experiments).values(row))
            self._add_revision(connection, identity, 1, now, document)
            if request.id:
                values = {"request_id": request.id, "payload": request.payload, "report": request.report}
                connection.execute(sa.insert(request_ids).values(**values, experiment_id=identity))
            return self._read(connection, self._by_id(connection, identity), 1), request.report

    def answered(self, request: Request) -> tuple[Experiment, str] | None:
        """The experiment and report that the request was answered with; None for a new one."""
        with self._engine.begin() as connection:
            return self._answered(connection, request)

    def get(self, name: str, revision: int = 0) -> Experiment:
        """One revision by the experiment's name or id; the newest for 0."""
        with self._engine.begin() as connection:
            return self._read(connection, self._named(connection, name), revision)

    def update(self, name: str, experiment: Experiment, etag: str) -> Experiment:
        """Store the next revision; `etag` is the expected newest one, or empty."""
        now, document = _now(), document_text(experiment)
        with self._engine.begin() as connection:
            row = self._named(connection, name)
            if row.state != State.ACTIVE:
                raise ExperimentDeleting(f"experiment {row.name!r} is being deleted", metadata={"experiment": row.name})
            if etag and etag != row.etag:
                raise EtagMismatch(
                    f"experiment {row.name!r} is at revision {row.revision} meanwhile",
                    hint="read it again and apply the change to the newest revision",
                    metadata={"experiment": row.name, "etag": row.etag},
                )
            revision = row.revision + 1
            columns = _summary_columns(experiment, revision, document)
            connection.execute(sa.update(experiments).where(experiments.c.id == row.id).values(columns))
            self._add_revision(connection, row.id, revision, now, document)
            return self._read(connection, self._by_id(connection, row.id), revision)

    def page(self, size: int, before: int | None) -> list[Summary]:
        """At most `size` experiments older than position `before`, newest first."""
        query = sa.select(experiments).order_by(experiments.c.position.desc()).limit(size)
        if before is not None:
            query = query.where(experiments.c.position < before)
        with self._engine.begin() as connection:
            return [_summary(row) for row in connection.execute(query)]

    def summary(self, name: str) -> Summary:
        """An experiment without its columns, by its name or id."""
        with self._engine.begin() as connection:
            return _summary(self._named(connection, name))

    def begin_deletion(self, experiment_id: str, *, force: bool) -> Deletion:
        """Mark an experiment as being deleted; where it was already, only `force` is learnt."""
        with self._engine.begin() as connection:
            row = self._named(connection, experiment_id)
            if row.state == State.ACTIVE:
                step = DeletionStep.STOP_RUNS
                values = {"deletion_step": step.value, "deletion_reason": step.doing, "deletion_force": force}
                connection.execute(_update(row.id).values(**values, state=State.DELETING.value))
            elif force and not row.deletion_force:
                connection.execute(_update(row.id).values(deletion_force=True))
            return _deletion(self._by_id(connection, row.id))

    def advance_deletion(self, experiment_id: str, step: DeletionStep, deleted: Deleted) -> None:
        """Record that every step before `step` is done; FORGET removes the experiment's rows."""
        with self._engine.begin() as connection:
            if step is DeletionStep.FORGET:
                for table in (request_ids, revisions):
                    connection.execute(sa.delete(table).where(table.c.experiment_id == experiment_id))
                connection.execute(sa.delete(experiments).where(experiments.c.id == experiment_id))
                return
            counts = {
                "deleted_runs": deleted.runs,
                "deleted_files": deleted.files,
                "dropped_tables": deleted.tables,
            }
            values = {"deletion_step": step.value, "deletion_reason": step.doing, **counts}
            connection.execute(_update(experiment_id).values(values))

    def note_deletion(self, experiment_id: str, reason: str) -> None:
        """Record what a deletion waits for."""
        with self._engine.begin() as connection:
            connection.execute(_update(experiment_id).values(deletion_reason=reason))

    def deletion(self, experiment_id: str) -> Deletion | None:
        """How far a deletion is; None where there is none."""
        query = sa.select(experiments).where(
            experiments.c.id == experiment_id, experiments.c.state == State.DELETING.value
        )
        with self._engine.begin() as connection:
            row = connection.execute(query).first()
            return _deletion(row) if row else None

    def deletions(self) -> list[Deletion]:
        """Every deletion under way."""
        deleting = sa.select(experiments).where(experiments.c.state == State.DELETING.value)
        with self._engine.begin() as connection:
            return [_deletion(row) for row in connection.execute(deleting)]

    def _refuse_taken(self, connection: sa.Connection, name: str) -> None:
        row = connection.execute(sa.select(experiments).where(experiments.c.name_folded == name.casefold())).first()
        if row is None:
            return
        deleting = row.state != State.ACTIVE
        raise ExperimentExists(
            f"experiment {row.name!r} is still being deleted" if deleting else f"experiment {row.name!r} exists",
            hint="wait until its deletion has finished" if deleting else "take another name, or delete it first",
            metadata={"experiment": row.name},
        )

    def _answered(self, connection: sa.Connection, request: Request) -> tuple[Experiment, str] | None:
        query = sa.select(request_ids).where(request_ids.c.request_id == request.id)
        row = connection.execute(query).first() if request.id else None
        if row is None:
            return None
        if row.payload != request.payload:
            raise RequestIdReused(
                f"request id {request.id[:80]!r} was used before with another payload", hint="send a new request id"
            )
        return self._read(connection, self._by_id(connection, row.experiment_id), 1), row.report

    def _named(self, connection: sa.Connection, name: str) -> Any:
        """The row of a name, or else of an id."""
        for condition in (experiments.c.name_folded == name.casefold(), experiments.c.id == name):
            if row := connection.execute(sa.select(experiments).where(condition)).first():
                return row
        raise UnknownExperiment(
            f"there is no experiment {name[:80]!r}",
            hint="ListExperiments shows which there are",
            metadata={"experiment": name[:80]},
        )

    def _by_id(self, connection: sa.Connection, experiment_id: str) -> Any:
        return connection.execute(sa.select(experiments).where(experiments.c.id == experiment_id)).one()

    def _read(self, connection: sa.Connection, row: Any, revision: int) -> Experiment:
        number = revision or row.revision
        at = sa.select(revisions).where(revisions.c.experiment_id == row.id, revisions.c.revision == number)
        found = connection.execute(at).first()
        if found is None:
            raise UnknownRevision(
                f"experiment {row.name!r} has no revision {revision}",
                hint=f"it has revisions 1 to {row.revision}",
                metadata={"experiment": row.name},
            )
        experiment = Experiment.model_validate_json(found.document)
        experiment.id, experiment.name = row.id, row.name
        experiment.revision, experiment.etag = found.revision, found.etag
        experiment.state, experiment.deleting_reason = State(row.state), row.deletion_reason
        experiment.create_time, experiment.update_time = row.create_time, found.create_time
        return experiment

    def _add_revision(
        self, connection: sa.Connection, experiment_id: str, revision: int, now: str, document: str
    ) -> None:
        values = {"etag": etag_of(revision, document), "create_time": now, "document": document}
        insert = sa.insert(revisions).values(experiment_id=experiment_id, revision=revision, **values)
        connection.execute(insert)


def _update(experiment_id: str) -> sa.Update:
    return sa.update(experiments).where(experiments.c.id == experiment_id)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _summary_columns(experiment: Experiment, revision: int, document: str) -> dict[str, Any]:
    return {
        "revision": revision,
        "etag": etag_of(revision, document),
        "description": experiment.description,
        "dialect": experiment.dialect.value,
        "target_warehouse": experiment.target_warehouse.value,
        "table_count": len(experiment.tables),
        "column_count": sum(len(table.columns) for table in experiment.tables),
        "target_rows": sum(table.target_rows or 0 for table in experiment.tables),
        "warnings": json.dumps(experiment.warnings(), ensure_ascii=False),
    }


def _summary(row: Any) -> Summary:
    return Summary(
        position=row.position,
        id=row.id,
        name=row.name,
        description=row.description,
        revision=row.revision,
        dialect=Dialect(row.dialect),
        target_warehouse=WarehouseKind(row.target_warehouse),
        table_count=row.table_count,
        column_count=row.column_count,
        target_rows=row.target_rows,
        warnings=json.loads(row.warnings),
        state=State(row.state),
        deleting_reason=row.deletion_reason,
        create_time=row.create_time,
    )


def _deletion(row: Any) -> Deletion:
    return Deletion(
        experiment_id=row.id,
        name=row.name,
        step=DeletionStep(row.deletion_step),
        force=bool(row.deletion_force),
        reason=row.deletion_reason,
        deleted=Deleted(row.deleted_runs, row.deleted_files, row.dropped_tables),
    )
