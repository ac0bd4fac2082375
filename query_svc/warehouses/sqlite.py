"""Reading SQLite: one file per experiment, opened read-only.

Only reading: the file is opened with mode=ro and query_only, and an authorizer lets a statement SELECT, call functions
and read the tables that its translation named: no ATTACH, PRAGMA, schema table or table of the loader's own.
Ending: a progress handler looks at the statement's Stop every few thousand instructions, and `interrupt` wakes it.
"""

import logging
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa

from dwsim_wire.fault import Fault
from query_svc.core.faults import ExecutionFailed, UnknownTable, WarehouseUnavailable, WriteRefused
from query_svc.core.types import UNKNOWN, Kind, SqlType
from query_svc.warehouses.arrow_columns import arrow_column, arrow_type, settle
from query_svc.warehouses.reader import CHUNK_BYTES, Statement, Stop
from query_svc.warehouses.sqlite_functions import register

log = logging.getLogger("dwsim.query.sqlite")

FIRST_ROWS = 64
MOST_ROWS = 65_536
GROWTH = 8
INSTRUCTIONS = 10_000
LONGEST_VALUE = 32 << 20
CACHE_KIB = 32_768
MAPPED_BYTES = 64 << 20
"""The beginning of a file; all of a large one would count as memory of the service once it was read."""
_READING = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
_UNSAFE = frozenset(
    {
        "load_extension",
        "fts3_tokenizer",
        "sqlite_log",
        "readfile",
        "writefile",
        "edit",
        "fts5",
        "rtreecheck",
        "optimize",
    }
)


_BROKEN = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_IOERR})
"""Codes of errors that are the file's, not the statement's."""


class SqliteReader:
    """Statements on the files below a warehouse directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def run(self, statement: Statement, stop: Stop) -> "SqliteResult":
        """Begin a statement; the first rows are there when this returns."""
        session = Session(self, statement, stop)
        try:
            return SqliteResult(session, session.execute(statement.sql), statement)
        except BaseException:
            session.close()
            raise

    def close(self) -> None:
        """Nothing is kept between statements."""

    def explain(self, statement: Statement, stop: Stop) -> str:
        """Query plan as a tree of lines."""
        session = Session(self, statement, stop)
        try:
            rows = session.execute(f"EXPLAIN QUERY PLAN {statement.sql}").fetchall()
        finally:
            session.close()
        depth = {0: -1}
        lines = []
        for node, parent, _, detail in rows:
            depth[node] = depth.get(parent, -1) + 1
            lines.append("  " * depth[node] + detail)
        return "\n".join(lines)

    def file_of(self, namespace: str) -> str:
        """URI of a namespace's file, for reading; a namespace is a file's path relative to the directory."""
        path = self.directory / namespace
        if not path.resolve().is_relative_to(self.directory.resolve()) or not path.is_file():
            raise WarehouseUnavailable(
                f"the SQLite file of {namespace!r} is not there",
                hint="load the experiment again, or give loader and query service one warehouse directory",
                metadata={"warehouse": "SQLITE"},
            )
        return f"{path.resolve().as_uri()}?mode=ro"


class Session:
    """One read-only connection for one statement."""

    def __init__(self, reader: SqliteReader, statement: Statement, stop: Stop) -> None:
        self.stop = stop
        self._tables = statement.tables
        self._denied: list[str] = []
        self._problems: list[str] = []
        files = {name.lower(): reader.file_of(namespace) for name, namespace in statement.databases.items()}
        try:
            self.connection = sqlite3.connect(
                files.pop("main", ":memory:"), uri=True, check_same_thread=False, isolation_level=None
            )
            self._prepare(files, statement)
        except sqlite3.Error as error:
            raise self._fault(error) from error
        stop.on_end(self.connection.interrupt)

    def _prepare(self, files: dict[str, str], statement: Statement) -> None:
        connection = self.connection
        for name, uri in files.items():
            connection.execute(f'ATTACH ? AS "{name}"', (uri,))
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute("PRAGMA busy_timeout = 5000")
        connection.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")
        if not statement.native:
            connection.execute("PRAGMA case_sensitive_like = ON")
        connection.execute("PRAGMA query_only = ON")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
        register(connection, datetime.now(UTC), self._problems)
        connection.set_progress_handler(self.stop.due, INSTRUCTIONS)
        connection.set_authorizer(self._authorize)

    def _authorize(self, action: int, first: str | None, second: str | None, database: str | None, _: Any) -> int:
        if action == sqlite3.SQLITE_READ:
            # tables are written with their database: what is counted without one is a name of WITH
            if (first or "").lower() in self._tables or (database is None and not second):
                return sqlite3.SQLITE_OK
            self._denied.append(first or "")
            return sqlite3.SQLITE_DENY
        if action in _READING and (second or "").lower() not in _UNSAFE:
            return sqlite3.SQLITE_OK
        self._denied.append("")
        return sqlite3.SQLITE_DENY

    def execute(self, sql: str) -> sqlite3.Cursor:
        """Run one statement."""
        try:
            return self.connection.execute(sql)
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def fetch(self, cursor: sqlite3.Cursor, rows: int) -> list[tuple[Any, ...]]:
        """Fetch the next rows."""
        self.stop.check()
        try:
            return cursor.fetchmany(rows)
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def _fault(self, error: sqlite3.Error) -> Fault:
        """Say what went wrong in words of ours; the driver's go to the log alone."""
        if self.stop.fault:
            return self.stop.fault
        log.warning("statement failed", extra={"facts": {"error": str(error)}})
        if self._problems:
            return ExecutionFailed(self._problems[-1], hint="change the values that the statement computes with")
        if self._denied:
            return _denied(self._denied[-1])
        words = str(error)
        if "integer overflow" in words:
            return ExecutionFailed(
                "a sum is too large: exact arithmetic on SQLite has 18 digits", hint="CAST to DOUBLE PRECISION"
            )
        if "no such table" in words or "no such column" in words:
            return ExecutionFailed("a table changed while the statement was read", hint="send it again")
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _BROKEN:
            return WarehouseUnavailable(
                "the SQLite file is broken: it is not a database, or cannot be read",
                hint="load the experiment again with mode OVERWRITE, or delete it",
                metadata={"warehouse": "SQLITE"},
            )
        if isinstance(error, sqlite3.OperationalError) and ("locked" in words or "unable to open" in words):
            return WarehouseUnavailable(
                "the SQLite file cannot be read now", hint="try again", metadata={"warehouse": "SQLITE"}
            )
        return ExecutionFailed("SQLite could not run the statement", hint="TranslateQuery shows what it was given")

    def close(self) -> None:
        """Close the connection; a statement under way ends."""
        self.stop.on_end(None)
        self.connection.close()


