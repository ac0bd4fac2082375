"""How far deletions are: what a service that was killed goes on from."""

from typing import Any

import sqlalchemy as sa

from schema_svc.core.record import Deleted, Deletion, DeletionStep, refuse_stale
from schema_svc.core.vocabulary import State
from schema_svc.store.tables import by_id, experiments, named, request_ids, revisions


class DeletionProgress:
    """Deletions under way, by the id of their experiment."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def begin(self, experiment_id: str, *, force: bool, etag: str = "") -> Deletion:
        """Mark an experiment as being deleted; where it was already, only `force` is learnt."""
        with self._engine.begin() as connection:
            row = named(connection, experiment_id)
            if row.state == State.ACTIVE:
                refuse_stale(row.name, row.revision, row.etag, etag)
                step = DeletionStep.STOP_RUNS
                values = {"deletion_step": step.value, "deletion_reason": step.doing, "deletion_force": force}
                connection.execute(_update(row.id).values(**values, state=State.DELETING.value))
            elif force and not row.deletion_force:
                connection.execute(_update(row.id).values(deletion_force=True))
            return _deletion(by_id(connection, row.id))

    def advance(self, experiment_id: str, step: DeletionStep, deleted: Deleted) -> None:
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

    def note(self, experiment_id: str, reason: str) -> None:
        """Record what a deletion waits for."""
        with self._engine.begin() as connection:
            connection.execute(_update(experiment_id).values(deletion_reason=reason))

    def find(self, experiment_id: str) -> Deletion | None:
        """How far a deletion is; None where there is none."""
        query = sa.select(experiments).where(
            experiments.c.id == experiment_id, experiments.c.state == State.DELETING.value
        )
        with self._engine.begin() as connection:
            row = connection.execute(query).first()
            return _deletion(row) if row else None

    def all(self) -> list[Deletion]:
        """Every deletion under way."""
        deleting = sa.select(experiments).where(experiments.c.state == State.DELETING.value)
        with self._engine.begin() as connection:
            return [_deletion(row) for row in connection.execute(deleting)]


def _update(experiment_id: str) -> sa.Update:
    return sa.update(experiments).where(experiments.c.id == experiment_id)


def _deletion(row: Any) -> Deletion:
    return Deletion(
        experiment_id=row.id,
        name=row.name,
        step=DeletionStep(row.deletion_step),
        force=bool(row.deletion_force),
        reason=row.deletion_reason,
        deleted=Deleted(row.deleted_runs, row.deleted_files, row.dropped_tables),
    )
