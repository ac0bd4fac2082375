"""Scratches in PostgreSQL: a schema each, owned by a role of its own that has no other right.

A session that writes takes on that role for its transaction, so the server itself refuses whatever would read or write
an experiment or another scratch. With a login that may not make roles and schemas, scratches are refused.
"""

import contextlib
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import adbc_driver_manager
import adbc_driver_postgresql
import pyarrow as pa

from query_svc.core.catalog import Column, Table
from query_svc.core.faults import WriteRefused
from query_svc.core.types import Kind
from query_svc.core.writes.plan import ROW_ID
from query_svc.warehouses.arrow_columns import arrow_type
from query_svc.warehouses.postgres import patient, rows_of
from query_svc.warehouses.postgres_faults import DRIVER_ERRORS, fault_of
from query_svc.warehouses.reader import Stop
from query_svc.warehouses.scratch_rows import refuse_twins, without_nulls

PREFIX = "dw_scratch_"
STAGE = "_dwsim_stage"
SPARE_SECONDS = 60
LOCK_SECONDS = 2
_DECLARED = {
    Kind.BOOLEAN: "boolean",
    Kind.INT16: "smallint",
    Kind.INT32: "integer",
    Kind.INT64: "bigint",
    Kind.FLOAT32: "real",
    Kind.FLOAT64: "double precision",
    Kind.BINARY: "bytea",
    Kind.DATE: "date",
    Kind.TIME: "time",
    Kind.TIMESTAMP: "timestamp",
    Kind.TIMESTAMP_TZ: "timestamptz",
    Kind.UUID: "uuid",
    Kind.INTERVAL: "interval",
    **dict.fromkeys((Kind.JSON, Kind.ARRAY, Kind.VECTOR), "jsonb"),
}
_MAY_MAKE = (
    "SELECT (rolsuper OR rolcreaterole) AND pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')"
    " FROM pg_catalog.pg_roles WHERE rolname = current_user"
)
_READ_FROM_TEXT = frozenset({Kind.JSON, Kind.ARRAY, Kind.VECTOR, Kind.UUID, Kind.INTERVAL})


class PostgresScratches:
    """Schemas of one database."""

    def __init__(self, url: str) -> None:
        self._url = patient(url)

    def namespace(self, scratch_id: str) -> str:
        """Name of the schema and of its role."""
        return f"{PREFIX}{scratch_id}"

    @contextlib.contextmanager
    def write(self, namespace: str, stop: Stop) -> Iterator["PostgresWriting"]:
        """One transaction as the role of the scratch."""
        try:
            with self._connected() as connection:
                stop.check()
                with _ended_with(stop, connection):
                    _enter(connection, namespace, stop)
                    yield PostgresWriting(connection, namespace, stop)
                    stop.check()
                    connection.commit()
        except DRIVER_ERRORS as error:
            raise fault_of(error, stop) from error

    def remove(self, namespace: str) -> None:
        """Drop schema and role; a table that is read for longer than a moment is not dropped."""
        try:
            with self._connected() as connection:
                rows_of(connection, f"SELECT pg_catalog.set_config('lock_timeout', '{LOCK_SECONDS}s', true)")
                rows_of(connection, f"DROP SCHEMA IF EXISTS {_quoted(namespace)} CASCADE")
                rows_of(connection, f"DROP ROLE IF EXISTS {_quoted(namespace)}")
                connection.commit()
        except DRIVER_ERRORS as error:
            raise fault_of(error, Stop(SPARE_SECONDS)) from error

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Any]:
        database = adbc_driver_postgresql.connect(self._url)
        with (
            contextlib.closing(database),
            contextlib.closing(adbc_driver_manager.AdbcConnection(database)) as connection,
        ):
            connection.set_autocommit(False)
            yield connection


def _enter(connection: Any, namespace: str, stop: Stop) -> None:
    """Make schema and role where they are missing, then give up every other right until the transaction ends."""
    name = _quoted(namespace)
    rows_of(connection, f"SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('{namespace}'))")
    if not rows_of(connection, f"SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = '{namespace}'"):  # noqa: S608  # ours
        if rows_of(connection, _MAY_MAKE) != [(True,)]:
            raise WriteRefused(
                "the service's login may make no roles, so the server could not keep statements out of the experiments",
                hint="ALTER ROLE … CREATEROLE for the login and GRANT it CREATE ON DATABASE, or use SQLite",
            )
        rows_of(connection, f"CREATE ROLE {name} NOLOGIN")
        rows_of(connection, f"GRANT {name} TO CURRENT_USER")
        rows_of(connection, f"CREATE SCHEMA {name} AUTHORIZATION {name}")
    for setting, value in {
        "search_path": namespace,
        "statement_timeout": f"{int(stop.seconds + SPARE_SECONDS)}s",
        "TimeZone": "UTC",
        "role": namespace,
    }.items():
        rows_of(connection, f"SELECT pg_catalog.set_config('{setting}', '{value}', true)")


