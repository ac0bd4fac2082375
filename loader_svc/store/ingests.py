"""Ingests and the files they know. What was found in a file commits together with the load that brings it.

The files of one load are a run of their own, of kind INGEST and id 0, so that lanes, jobs and warehouses need not know
where batches come from.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa

from dwsim_wire.clock import now
from loader_svc.core.faults import IngestExists, UnknownIngest
from loader_svc.core.ingests import (
    INGEST,
    FileState,
    Ingest,
    IngestedFile,
    NewIngest,
    ReadFile,
    after_failure,
    changed,
    is_due,
    next_loads,
    taken,
)
from loader_svc.core.loads import ENDED, LOADABLE_FORMAT, Failure, LoadState, Mode, Route
from loader_svc.core.naming import shown
from loader_svc.store import lineage, places
from loader_svc.store import tables as t
from loader_svc.store.accept import insert_load, read_run
from loader_svc.store.ingest_records import file_values, read_file, read_ingest
from loader_svc.store.records import read_failure, write_failure


class IngestStore:
    """Ingests, from their making to their deletion."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def create(self, new: NewIngest) -> Ingest:
        """Keep a new ingest."""
        values = {name: getattr(new, name) for name in NewIngest.__dataclass_fields__ if name != "table"}
        values |= {"table_name": new.table, "paused": False, "failure": "", "create_time": now(), "look_time": 0}
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.insert(t.ingests).values(values))
                return _get(connection, new.name)
        except sa.exc.IntegrityError:
            raise IngestExists(
                f"there is an ingest {new.name!r} already",
                hint="take another name, or delete the other",
                metadata={"ingest": new.name},
            ) from None

    def get(self, name: str) -> Ingest:
        """One ingest, by its name."""
        with self._engine.begin() as connection:
            return _get(connection, name)

    def page(self, experiment: str, after: str, limit: int) -> list[Ingest]:
        """Ingests with names after `after`, by name."""
        query = sa.select(t.ingests).order_by(sa.func.lower(t.ingests.c.name)).limit(limit)
        if experiment:
            query = query.where(sa.func.lower(t.ingests.c.experiment) == experiment.lower())
        with self._engine.begin() as connection:
            rows = connection.execute(query.where(sa.func.lower(t.ingests.c.name) > after.lower())).all()
            return [_settled(connection, row) for row in rows]

    def at_work(self) -> list[Ingest]:
        """Ingests that are not paused."""
        with self._engine.begin() as connection:
            rows = connection.execute(sa.select(t.ingests).where(~t.ingests.c.paused)).all()
            return [read_ingest(connection, row) for row in rows]

    def pause(self, name: str) -> Ingest:
        """Stop looking."""
        with self._engine.begin() as connection:
            _set(connection, _get(connection, name).ingest_id, paused=True)
            return _get(connection, name)

    def resume(self, name: str) -> Ingest:
        """Look again; refused files count as unknown."""
        with self._engine.begin() as connection:
            ingest_id = _get(connection, name).ingest_id
            _set(connection, ingest_id, paused=False)
            refused = (t.ingested_files.c.ingest_id == ingest_id) & (t.ingested_files.c.state == FileState.REFUSED)
            connection.execute(sa.delete(t.ingested_files).where(refused))
            return _get(connection, name)

    def delete(self, name: str) -> None:
        """Forget an ingest and its files."""
        with self._engine.begin() as connection:
            _delete(connection, _get(connection, name).ingest_id)

    def files(
        self, ingest_id: int, states: Collection[str] = (), after: str = "", limit: int = 0
    ) -> list[IngestedFile]:
        """Files by their URIs, of some states (all if empty), at most `limit` (all if 0)."""
        query = sa.select(t.ingested_files).where(t.ingested_files.c.ingest_id == ingest_id)
        query = query.where(t.ingested_files.c.uri > after).order_by(t.ingested_files.c.uri)
        query = query.where(t.ingested_files.c.state.in_(states)) if states else query
        with self._engine.begin() as connection:
            _settle(connection, ingest_id)
            return [read_file(row) for row in connection.execute(query.limit(limit) if limit else query)]

    def bury(self) -> None:
        """Forget the ingests of experiments that are deleted."""
        buried = sa.select(t.tombstones.c.experiment_id)
        gone = sa.select(t.ingests.c.ingest_id).where(t.ingests.c.experiment_id.in_(buried))
        with self._engine.begin() as connection:
            for ingest_id in connection.scalars(gone).all():
                _delete(connection, ingest_id)

    def looked(self, ingest_id: int, failure: Failure | None) -> None:
        """Record when an ingest looked, and why it saw nothing."""
        with self._engine.begin() as connection:
            _set(connection, ingest_id, look_time=now(), failure=write_failure(failure))

    def take(self, ingest: Ingest, read: Sequence[ReadFile], look_microseconds: int) -> bool:
        """Record what was read, and give loads to new files and to those of failed loads; whether there are loads."""
        with self._engine.begin() as connection:
            if _is_gone(connection, ingest):
                return False
            _settle(connection, ingest.ingest_id)
            known = _known(connection, ingest.ingest_id)
            new: list[IngestedFile] = []
            for file in read:
                became = _record(connection, ingest.ingest_id, file, known.get(file.sight.uri))
                new += [became] if became.state is FileState.LOADING else []
            loads = [*([new] if new else []), *_again(known, look_microseconds)]
            for files in loads:
                _load(connection, ingest, files)
            return bool(loads)


def _is_gone(connection: sa.Connection, ingest: Ingest) -> bool:
    """Whether an ingest was paused or deleted, or its experiment was, since the look began."""
    at_work = sa.select(t.ingests.c.ingest_id).where(t.ingests.c.ingest_id == ingest.ingest_id, ~t.ingests.c.paused)
    return connection.execute(at_work).first() is None or places.is_buried(connection, ingest.made_of.experiment_id)


