"""Finished batches: the staged file, the table's progress and content hash, and the event commit together."""

from typing import Any, NamedTuple

import sqlalchemy as sa

from dwsim_wire.clock import now
from generator_svc.core.content_hash import ContentHash
from generator_svc.core.event import BatchFinished, TableFinished
from generator_svc.core.run import RunState, StagedFile
from generator_svc.store.database import Database
from generator_svc.store.event_log import append
from generator_svc.store.records import file_of
from generator_svc.store.tables import run_tables, runs, staged_files


class FilePlace(NamedTuple):
    """Where a page of staged files ended."""

    run_id: int
    position: int
    batch_index: int


class Share(NamedTuple):
    """What one run has in a staging area."""

    run_id: int
    state: RunState
    bytes: int


class BatchStore:
    """What the generator remembers of batches and their files."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def finish(self, file: StagedFile, content: ContentHash) -> bool:
        """Record a durable file; False if its run is not RUNNING any more: then nothing refers to the file.

        A batch that was recorded before changes nothing.
        """
        with self._database.write() as connection:
            state = connection.execute(sa.select(runs.c.state).where(runs.c.run_id == file.run_id)).scalar()
            if state != RunState.RUNNING:
                return False
            if _is_recorded(connection, file):
                return True
            connection.execute(sa.insert(staged_files).values(_file_values(file)))
            facts = (file.table, file.batch_index, file.first_row, file.rows, file.uri, file.bytes, file.checksum)
            append(connection, file.run_id, BatchFinished(*facts))
            _advance(connection, file, content)
            return True

    def finish_empty(self, run_id: int) -> None:
        """Finish the tables of a run that have no rows, once."""
        nothing = ContentHash().hex()
        query = sa.select(run_tables).where(
            run_tables.c.run_id == run_id, run_tables.c.batches == 0, run_tables.c.content_hash == ""
        )
        with self._database.write() as connection:
            for table in connection.execute(query.order_by(run_tables.c.position)).all():
                connection.execute(_of_table(run_id, table.name).values(content_hash=nothing))
                append(connection, run_id, TableFinished(table.name, 0, 0, nothing))

    def of_run(self, run_id: int) -> list[StagedFile]:
        """Files of a run in the order of its tables and batches."""
        with self._database.read() as connection:
            query = _files().where(staged_files.c.run_id == run_id)
            return [file_of(row) for row in connection.execute(query.order_by(*_FORWARD))]

    def uris(self) -> set[str]:
        """URIs of all recorded files."""
        with self._database.read() as connection:
            return set(connection.execute(sa.select(staged_files.c.uri)).scalars())

    def shares(self, area: str) -> list[Share]:
        """Bytes of the recorded files of each run that stages below `area`, of those at work also where it has none."""
        size = sa.func.coalesce(sa.func.sum(staged_files.c.bytes), 0).label("size")
        query = (
            sa.select(runs.c.run_id, runs.c.state, size)
            .outerjoin(staged_files, runs.c.run_id == staged_files.c.run_id)
            .where(runs.c.staging_uri.startswith(area, autoescape=True))
            .group_by(runs.c.run_id, runs.c.state)
            .having(sa.or_(size > 0, runs.c.state == RunState.RUNNING))
        )
        with self._database.read() as connection:
            return [Share(row.run_id, RunState(row.state), int(row.size)) for row in connection.execute(query)]

    def page(
        self, run_id: int, experiment: str, after: FilePlace | None, limit: int
    ) -> list[tuple[FilePlace, StagedFile]]:
        """At most `limit` files after a place, newest run first."""
        query = _files().order_by(staged_files.c.run_id.desc(), *_FORWARD).limit(limit)
        if run_id:
            query = query.where(staged_files.c.run_id == run_id)
        if experiment:
            query = query.where(sa.func.lower(runs.c.experiment) == experiment.lower())
        if after:
            query = query.where(_beyond(after))
        with self._database.read() as connection:
            return [
                (FilePlace(row.run_id, row.position, row.batch_index), file_of(row))
                for row in connection.execute(query)
            ]


_FORWARD = (run_tables.c.position, staged_files.c.batch_index)


def _files() -> "sa.Select[Any]":
    of_table = (run_tables.c.run_id == staged_files.c.run_id) & (run_tables.c.name == staged_files.c.table_name)
    return (
        sa.select(staged_files, runs.c.experiment, run_tables.c.position)
        .join(runs, runs.c.run_id == staged_files.c.run_id)
        .join(run_tables, of_table)
    )


def _beyond(place: FilePlace) -> sa.ColumnElement[bool]:
    in_table = (run_tables.c.position == place.position) & (staged_files.c.batch_index > place.batch_index)
    in_run = (staged_files.c.run_id == place.run_id) & ((run_tables.c.position > place.position) | in_table)
    return (staged_files.c.run_id < place.run_id) | in_run


def _of_table(run_id: int, table: str) -> sa.Update:
    return sa.update(run_tables).where(run_tables.c.run_id == run_id, run_tables.c.name == table)


def _is_recorded(connection: sa.Connection, file: StagedFile) -> bool:
    query = sa.select(staged_files.c.run_id).where(
        staged_files.c.run_id == file.run_id,
        staged_files.c.table_name == file.table,
        staged_files.c.batch_index == file.batch_index,
    )
    return connection.execute(query).first() is not None


def _file_values(file: StagedFile) -> dict[str, Any]:
    names = ("run_id", "batch_index", "first_row", "rows", "uri", "bytes", "checksum")
    return {name: getattr(file, name) for name in names} | {"table_name": file.table, "create_time": now()}


def _advance(connection: sa.Connection, file: StagedFile, content: ContentHash) -> None:
    """Add a batch to its table's progress; the last one finishes the table and settles its number of rows."""
    this_table = (run_tables.c.run_id == file.run_id) & (run_tables.c.name == file.table)
    table = connection.execute(sa.select(run_tables).where(this_table)).one()
    if table.partial_hash:
        content.merge(ContentHash.load(table.partial_hash))
    rows_done, batches_done = table.rows_done + file.rows, table.batches_done + 1
    finished = content.hex() if batches_done == table.batches else ""
    values = {
        "rows": rows_done if finished else table.rows,
        "rows_done": rows_done,
        "batches_done": batches_done,
        "bytes_done": table.bytes_done + file.bytes,
        "partial_hash": content.dump(),
        "content_hash": finished,
    }
    connection.execute(sa.update(run_tables).where(this_table).values(values))
    if finished:
        append(connection, file.run_id, TableFinished(file.table, rows_done, batches_done, finished))
