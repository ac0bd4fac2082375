"""DuckDB over staged files: one connection in memory that reads nothing but the files given to it.

Files are read through Arrow, with the schema of the plan and moments without their zone, which is UTC; the connection
itself has no files, network or extensions, except for room to spill in a folder that goes with it.
"""

import itertools
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds

from dwsim_wire.object_store import open_bucket
from dwsim_wire.staging import StagingRoot
from generator_svc.core.kernels.arrow_types import arrow_type
from generator_svc.core.run_faults import StagedFileChanged
from generator_svc.core.spec import TableSpec
from generator_svc.quality.sql import quoted, text_of

_NAIVE: Final = pa.timestamp("us")
_MEMORY: Final = "512MB"
_THREADS: Final = 2
READABLE: Final = {".parquet": "parquet", ".arrow": "ipc"}
"""Endings of files that keep the types of their columns, and how Arrow calls their format."""


class Interrupted(Exception):
    """The check was stopped on request."""


@dataclass(frozen=True, slots=True)
class StagedTable:
    """Files of one table: those of the run and of the runs before it; `complete` if those are all its rows."""

    files: Sequence[StagingRoot] = ()
    earlier: Sequence[StagingRoot] = ()
    complete: bool = True


class Database:
    """Tables of a run as views: `own("t")` has the run's rows, `whole("t")` those of earlier runs too."""

    def __init__(self, staged: Mapping[str, StagedTable]) -> None:
        self._tables = staged
        self._stopped, self._numbers = threading.Event(), itertools.count()
        self._spill = tempfile.TemporaryDirectory(prefix="dwsim-check-")
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "threads": _THREADS,
                "memory_limit": _MEMORY,
                "temp_directory": self._spill.name,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "python_enable_replacements": False,
            },
        )
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")

    def read(self, tables: Sequence[TableSpec]) -> None:
        """Make the views; objects of buckets are brought here."""
        for table in tables:
            files = self._tables[table.name]
            self._register(f"own {table.name}", _schema(table), files.files)
            if files.earlier:
                self._register(f"whole {table.name}", _schema(table), [*files.earlier, *files.files])

    def own(self, table: str) -> str:
        """View of the rows that the run made."""
        return quoted(f"own {table}")

    def whole(self, table: str) -> str:
        """View of all rows."""
        return quoted(f"whole {table}" if self._tables[table].earlier else f"own {table}")

    def is_whole(self, table: str) -> bool:
        """Whether all rows of a table are there."""
        return table in self._tables and self._tables[table].complete

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Answer a query."""
        return self._run(query).fetchall()

    def row(self, query: str) -> tuple[Any, ...]:
        """Answer a query that has one row."""
        (found,) = self.rows(query)
        return found

    def columns(self, query: str) -> dict[str, Any]:
        """Answer a query as numpy arrays, by column."""
        return self._run(query).fetchnumpy()

    def understands(self, pattern: str) -> bool:
        """Whether a regular expression can be evaluated."""
        try:
            self._connection.execute(f"SELECT regexp_full_match('', {text_of(pattern)})")
        except duckdb.Error:
            return False
        return True

    def interrupt(self) -> None:
        """Stop what is being asked, and all that would be; from any thread."""
        self._stopped.set()
        self._connection.interrupt()

    def close(self) -> None:
        """Give back memory and room on disk."""
        self._connection.close()
        self._spill.cleanup()

    def _run(self, query: str) -> duckdb.DuckDBPyConnection:
        if self._stopped.is_set():
            raise Interrupted
        try:
            return self._connection.execute(query)
        except duckdb.InterruptException:
            raise Interrupted from None
        except duckdb.Error as error:
            if not _is_of_files(error):
                raise
            raise _unreadable(str(error)) from error

    def _register(self, name: str, schema: pa.Schema, files: Sequence[StagingRoot]) -> None:
        if not files:
            self._connection.register(name, pa.Table.from_pylist([], schema=schema))
            return
        try:
            paths = [self._here(file) for file in files]
            self._connection.register(name, ds.dataset([_dataset(path, schema) for path in paths]))
        except (OSError, pa.ArrowInvalid) as error:
            raise _unreadable(str(error)) from error

    def _here(self, file: StagingRoot) -> Path:
        """A file of this machine; an object of a bucket is brought to the folder that goes with the check."""
        if not file.bucket:
            return file.path
        data = open_bucket(file.bucket).get(file, self._stopped.is_set)
        if data is None:
            raise _unreadable(f"no object {file.key}")
        path = Path(self._spill.name, f"{next(self._numbers)}{file.path.suffix}")
        path.write_bytes(data)
        return path


def _dataset(path: Path, schema: pa.Schema) -> ds.Dataset:
    return ds.dataset(str(path), schema=schema, format=READABLE[path.suffix])


def _schema(table: TableSpec) -> pa.Schema:
    types = {column.name: arrow_type(column.type) for column in table.columns}
    return pa.schema([(name, _NAIVE if pa.types.is_timestamp(kind) else kind) for name, kind in types.items()])


def _is_of_files(error: duckdb.Error) -> bool:
    """Whether Arrow, not DuckDB, has failed: a file is missing, cut short or of other types."""
    arrow = any(word in str(error) for word in ("stream registered", "Arrow", "arrow"))
    return isinstance(error, duckdb.InvalidInputException | duckdb.IOException) and arrow


def _unreadable(why: str) -> StagedFileChanged:
    return StagedFileChanged(
        f"a staged file cannot be read as its table: {why.splitlines()[0][:200]}",
        hint="the file was altered; generate the run anew",
    )