def _settle(connection: sa.Connection, ingest_id: int) -> None:
    """Say what became of the files of loads that have ended."""
    mine = (t.ingested_files.c.ingest_id == ingest_id) & (t.ingested_files.c.state == FileState.LOADING)
    ended = (
        sa.select(t.loads.c.load_id, t.loads.c.state, t.loads.c.failure, sa.func.count().label("files"))
        .join(t.ingested_files, t.ingested_files.c.load_id == t.loads.c.load_id)
        .where(mine, t.loads.c.state.in_(ENDED))
        .group_by(t.loads.c.load_id, t.loads.c.state, t.loads.c.failure)
    )
    for load in connection.execute(ended).all():
        failure = read_failure(load.failure)
        state = FileState.LOADED
        if load.state != LoadState.COMPLETED and failure:
            state = after_failure(failure, load.files)
        values = {"state": state, "failure": load.failure, "time": now()}
        of_load = mine & (t.ingested_files.c.load_id == load.load_id)
        connection.execute(sa.update(t.ingested_files).where(of_load).values(values))


def _record(connection: sa.Connection, ingest_id: int, read: ReadFile, known: IngestedFile | None) -> IngestedFile:
    """Keep what was read of a file."""
    state = taken(read, known)
    file = IngestedFile(read, state, time=now())
    if known and state in {FileState.LOADED, FileState.CHANGED}:
        failure = changed(known, read.sight) if state is FileState.CHANGED else None
        kept = ReadFile(read.sight, known.read.checksum, known.read.rows, failure)
        file = IngestedFile(kept, state, known.load_id, known.tries, known.time)
    if known:
        _update(connection, ingest_id, file)
    else:
        connection.execute(sa.insert(t.ingested_files).values(ingest_id=ingest_id, **file_values(file)))
    return file


def _again(known: dict[str, IngestedFile], look_microseconds: int) -> list[list[IngestedFile]]:
    """Loads for the files of failed ones."""
    failed: dict[int, list[IngestedFile]] = {}
    for file in known.values():
        if file.state is FileState.WAITING and is_due(file, now(), look_microseconds):
            failed.setdefault(file.load_id, []).append(file)
    return [files for group in failed.values() for files in next_loads(group)]


def _load(connection: sa.Connection, ingest: Ingest, files: list[IngestedFile]) -> None:
    """Make a run of some files, and a load of it."""
    of = ingest.made_of
    rows = sum(file.read.rows for file in files)
    values = {
        "run_id": 0,
        "fingerprint": f"{INGEST} {ingest.ingest_id} {uuid.uuid4().hex}",
        "experiment": of.experiment,
        "experiment_id": of.experiment_id,
        "kind": INGEST,
        "state": "COMPLETED",
        "failure": "",
        "document": of.document,
        "deleted": False,
        "replaced": False,
        "base_key": lineage.ANY_BASE,
        "format": LOADABLE_FORMAT,
        "delete_after_load": False,
        "reported": False,
    }
    run = connection.execute(sa.insert(t.runs).values(values).returning(t.runs)).one()
    parts = [(file.read.sight.uri, part) for file in files for part in file.read.parts()]
    pinned = {"run_key": run.run_key, "name": of.table, "position": 0, "rows": rows, "batches": len(parts)}
    connection.execute(sa.insert(t.run_tables).values(pinned))
    first_row = 0
    for index, (uri, part) in enumerate(parts):
        key = {"run_key": run.run_key, "table_name": of.table, "batch_index": index}
        connection.execute(sa.insert(t.batches).values(uri=uri, first_row=first_row, **key, **asdict(part)))
        first_row += part.rows
    route = Route(of.warehouse, of.namespace)
    load_id = insert_load(connection, read_run(connection, run), route, Mode.APPEND, automatic=True, ingest=of.name)
    for file in files:
        kept = replace(file.read, failure=None)
        _update(connection, ingest.ingest_id, IngestedFile(kept, FileState.LOADING, load_id, file.tries + 1, now()))


def _get(connection: sa.Connection, name: str) -> Ingest:
    row = connection.execute(sa.select(t.ingests).where(sa.func.lower(t.ingests.c.name) == name.lower())).first()
    if row is None:
        raise UnknownIngest(
            f"there is no ingest {shown(name)!r}", hint="`ListIngests` lists them", metadata={"ingest": shown(name)}
        )
    return _settled(connection, row)


def _settled(connection: sa.Connection, row: sa.Row[Any]) -> Ingest:
    _settle(connection, row.ingest_id)
    return read_ingest(connection, row)


def _known(connection: sa.Connection, ingest_id: int) -> dict[str, IngestedFile]:
    query = sa.select(t.ingested_files).where(t.ingested_files.c.ingest_id == ingest_id)
    return {row.uri: read_file(row) for row in connection.execute(query.order_by(t.ingested_files.c.uri))}


def _set(connection: sa.Connection, ingest_id: int, **values: object) -> None:
    connection.execute(sa.update(t.ingests).where(t.ingests.c.ingest_id == ingest_id).values(values))


def _update(connection: sa.Connection, ingest_id: int, file: IngestedFile) -> None:
    one = (t.ingested_files.c.ingest_id == ingest_id) & (t.ingested_files.c.uri == file.read.sight.uri)
    connection.execute(sa.update(t.ingested_files).where(one).values(file_values(file)))


def _delete(connection: sa.Connection, ingest_id: int) -> None:
    for table in (t.ingested_files, t.ingests):
        connection.execute(sa.delete(table).where(table.c.ingest_id == ingest_id))
