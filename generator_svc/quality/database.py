"""DuckDB over staged files: one connection in memory that reads nothing but the files given to it.

Files are read through Arrow, with the schema of the plan and moments without their zone, which is UTC; the connection
itself has no files, network or extensions, except for room to spill in a folder that goes with it.
"""

import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds

from generator_svc.core.kernels.arrow_types import arrow_type
from generator_svc.core.run_faults import StagedFileChanged
from generator_svc.core.spec import TableSpec
from generator_svc.quality.sql import quoted

_NAIVE: Final = pa.timestamp("us")
_MEMORY: Final = "512MB"
_THREADS: Final = 2


class Interrupted(Exception):
    """The check was stopped on request."""


@dataclass(frozen=True, slots=True)
class StagedTable:
    """Parquet files of one table: those of the run and of the runs before it; `complete` if those are all its rows."""

    files: Sequence[Path] = ()
    earlier: Sequence[Path] = ()
    complete: bool = True


class Database:
    """Tables of a run as views: `own("t")` has the run's rows, `whole("t")` those of earlier runs too."""

    def __init__(self, tables: Sequence[TableSpec], staged: Mapping[str, StagedTable]) -> None:
        self._tables = staged
        self._stopped = threading.Event()
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
        for table in tables:
            files = staged[table.name]
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

    def understands(self, condition: str) -> bool:
        """Whether a condition without columns can be evaluated."""
        try:
            self._connection.execute(f"SELECT {condition}")
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

    def _register(self, name: str, schema: pa.Schema, files: Sequence[Path]) -> None:
        if not files:
            self._connection.register(name, pa.Table.from_pylist([], schema=schema))
            return
        try:
            self._connection.register(name, ds.dataset([str(file) for file in files], schema=schema, format="parquet"))
        except (OSError, pa.ArrowInvalid) as error:
            raise _unreadable(str(error)) from error


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