def _denied(table: str) -> Fault:
    if table:
        return UnknownTable(f"there is no table {table!r}", metadata={"table": table})
    return WriteRefused("the statement does more than read; only reading is allowed", hint="send a SELECT")


class SqliteResult:
    """Rows of a running statement as batches of about a megabyte, read as they are asked for."""

    def __init__(self, session: Session, cursor: sqlite3.Cursor, statement: Statement) -> None:
        self._session, self._cursor = session, cursor
        self._first = session.fetch(cursor, FIRST_ROWS)
        self.columns = _settled(statement.columns or _described(cursor), self._first)
        names = [name for name, _ in self.columns]
        self.schema = pa.schema(
            [pa.field(name, arrow_type(kind)) for name, (_, kind) in zip(names, self.columns, strict=True)]
        )

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows; the number of rows in a batch follows their size."""
        rows, count = self._first, FIRST_ROWS
        self._first = []
        while rows:
            batch = self._batch(rows)
            yield from _cut(batch)
            per_row = max(batch.nbytes // batch.num_rows, 1)
            count = max(1, min(count * GROWTH, CHUNK_BYTES // per_row, MOST_ROWS))
            rows = self._session.fetch(self._cursor, count)

    def _batch(self, rows: list[tuple[Any, ...]]) -> pa.RecordBatch:
        arrays = [
            arrow_column(values, kind, name)
            for (name, kind), values in zip(self.columns, zip(*rows, strict=True), strict=True)
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()


def _described(cursor: sqlite3.Cursor) -> tuple[tuple[str, SqlType], ...]:
    return tuple((facts[0], UNKNOWN) for facts in cursor.description)


def _settled(columns: tuple[tuple[str, SqlType], ...], rows: list[tuple[Any, ...]]) -> tuple[tuple[str, SqlType], ...]:
    """Give UNKNOWN columns the type that the first rows tell."""
    return tuple(
        (name, settle([row[place] for row in rows]) if kind.kind is Kind.UNKNOWN else kind)
        for place, (name, kind) in enumerate(columns)
    )


def _cut(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Cut a batch that came out much larger than a chunk."""
    if batch.nbytes <= 2 * CHUNK_BYTES or batch.num_rows == 1:
        yield batch
        return
    half = batch.num_rows // 2
    yield from chain(_cut(batch.slice(0, half)), _cut(batch.slice(half)))
