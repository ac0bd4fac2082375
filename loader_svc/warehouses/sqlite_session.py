"""One connection to a SQLite file by ADBC, and its errors as faults.

WAL and synchronous NORMAL: a killed process never corrupts the file, an apply is durable once it is checkpointed or the
log synced. All access of this process to a warehouse file goes through ADBC's own SQLite library: a second SQLite
library in one process would drop the first one's file locks whenever it closes the file.
"""

import contextlib
import errno
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import adbc_driver_manager as adbc
import pyarrow as pa

from loader_svc.core.faults import ConstraintViolated, DiskFull, WarehouseBusy, WarehouseUnavailable
from loader_svc.core.naming import quoted

BUSY_MILLISECONDS = 1_000
WAL_KEEP_BYTES = 64 << 20
PRAGMAS = (
    f"busy_timeout = {BUSY_MILLISECONDS}",
    "journal_mode = WAL",
    "synchronous = NORMAL",
    f"journal_size_limit = {WAL_KEEP_BYTES}",
    "legacy_alter_table = ON",
    "threads = 2",
)
CONSTRAINT = re.compile(r"(?P<kind>UNIQUE|NOT NULL) constraint failed: (?P<subject>[^\n]*)")
FULL = ("database or disk is full", "disk I/O error")


class Session:
    """A connection; `transaction` begins and ends each transaction by SQL.

    ADBC's own transactions are not used: where SQLite rolls back by itself, as it does on a full disk, ADBC would go on
    without a transaction.
    """

    def __init__(self, path: Path) -> None:
        from adbc_driver_sqlite import dbapi  # it imports Arrow's datasets, and they pandas: half a second

        with self._faults():
            self._connection = dbapi.connect(str(path), autocommit=True)
        try:
            for pragma in PRAGMAS:
                self.run(f"PRAGMA {pragma}")
        except BaseException:
            self._connection.close()
            raise

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Execute one statement; answer its rows."""
        with self._faults(), self._connection.cursor() as cursor:
            cursor.execute(sql, list(parameters) or None)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def ingest(self, table: str, rows: pa.Table) -> int:
        """Append `rows` to a table by column name."""
        with self._faults(), self._connection.cursor() as cursor:
            return int(cursor.adbc_ingest(table, rows, mode="append"))

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the write lock; commit at the end, or roll back on any error."""
        self.run("BEGIN IMMEDIATE")
        try:
            with self._faults():
                yield
            self.run("COMMIT")
        except BaseException:
            with contextlib.suppress(UnexpectedError):  # SQLite has rolled back by itself
                self.run("ROLLBACK")
            raise

    @contextlib.contextmanager
    def trial(self) -> Iterator[None]:
        """Hold the write lock, and roll back whatever is done."""
        self.run("BEGIN IMMEDIATE")
        try:
            with self._faults():
                yield
        finally:
            with contextlib.suppress(UnexpectedError):  # SQLite has rolled back by itself
                self.run("ROLLBACK")

    def close(self) -> None:
        """Close the connection; an open transaction is rolled back."""
        self._connection.close()

    @contextlib.contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            raise _disk_full() from error
        except adbc.Error as error:
            raise _fault(str(error)) from error


def columns_sql(names: Sequence[str]) -> str:
    """Quoted names, separated by commas."""
    return ", ".join(map(quoted, names))


def _fault(text: str) -> Exception:
    """Name what SQLite complains about; its own words stay in the log."""
    if "is locked" in text or "is busy" in text:
        return WarehouseBusy("the SQLite file is locked by another writer", hint="it is tried again")
    if any(words in text for words in FULL):
        return _disk_full()
    if broken := CONSTRAINT.search(text):
        columns = ", ".join(re.findall(r"\.(\w+)", broken["subject"]))
        return ConstraintViolated(
            f"rows break a {broken['kind']} constraint of {columns}",
            hint="constraints: informational loads them as they are",
            metadata={"constraint": f"{broken['kind']} ({columns})"},
        )
    if "not a database" in text or "malformed" in text or "unable to open" in text:
        return WarehouseUnavailable(
            "the SQLite file cannot be opened or is not a database", hint="check the warehouse directory"
        )
    return UnexpectedError(text)


def _disk_full() -> DiskFull:
    return DiskFull(
        "the SQLite file cannot grow: no space is left, or the disk fails",
        hint="free some space, then retry the load",
    )


class UnexpectedError(Exception):
    """SQLite refused a statement of ours: a defect."""