@contextlib.contextmanager
def _ended_with(stop: Stop, connection: Any) -> Iterator[None]:
    """Cancel what runs on the connection once the statement is to end."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            if stop.due():
                with contextlib.suppress(*DRIVER_ERRORS):
                    connection.cancel()

    watcher = threading.Thread(target=watch, name="scratch-watch", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


class PostgresWriting:
    """Statements of our own in one schema."""

    def __init__(self, connection: Any, namespace: str, stop: Stop) -> None:
        self._connection, self._schema, self._stop = connection, namespace, stop

    def drop(self, table: str) -> None:
        """Drop a table."""
        self._run(f"DROP TABLE IF EXISTS {self._at(table)}")

    def make(self, table: Table) -> None:
        """Make a table."""
        columns = [f'"{ROW_ID}" bigint GENERATED ALWAYS AS IDENTITY', *(_declared(c) for c in table.columns)]
        self._run(f"CREATE TABLE {self._at(table.target)} ({', '.join(columns)})")

    def clear(self, table: Table) -> int:
        """Remove all rows."""
        return self._run(f"DELETE FROM {self._at(table.target)}")  # noqa: S608 - quoted

    def append(self, table: Table, columns: tuple[str, ...], batches: Iterable[pa.RecordBatch]) -> int:
        """Append rows."""
        names = ", ".join(_quoted(_low(name)) for name in columns)
        values = ", ".join(_values(table, columns))
        into = self._at(table.target)
        return self._staged(
            f"INSERT INTO {into} ({names}) SELECT {values} FROM {self._at(STAGE)} s",  # noqa: S608 - quoted
            (_for_stage(batch, table, columns) for batch in batches),
        )

    def update(self, table: Table, columns: tuple[str, ...], batches: Iterable[pa.RecordBatch]) -> int:
        """Change rows by their ids."""
        pairs = zip(columns, _values(table, columns), strict=True)
        sets = ", ".join(f"{_quoted(_low(name))} = {value}" for name, value in pairs)
        into = self._at(table.target)
        return self._staged(
            f'UPDATE {into} t SET {sets} FROM {self._at(STAGE)} s WHERE t."{ROW_ID}" = s.id',  # noqa: S608 - quoted
            (_for_stage(b, table, columns) for b in refuse_twins(without_nulls(batches))),
        )

    def remove(self, table: Table, batches: Iterable[pa.RecordBatch]) -> int:
        """Remove rows by their ids."""
        into = self._at(table.target)
        return self._staged(
            f'DELETE FROM {into} WHERE "{ROW_ID}" IN (SELECT id FROM {self._at(STAGE)})',  # noqa: S608 - quoted
            (_for_stage(batch, table, ()) for batch in without_nulls(batches)),
        )

    def _staged(self, sql: str, batches: Iterable[pa.RecordBatch]) -> int:
        """Send rows into a table beside the others, then apply them at once."""
        rest = iter(batches)
        first = next(rest, None)
        if first is None:
            return 0
        reader = pa.RecordBatchReader.from_batches(first.schema, self._each(first, rest))
        with contextlib.closing(adbc_driver_manager.AdbcStatement(self._connection)) as statement:
            options = adbc_driver_manager.StatementOptions
            statement.set_options(
                **{
                    options.INGEST_TARGET_TABLE.value: STAGE,
                    options.INGEST_TARGET_DB_SCHEMA.value: self._schema,
                    options.INGEST_MODE.value: "adbc.ingest.mode.create",
                }
            )
            statement.bind_stream(reader)
            statement.execute_update()
        changed = self._run(sql)
        self._run(f"DROP TABLE {self._at(STAGE)}")
        return changed

    def _each(self, first: pa.RecordBatch, rest: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield first
        for batch in rest:
            self._stop.check()
            yield batch

    def _run(self, sql: str) -> int:
        self._stop.check()
        with contextlib.closing(adbc_driver_manager.AdbcStatement(self._connection)) as statement:
            statement.set_sql_query(sql)
            return max(int(statement.execute_update()), 0)

    def _at(self, table: str) -> str:
        return f"{_quoted(self._schema)}.{_quoted(_low(table))}"


def _low(name: str) -> str:
    """Name as translations write it for PostgreSQL."""
    return name.lower()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _declared(column: Column) -> str:
    kind = column.type
    words = _DECLARED.get(kind.kind, "text")
    if kind.is_decimal:
        words = f"numeric({kind.precision},{kind.scale})"
    elif kind.kind is Kind.STRING and kind.length:
        words = f"char({kind.length})" if kind.fixed_length else f"varchar({kind.length})"
    name = _quoted(_low(column.name))
    short = f" CHECK (octet_length({name}) <= {kind.bytes})" if kind.bytes else ""
    return f"{name} {words}{short}{' NOT NULL' if column.required else ''}"


def _values(table: Table, columns: tuple[str, ...]) -> Iterator[str]:
    """Columns of the stage as values of the table's."""
    known = {column.name: column.type for column in table.columns}
    for place, name in enumerate(columns):
        kind = known[name]
        yield f"s.c{place}::{_DECLARED[kind.kind]}" if kind.kind in _READ_FROM_TEXT else f"s.c{place}"


def _for_stage(batch: pa.RecordBatch, table: Table, columns: tuple[str, ...]) -> pa.RecordBatch:
    """Rows under the names of the stage, in the types of the columns."""
    known = {column.name: column.type for column in table.columns}
    ahead = batch.num_columns - len(columns)
    arrays = [batch.column(0)] if ahead else []
    arrays += [batch.column(ahead + place).cast(arrow_type(known[name])) for place, name in enumerate(columns)]
    names = [*(["id"] if ahead else []), *(f"c{place}" for place in range(len(columns)))]
    return pa.RecordBatch.from_arrays(arrays, names)
