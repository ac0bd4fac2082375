"""Experiments and their revisions: made, read, changed. A revision never changes; the newest one has the etag."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from schema_svc.core.faults import ExperimentExists, RequestIdReused, UnknownRevision
from schema_svc.core.record import Content, Stored, etag_of
from schema_svc.core.vocabulary import State
from schema_svc.store.tables import LISTED_WARNINGS, by_id, experiments, named, request_ids, revisions

NOT_DELETING: Mapping[str, Any] = {
    "deletion_step": None,
    "deletion_force": False,
    "deletion_reason": "",
    "deleted_runs": 0,
    "deleted_files": 0,
    "dropped_tables": 0,
}


@dataclass(frozen=True)
class Request:
    """A request that its client may send again."""

    id: str = ""
    payload: str = ""
    """Hash of what was asked."""
    answer: bytes = b""
    """What was answered beside the experiment."""


class Experiments:
    """Experiments by name or id."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def create(self, content: Content, request: Request) -> tuple[Stored, bytes]:
        """Store revision 1 of a new experiment; a request that was answered before gets its answer again."""
        now, identity = _now(), uuid.uuid4().hex
        with self._engine.begin() as connection:
            if before := _answered(connection, request):
                return before
            _refuse_taken(connection, content.name)
            row = {
                "id": identity,
                "name": content.name,
                "name_folded": content.name.casefold(),
                "state": State.ACTIVE.value,
                "create_time": now,
                **_newest(content, 1, now),
                **NOT_DELETING,
            }
            connection.execute(sa.insert(experiments).values(row))
            _add_revision(connection, identity, 1, now, content)
            if request.id:
                values = {"request_id": request.id, "payload": request.payload, "answer": request.answer}
                connection.execute(sa.insert(request_ids).values(**values, experiment_id=identity))
            return _read(connection, by_id(connection, identity), 1), request.answer

    def answered(self, request: Request) -> tuple[Stored, bytes] | None:
        """The revision and the rest that the request was answered with; None for a new one."""
        if not request.id:
            return None
        with self._engine.begin() as connection:
            return _answered(connection, request)

    def get(self, name: str, revision: int = 0) -> Stored:
        """One revision by the experiment's name or id; the newest for 0."""
        with self._engine.begin() as connection:
            return _read(connection, named(connection, name), revision)

    def update(self, experiment_id: str, content: Content, etag: str) -> Stored:
        """Store the next revision after the one with `etag`; the same content again is no revision."""
        now = _now()
        with self._engine.begin() as connection:
            row = named(connection, experiment_id)
            newest = _read(connection, row, 0)
            newest.refuse_change(etag)
            if newest.document == content.document:
                return newest
            revision = row.revision + 1
            values = _newest(content, revision, now)
            connection.execute(sa.update(experiments).where(experiments.c.id == row.id).values(values))
            _add_revision(connection, row.id, revision, now, content)
            return _read(connection, by_id(connection, row.id), revision)


def _refuse_taken(connection: sa.Connection, name: str) -> None:
    row = connection.execute(sa.select(experiments).where(experiments.c.name_folded == name.casefold())).first()
    if row is None:
        return
    deleting = row.state != State.ACTIVE
    raise ExperimentExists(
        f"experiment {row.name!r} is still being deleted" if deleting else f"experiment {row.name!r} exists",
        hint="wait until its deletion has finished" if deleting else "take another name, or delete it first",
        metadata={"experiment": row.name},
    )


def _answered(connection: sa.Connection, request: Request) -> tuple[Stored, bytes] | None:
    query = sa.select(request_ids).where(request_ids.c.request_id == request.id)
    row = connection.execute(query).first() if request.id else None
    if row is None:
        return None
    if row.payload != request.payload:
        raise RequestIdReused(
            f"request id {request.id[:80]!r} was used before with another payload", hint="send a new request id"
        )
    return _read(connection, by_id(connection, row.experiment_id), 1), row.answer or b""


def _read(connection: sa.Connection, row: Any, revision: int) -> Stored:
    number = revision or row.revision
    at = sa.select(revisions).where(revisions.c.experiment_id == row.id, revisions.c.revision == number)
    found = connection.execute(at).first()
    if found is None:
        raise UnknownRevision(
            f"experiment {row.name!r} has no revision {revision}",
            hint=f"it has revisions 1 to {row.revision}",
            metadata={"experiment": row.name},
        )
    return Stored(
        id=row.id,
        name=row.name,
        revision=found.revision,
        etag=found.etag,
        state=State(row.state),
        deleting_reason=row.deletion_reason,
        create_time=row.create_time,
        update_time=found.create_time,
        document=found.document,
        message=found.message,
    )


def _add_revision(connection: sa.Connection, experiment_id: str, revision: int, now: str, content: Content) -> None:
    values = {
        "experiment_id": experiment_id,
        "revision": revision,
        "etag": etag_of(revision, content.document),
        "create_time": now,
        "document": content.document,
        "message": content.message,
        "summary": content.changes.summary,
        "change_count": content.changes.count,
        **_counts(content),
    }
    connection.execute(sa.insert(revisions).values(values))


def _newest(content: Content, revision: int, now: str) -> dict[str, Any]:
    """What the experiment's own row says of its newest revision."""
    return {
        "revision": revision,
        "etag": etag_of(revision, content.document),
        "update_time": now,
        "description": content.description,
        "dialect": content.dialect.value,
        "target_warehouse": content.target_warehouse.value,
        "warnings": json.dumps(content.warnings[:LISTED_WARNINGS], ensure_ascii=False),
        "warning_count": len(content.warnings),
        **_counts(content),
    }


def _counts(content: Content) -> dict[str, int]:
    return {
        "table_count": content.table_count,
        "column_count": content.column_count,
        "target_rows": content.target_rows,
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
