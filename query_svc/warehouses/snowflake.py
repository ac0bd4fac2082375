"""Reading Snowflake, or its emulator: the connector's Arrow chunks, cut to batches; one session for one statement.

Only reading: statements are one parsed query, checked by their tree; Snowflake has no transaction that only reads.
Ending: a watcher looks at the statement's Stop and asks the server to abort it until it has ended.
"""

import contextlib
import threading
from collections.abc import Iterator

import pyarrow as pa
from snowflake.connector.cursor import SnowflakeCursor

from query_svc.warehouses.reader import CHUNK_BYTES, Statement, Stop
from query_svc.warehouses.snowflake_columns import converted, schema_of, settled
from query_svc.warehouses.snowflake_faults import DRIVER_ERRORS, fault_of
from query_svc.warehouses.snowflake_session import MARK, Begun, Sessions, discard
from query_svc.warehouses.snowflake_url import Account

LOOK_SECONDS = 0.05
SPARE_SECONDS = 3600


class SnowflakeReader:
    """Statements on the schemas of one database."""

    def __init__(self, url: str) -> None:
        self._sessions = Sessions(Account.parse(url))

    def run(self, statement: Statement, stop: Stop) -> "SnowflakeResult":
        """Begin a statement; its columns are there when this returns."""
        return SnowflakeResult(Running(self._sessions, self._text(statement), stop), statement, self._sessions.stand_in)

    def close(self) -> None:
        """Nothing is kept between statements."""

    def explain(self, statement: Statement, stop: Stop) -> str:
        """Plan as Snowflake prints it, or as the DuckDB inside of the emulator does."""
        prefix = "EXPLAIN " if self._sessions.stand_in else "EXPLAIN USING TEXT "
        mark = MARK if self._sessions.stand_in else ""
        if self._sessions.stand_in and statement.native:
            return "the emulator explains no statement that it reads as Snowflake's own"
        running = Running(self._sessions, f"{mark}{prefix}{statement.sql}", stop)
        try:
            tables = list(running.tables())
        finally:
            running.close()
        return "\n".join(str(line) for table in tables for line in table.column(table.num_columns - 1).to_pylist())

    def _text(self, statement: Statement) -> str:
        return f"{MARK}{statement.sql}" if self._sessions.stand_in and not statement.native else statement.sql


class Running:
    """One statement, and the watcher that ends it."""

    def __init__(self, sessions: Sessions, sql: str, stop: Stop) -> None:
        self._sessions, self._stop = sessions, stop
        self._begun = Begun()
        self._finished = False
        self._closed, self._woken = threading.Event(), threading.Event()
        stop.check()
        stop.on_end(self._woken.set)
        self._watcher = threading.Thread(target=self._watch, name="query-watch", daemon=True)
        self._watcher.start()
        try:
            self.cursor: SnowflakeCursor = sessions.execute(sql, int(stop.seconds + SPARE_SECONDS), self._begun)
        except BaseException as error:
            self._stop_watching()
            if isinstance(error, DRIVER_ERRORS):
                raise fault_of(error, stop) from error
            raise

    def tables(self) -> Iterator[pa.Table]:
        """Yield the rows as the server cut them."""
        try:
            for table in self.cursor.fetch_arrow_batches():
                self._stop.check()
                yield table
            self._finished = True
        except DRIVER_ERRORS as error:
            raise fault_of(error, self._stop) from error

    def _watch(self) -> None:
        """Abort the statement on the server once it is to end, again and again: one may come too early."""
        while not self._closed.is_set():
            self._woken.wait(LOOK_SECONDS)
            if self._stop.due() and not self._closed.is_set():
                self._begun.end()
                self._closed.wait(LOOK_SECONDS)

    def _stop_watching(self) -> None:
        self._stop.on_end(None)
        self._closed.set()
        self._woken.set()
        self._watcher.join()

    def close(self) -> None:
        """Give the session back, or end it with a statement that is under way."""
        self._stop_watching()
        connection = self._begun.connection
        if connection is None:
            return
        with contextlib.suppress(*DRIVER_ERRORS):
            self.cursor.close()
        if self._finished and not self._begun.ended:
            self._sessions.give_back(connection)
        else:
            discard(connection)


class SnowflakeResult:
    """Rows of a running statement, read as they are asked for."""

    def __init__(self, running: Running, statement: Statement, stand_in: bool) -> None:
        self._running = running
        self.columns = settled(statement.columns, running.cursor.description or (), stand_in=stand_in)
        self.schema = schema_of(self.columns)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows in batches of about `CHUNK_BYTES`."""
        for table in self._running.tables():
            whole = converted(table, self.columns)
            rows = max(1, int(CHUNK_BYTES * whole.num_rows / max(whole.nbytes, 1)))
            yield from whole.to_batches(max_chunksize=rows)

    def close(self) -> None:
        """Let go of the server."""
        self._running.close()
