"""Large results of PostgreSQL: COPY BINARY by a connection of its own, decoded by compiled loops.

One thread takes bytes from the server, at most a few pieces ahead of who reads the rows. What is promised of reading
and ending is that of `query_svc.warehouses.postgres`. The loops are loaded beside the first statement that they would
have served; until then, and for types that they do not know, the driver reads.
"""

import contextlib
import gc
import io
import logging
import os
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg2
import pyarrow as pa

from dwsim_wire.memory import give_libraries_back
from query_svc.core.types import SqlType
from query_svc.warehouses.arrow_columns import arrow_type
from query_svc.warehouses.postgres_columns import converted
from query_svc.warehouses.postgres_faults import fault_of
from query_svc.warehouses.reader import CHUNK_BYTES, Statement, Stop

log = logging.getLogger("dwsim.query.postgres")

LARGE_BYTES = 4 << 20
"""Results that the planner expects to be smaller are not worth a connection."""
LOOK_SECONDS = 0.05
PIECES_BETWEEN = 2
LET_GO_SECONDS = 1.0
COMPILER = "libllvmlite"
"""Sixty megabytes of it are read while it starts and compiles, and hardly one afterwards."""
_ERRORS = (psycopg2.Error, OSError)


class Loops:
    """The compiled loops, loaded once beside the service's work."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._module: ModuleType | None = None
        self._loader = threading.Thread(target=self._load, name="query-loops", daemon=True)
        self._lock = threading.Lock()

    def loaded(self, seconds: float = 0.0) -> ModuleType | None:
        """Answer the loops if they are there within so many seconds; the first that asks starts their loading."""
        with self._lock:
            if self._loader.ident is None:
                self._loader.start()
        self._loader.join(seconds)
        return self._module

    def _load(self) -> None:
        try:
            import numba

            config: Any = numba.config
            if self._folder is not None and not config.CACHE_DIR:
                config.CACHE_DIR = str(self._folder)
            give_libraries_back(COMPILER)
            from query_svc.warehouses import copy_columns

            copy_columns.warm_up()
            give_libraries_back(COMPILER)
            gc.freeze()  # the compiler's own objects stay
        except (ImportError, OSError, RuntimeError):
            log.warning("large results are read by the driver", exc_info=True)
        else:
            self._module = copy_columns


class CopiedResult:
    """Rows of a running COPY, read as they are asked for."""

    def __init__(self, connection: Any, statement: Statement, rows: Any, stop: Stop) -> None:
        self._connection, self._sql, self._rows, self._stop = connection, statement.sql, rows, stop
        self._pieces: queue.Queue[bytes | Exception | None] = queue.Queue(PIECES_BETWEEN)
        self._closed, self._woken = threading.Event(), threading.Event()
        self.columns: tuple[tuple[str, SqlType], ...] = statement.columns
        self.schema = pa.schema([pa.field(name, arrow_type(kind)) for name, kind in self.columns])
        self._ended = False
        self._copier = threading.Thread(target=self._copy, name="query-copy", daemon=True)
        self._watcher = threading.Thread(target=self._watch, name="query-watch", daemon=True)
        stop.on_end(self._woken.set)
        self._copier.start()
        self._watcher.start()
        try:
            self._first = self._next()
        except BaseException:
            self.close()
            raise

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows in batches of about `CHUNK_BYTES`."""
        batch, self._first = self._first, None
        while batch is not None:
            yield batch
            batch = self._next()

    def close(self) -> None:
        """Let go of the server; a statement under way ends there too."""
        self._stop.on_end(None)
        self._closed.set()
        self._woken.set()
        self._watcher.join()
        if not self._ended:
            self._cancel()
        self._copier.join(LET_GO_SECONDS)
        if self._copier.is_alive():
            self._hang_up()
        with contextlib.suppress(*_ERRORS):
            self._connection.close()

    def _hang_up(self) -> None:
        """Leave a server that does not even answer that it was cancelled; it ends the statement once it notices."""
        log.warning("the server did not end a statement: its connection is cut")
        with contextlib.suppress(*_ERRORS), socket.socket(fileno=os.dup(self._connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
        self._copier.join(LET_GO_SECONDS)

    def _next(self) -> pa.RecordBatch | None:
        while not self._ended:
            piece = self._piece()
            if not isinstance(piece, bytes):
                self._ended = True
                if isinstance(piece, _ERRORS):
                    raise fault_of(piece, self._stop) from piece
                if piece is not None:
                    raise piece
                break
            if len((columns := self._rows.decode(piece))[0]):
                arrays = [
                    converted(column, kind, name) for column, (name, kind) in zip(columns, self.columns, strict=True)
                ]
                return pa.RecordBatch.from_arrays(arrays, schema=self.schema)
        return None

    def _piece(self) -> bytes | Exception | None:
        """Wait for the next piece, no longer than the statement may: a frozen server sends none."""
        while True:
            self._stop.check()
            with contextlib.suppress(queue.Empty):
                return self._pieces.get(timeout=LOOK_SECONDS)

    def _copy(self) -> None:
        end: Exception | None = None
        try:
            with self._connection.cursor() as cursor, io.BufferedWriter(_Pieces(self._put), CHUNK_BYTES) as writer:
                cursor.copy_expert(f"COPY (\n{self._sql}\n) TO STDOUT (FORMAT binary)", writer)
        except Exception as error:
            end = error
        with contextlib.suppress(OSError):
            self._put(end)

    def _put(self, piece: bytes | Exception | None) -> None:
        """Wait for room; nobody reads on where the result was closed."""
        while not self._closed.is_set():
            with contextlib.suppress(queue.Full):
                self._pieces.put(piece, timeout=LOOK_SECONDS)
                return
        raise BrokenPipeError("the result was closed")

    def _watch(self) -> None:
        """Cancel the statement on the server once it is to end, again and again: one may come too early."""
        while not self._closed.is_set():
            self._woken.wait(LOOK_SECONDS)
            if self._stop.due():
                self._cancel()
                self._closed.wait(LOOK_SECONDS)

    def _cancel(self) -> None:
        with contextlib.suppress(*_ERRORS):
            self._connection.cancel()


class _Pieces(io.RawIOBase):
    """Hands on what a buffer gives away."""

    def __init__(self, put: Callable[[bytes], None]) -> None:
        self._put = put

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._put(bytes(data))
        return len(data)


def begin_copy(url: str, settings: str, statement: Statement, loops: ModuleType, stop: Stop) -> CopiedResult | None:
    """Begin a statement; None where the loops do not read a column, or the server takes no further connection."""
    try:
        connection: Any = psycopg2.connect(url)
    except psycopg2.OperationalError:
        log.info("a large result is read by the driver: there is no second connection for it")
        return None
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(settings)
            cursor.execute(f"SELECT * FROM (\n{statement.sql}\n) AS described LIMIT 0")  # noqa: S608 - translated
            fields = [
                loops.Field(column.name, column.type_code, column.precision or 0, column.scale or 0)
                for column in cursor.description
            ]
    except _ERRORS as error:
        connection.close()
        raise fault_of(error, stop) from error
    if len(fields) != len(statement.columns) or not loops.can_decode(fields):
        connection.close()
        return None
    return CopiedResult(connection, statement, loops.Rows(fields), stop)
