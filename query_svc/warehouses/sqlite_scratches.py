"""Scratches in SQLite: a file each. The connection that writes has opened no other file, so it can write no other."""

import contextlib
import logging
import sqlite3
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from dwsim_wire.fault import Fault
from query_svc.core.catalog import Column, Table
from query_svc.core.faults import ExecutionFailed, WarehouseUnavailable
from query_svc.core.texts import texts
from query_svc.core.types import DOUBLE_DIGITS, INTEGER_DIGITS, Kind, SqlType
from query_svc.core.writes.plan import ROW_ID
from query_svc.warehouses.reader import Stop
from query_svc.warehouses.scratch_rows import refuse_twins, without_nulls

log = logging.getLogger("dwsim.query.sqlite_scratches")

FOLDER = "scratch"
INSTRUCTIONS = 10_000
_AFFINITIES = {
    **dict.fromkeys((Kind.BOOLEAN, Kind.INT16, Kind.INT32, Kind.INT64), "INTEGER"),
    **dict.fromkeys((Kind.FLOAT32, Kind.FLOAT64), "REAL"),
    Kind.BINARY: "BLOB",
}


class SqliteScratches:
    """Files below `scratch` in the warehouse directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def namespace(self, scratch_id: str) -> str:
        """Path of the file in the directory."""
        return f"{FOLDER}/{scratch_id}.db"

    @contextlib.contextmanager
    def write(self, namespace: str, stop: Stop) -> Iterator["SqliteWriting"]:
        """One transaction on the file."""
        path = self._directory / namespace
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
        except (OSError, sqlite3.Error) as error:
            raise _fault(error, stop) from error
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.set_progress_handler(stop.due, INSTRUCTIONS)
            connection.execute("BEGIN IMMEDIATE")
            yield SqliteWriting(connection, stop)
            stop.check()
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise _fault(error, stop) from error
        finally:
            connection.close()

    def remove(self, namespace: str) -> None:
        """Delete the file."""
        path = self._directory / namespace
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)


class SqliteWriting:
    """Statements of our own on one file."""

    def __init__(self, connection: sqlite3.Connection, stop: Stop) -> None:
        self._connection, self._stop = connection, stop

    def drop(self, table: str) -> None:
        """Drop a table."""
        self._connection.execute(f"DROP TABLE IF EXISTS {_quoted(table)}")

    def make(self, table: Table) -> None:
        """Make a table; the longest text of a column is checked, in bytes where they count."""
        columns = [f'"{ROW_ID}" INTEGER PRIMARY KEY AUTOINCREMENT', *(_declared(c) for c in table.columns)]
        self._connection.execute(f"CREATE TABLE {_quoted(table.target)} ({', '.join(columns)})")

    def clear(self, table: Table) -> int:
        """Remove all rows."""
        return self._connection.execute(f"DELETE FROM {_quoted(table.target)}").rowcount  # noqa: S608  # quoted

    def append(self, table: Table, columns: tuple[str, ...], batches: Iterable[pa.RecordBatch]) -> int:
        """Append rows."""
        names = ", ".join(_quoted(name) for name in columns)
        marks = ", ".join("?" for _ in columns)
        sql = f"INSERT INTO {_quoted(table.target)} ({names}) VALUES ({marks})"  # noqa: S608  # quoted
        return self._many(sql, (_stored_rows(batch, table, columns) for batch in batches))

    def update(self, table: Table, columns: tuple[str, ...], batches: Iterable[pa.RecordBatch]) -> int:
        """Change rows by their ids."""
        sets = ", ".join(f"{_quoted(name)} = ?{place}" for place, name in enumerate(columns, 2))
        sql = f'UPDATE {_quoted(table.target)} SET {sets} WHERE "{ROW_ID}" = ?1'  # noqa: S608  # quoted
        return self._many(sql, (_stored_rows(b, table, columns) for b in refuse_twins(without_nulls(batches))))

    def remove(self, table: Table, batches: Iterable[pa.RecordBatch]) -> int:
        """Remove rows by their ids."""
        sql = f'DELETE FROM {_quoted(table.target)} WHERE "{ROW_ID}" = ?'  # noqa: S608  # quoted
        return self._many(sql, (_stored_rows(batch, table, ()) for batch in without_nulls(batches)))

    def _many(self, sql: str, groups: Iterable[list[tuple[Any, ...]]]) -> int:
        before = self._connection.total_changes
        for rows in groups:
            self._stop.check()
            self._connection.executemany(sql, rows)
        return self._connection.total_changes - before


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _declared(column: Column) -> str:
    kind = column.type
    affinity = _AFFINITIES.get(kind.kind, "TEXT")
    if kind.is_decimal:
        affinity = "" if _is_wide(kind) else "REAL" if kind.scale else "INTEGER"
    words = [_quoted(column.name), affinity, "NOT NULL" if column.required else ""]
    if kind.is_text and kind.length:
        measured = f"CAST({_quoted(column.name)} AS BLOB)" if kind.bytes else _quoted(column.name)
        words.append(f"CHECK (length({measured}) <= {kind.length})")
    return " ".join(word for word in words if word)


def _is_wide(kind: SqlType) -> bool:
    return kind.precision > (DOUBLE_DIGITS if kind.scale else INTEGER_DIGITS)


def _stored_rows(batch: pa.RecordBatch, table: Table, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """Rows in the forms that tables of experiments have; ids before the columns stay as they are."""
    known = {column.name: column.type for column in table.columns}
    ahead = batch.num_columns - len(columns)
    values = [batch.column(place).to_pylist() for place in range(ahead)]
    values += [_stored(batch.column(ahead + place), known[name]) for place, name in enumerate(columns)]
    return list(zip(*values, strict=True))


def _stored(values: pa.Array, kind: SqlType) -> list[Any]:
    if kind.is_decimal:
        return [None if value is None else _number(value, kind) for value in values.to_pylist()]
    if kind.is_moment or kind.kind is Kind.TIME:
        written = values if pa.types.is_null(values.type) else texts(values, kind)
        return [None if text is None else text.removesuffix("+00:00") for text in written.to_pylist()]
    if kind.kind is Kind.BOOLEAN:
        return [None if value is None else int(value) for value in values.to_pylist()]
    return list(values.to_pylist())


def _number(value: Any, kind: SqlType) -> int | float | str:
    number = Decimal(value)
    digits = len(number.normalize().as_tuple().digits)
    if not kind.scale:
        return int(number) if kind.precision <= INTEGER_DIGITS or abs(number) < 10**INTEGER_DIGITS else str(int(number))
    return float(number) if digits <= DOUBLE_DIGITS else f"{number:f}"


def _fault(error: Exception, stop: Stop) -> Fault:
    if stop.fault:
        return stop.fault
    log.warning("scratch not written", extra={"facts": {"error": str(error)}})
    words = str(error)
    if "NOT NULL constraint" in words:
        return ExecutionFailed(
            f"column {words.rpartition('.')[2]!r} takes no NULL", hint="give it a value, or filter such rows"
        )
    if "CHECK constraint" in words:
        return ExecutionFailed(
            "a text is too long for its column", hint="cut it with LEFT, or declare a longer VARCHAR"
        )
    return WarehouseUnavailable(
        "the scratch cannot be written now",
        hint="try again; is there room on the disk?",
        metadata={"warehouse": "SQLITE"},
    )
