"""Files of rejects: which load wrote which, and the loads that try them again.

A file is recorded before its batch commits in the target; a batch that is staged whole after all takes it back.
"""

from collections.abc import Collection

import sqlalchemy as sa

from loader_svc.core.faults import ExperimentDeleted, LoadNotCompleted, NoRejects, UnknownTable
from loader_svc.core.loads import Load, LoadState, Mode, Route, Run
from loader_svc.core.naming import shown
from loader_svc.core.rejects import RejectFile
from loader_svc.core.tolerance import OnError, Tolerance
from loader_svc.store import places
from loader_svc.store import tables as t
from loader_svc.store.accept import insert_load, read_run
from loader_svc.store.records import read_load, read_loads, read_reject_file

REPLAY = "REPLAY"
"""Kind of a run whose batches are files of rejects."""
NOT_DONE = {LoadState.FAILED, LoadState.ABORTED}


class RejectStore:
    """Rejects of all loads."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def put(self, load_id: int, file: RejectFile) -> None:
        """Record a file; the one of the same batch is replaced."""
        with self._engine.begin() as connection:
            forget_batch(connection, load_id, file.table, file.index)
            facts = {"uri": file.uri, "rows": file.rows, "bytes": file.bytes, "checksum": file.checksum}
            key = {"load_id": load_id, "table_name": file.table, "batch_index": file.index}
            connection.execute(sa.insert(t.rejects).values(**key, **facts))

    def others(self, load_id: int, table: str, index: int) -> int:
        """Rejects of a load, without those of one batch."""
        batch = (t.rejects.c.table_name == table) & (t.rejects.c.batch_index == index)
        rows = sa.select(sa.func.coalesce(sa.func.sum(t.rejects.c.rows), 0))
        with self._engine.begin() as connection:
            return int(connection.scalar(rows.where(t.rejects.c.load_id == load_id, ~batch)) or 0)

    def files(self, load_id: int, table: str = "") -> list[RejectFile]:
        """Files of a load, of one table if one is named, in the order of tables and batches."""
        with self._engine.begin() as connection:
            refuse_unknown_table(read_load(connection, load_id), table)
            return _files(connection, load_id, table)

    def of_experiment(self, experiment_id: str) -> list[RejectFile]:
        """Files of all loads of an experiment."""
        query = sa.select(t.rejects).join(t.loads, t.loads.c.load_id == t.rejects.c.load_id)
        with self._engine.begin() as connection:
            return [
                read_reject_file(row)
                for row in connection.execute(query.where(t.loads.c.experiment_id == experiment_id))
            ]

    def forget(self, experiment_id: str) -> None:
        """Forget the files of an experiment's loads."""
        loads = sa.select(t.loads.c.load_id).where(t.loads.c.experiment_id == experiment_id)
        with self._engine.begin() as connection:
            connection.execute(sa.delete(t.rejects).where(t.rejects.c.load_id.in_(loads)))

    def replay(self, load_id: int, table: str) -> Load:
        """A load of rejects that no other load has or had success with; else the newest that has."""
        with self._engine.begin() as connection:
            load = read_load(connection, load_id)
            refuse_unknown_table(load, table)
            if places.is_buried(connection, load.experiment_id):
                raise ExperimentDeleted(f"experiment {load.experiment!r} is deleted")
            if load.state is not LoadState.COMPLETED:
                raise LoadNotCompleted(
                    f"load {load_id} is {load.state}: its other rows are not in the target",
                    hint="retry it, or start a new load of the run",
                    metadata={"load_id": str(load_id)},
                )
            files = _files(connection, load_id, table)
            if not files:
                raise NoRejects(f"load {load_id} has no rejects", metadata={"load_id": str(load_id)})
            query = sa.select(t.loads).where(t.loads.c.replay_of == load_id, t.loads.c.state.not_in(NOT_DONE))
            known = read_loads(connection, query.order_by(t.loads.c.load_id))
            taken = {item.name for replay in known for item in replay.tables}
            left = [file for file in files if file.table not in taken]
            return _insert_replay(connection, load, left) if left else _newest(known, {file.table for file in files})


def forget_batch(connection: sa.Connection, load_id: int, table: str, index: int) -> None:
    """Forget the rejects of a batch."""
    batch = (t.rejects.c.table_name == table) & (t.rejects.c.batch_index == index)
    connection.execute(sa.delete(t.rejects).where(t.rejects.c.load_id == load_id, batch))


def _newest(known: list[Load], tables: Collection[str]) -> Load:
    return [load for load in known if any(item.name in tables for item in load.tables)][-1]


def refuse_unknown_table(load: Load, table: str) -> None:
    """Refuse a table that a load does not have."""
    names = [item.name for item in load.tables]
    if table and table not in names:
        raise UnknownTable(
            f"load {load.load_id} has no table {shown(table)!r}; it has {', '.join(names)}",
            metadata={"table": shown(table)},
        )


def _files(connection: sa.Connection, load_id: int, table: str) -> list[RejectFile]:
    of_table = (t.load_tables.c.load_id == t.rejects.c.load_id) & (t.load_tables.c.name == t.rejects.c.table_name)
    query = sa.select(t.rejects).join(t.load_tables, of_table).where(t.rejects.c.load_id == load_id)
    query = query.order_by(t.load_tables.c.position, t.rejects.c.batch_index)
    if table:
        query = query.where(t.rejects.c.table_name == table)
    return [read_reject_file(row) for row in connection.execute(query)]


def _insert_replay(connection: sa.Connection, load: Load, files: list[RejectFile]) -> Load:
    """Accept a load of a run that nobody finds by its id: it stands for the files."""
    run = _insert_run(connection, load, files)
    tolerance = Tolerance(OnError.SKIP_ROW, drift=load.tolerance.drift)
    route = Route(load.warehouse, load.namespace)
    accepted = insert_load(connection, run, route, Mode.APPEND, tolerance=tolerance, replay_of=load.load_id)
    return read_load(connection, accepted)


def _insert_run(connection: sa.Connection, load: Load, files: list[RejectFile]) -> Run:
    of_load = sa.select(t.loads.c.run_key).where(t.loads.c.load_id == load.load_id).scalar_subquery()
    origin = connection.execute(sa.select(t.runs).where(t.runs.c.run_key == of_load)).one()
    facts = {name: value for name, value in origin._mapping.items() if name != "run_key"}
    facts |= {"kind": REPLAY, "state": "COMPLETED", "replaced": True, "deleted": False}
    row = connection.execute(sa.insert(t.runs).values(facts).returning(t.runs)).one()
    for position, item in enumerate(load.tables):
        mine = [file for file in files if file.table == item.name]
        if mine:
            counts = {"rows": sum(file.rows for file in mine), "batches": len(mine)}
            key = {"run_key": row.run_key, "name": item.name, "position": position}
            connection.execute(sa.insert(t.run_tables).values(**key, **counts))
    for file in files:
        batch = {"rows": file.rows, "uri": file.uri, "bytes": file.bytes, "checksum": file.checksum, "first_row": 0}
        key = {"run_key": row.run_key, "table_name": file.table, "batch_index": file.index}
        connection.execute(sa.insert(t.batches).values(**key, **batch))
    return read_run(connection, row)
