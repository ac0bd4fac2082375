"""Reading PostgreSQL, Redshift's stand-in: ADBC to Arrow, one connection at a time for one statement.

Where the planner expects a large result of plain types, `query_svc.warehouses.postgres_copy` reads it.

Only reading: every transaction of the session is read-only, which a statement cannot change once it runs; statements
are one parsed query, and functions are called only if translation knows them. A superuser's login gives up its rights
to a role that may do nothing but read.
Ending: a watcher looks at the statement's Stop and cancels it on the server until it has ended; a server that lost us
notices within a second.
"""

import contextlib
import logging
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import adbc_driver_manager
import adbc_driver_postgresql
import pyarrow as pa
from adbc_driver_manager._reader import AdbcRecordBatchReader  # its errors keep their SQLSTATE

from query_svc.core.faults import ExecutionFailed, WarehouseUnavailable
from query_svc.core.types import Kind
from query_svc.warehouses.arrow_columns import arrow_type
from query_svc.warehouses.postgres_columns import converted, settled
from query_svc.warehouses.postgres_compatibility import ask_server, install
from query_svc.warehouses.postgres_connections import IDLE_SECONDS, Connections
from query_svc.warehouses.postgres_copy import LARGE_BYTES, CopiedResult, Loops, begin_copy
from query_svc.warehouses.postgres_faults import DRIVER_ERRORS, NO_SCHEMA, fault_of, sqlstate
from query_svc.warehouses.reader import CHUNK_BYTES, Result, Statement, Stop

log = logging.getLogger("dwsim.query.postgres")

LOOK_SECONDS = 0.05
CONNECT_SECONDS = 10
SPARE_SECONDS = 3600
READER_ROLE = "dw_reader"
COMPATIBILITY = "dw_redshift"
_PRIVILEGE = "42501"
_EXPECTED = re.compile(r" rows=(\d+) width=(\d+)\)")
_SETTINGS = {
    "application_name": "dw-simulator query",
    "client_connection_check_interval": "1s",
    "DateStyle": "ISO, MDY",
    "default_transaction_read_only": "on",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
}


class PostgresReader:
    """Statements on the schemas of one database; `kernels` is where compiled loops are kept."""

    def __init__(self, url: str, idle_seconds: float = IDLE_SECONDS, kernels: Path | None = None) -> None:
        self._url, self.idle_seconds = patient(url), idle_seconds
        self.loops = Loops(kernels)
        self._connections: Connections | None = None
        self._role = ""
        self._lock = threading.Lock()

    def run(self, statement: Statement, stop: Stop) -> Result:
        """Begin a statement; its columns are there when this returns."""
        session = self._session(statement, stop)
        try:
            if session.expected_bytes(statement.sql) >= LARGE_BYTES and (copied := self._copied(statement, stop)):
                session.close()
                return copied
            return PostgresResult(session, session.execute(statement.sql), statement)
        except BaseException as error:
            session.close()
            self._prepare_anew(error)
            raise

    def _copied(self, statement: Statement, stop: Stop) -> CopiedResult | None:
        """Result of a statement as the compiled loops read it, if they can and are there."""
        loops = self.loops.loaded()
        if loops is None or any(kind.kind is Kind.UNKNOWN for _, kind in statement.columns):
            return None
        return begin_copy(self._url, _settings(self._role, statement, stop), statement, loops, stop)

    def explain(self, statement: Statement, stop: Stop) -> str:
        """Plan as PostgreSQL prints it."""
        session = self._session(statement, stop)
        try:
            session.execute(f"EXPLAIN {statement.sql}", copy=False)
            batches = list(iter(session.next_batch, None))
        except DRIVER_ERRORS as error:
            raise fault_of(error, stop) from error
        finally:
            session.close()
        return "\n".join(str(line) for batch in batches for line in batch.column(0).to_pylist())

    def _session(self, statement: Statement, stop: Stop) -> "Session":
        try:
            return Session(self._ready(), self._role, statement, stop)
        except DRIVER_ERRORS as error:
            raise fault_of(error, stop) from error

    def close(self) -> None:
        """Close the connections that are idle."""
        with self._lock:
            connections, self._connections = self._connections, None
        if connections is not None:
            connections.close()

    def _ready(self) -> Connections:
        """Connections to the database; the first one installs the compatibility schema."""
        with self._lock:
            if self._connections is None:
                self._connections = Connections(self._prepared(), rows_of, self.idle_seconds)
            return self._connections

    def _prepare_anew(self, error: BaseException) -> None:
        """Look for the compatibility schema again before the next statement, where it may be what is missing."""
        if isinstance(error, ExecutionFailed) and error.metadata.get("sqlstate") == NO_SCHEMA:
            self.close()

    def _prepared(self) -> Any:
        database = adbc_driver_postgresql.connect(patient(self._url))
        with contextlib.closing(adbc_driver_manager.AdbcConnection(database)) as connection:
            connection.set_autocommit(False)
            try:
                server = ask_server(lambda sql: rows_of(connection, sql))
                install(lambda sql: rows_of(connection, sql), server)
                if server.superuser:
                    self._role = _reading_role(connection)
                connection.commit()
            except adbc_driver_manager.Error as error:
                if sqlstate(error) == _PRIVILEGE:
                    raise _may_not_install() from error
                raise
        return database


def patient(url: str) -> str:
    """URL with a bound on how long a connection may take to be made."""
    if "connect_timeout=" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}connect_timeout={CONNECT_SECONDS}"


def rows_of(connection: Any, sql: str) -> list[tuple[object, ...]]:
    """Run one statement to its end."""
    with contextlib.closing(adbc_driver_manager.AdbcStatement(connection)) as statement:
        statement.set_options(**{adbc_driver_postgresql.StatementOptions.USE_COPY.value: "false"})
        statement.set_sql_query(sql)
        handle, _ = statement.execute_query()
        table = AdbcRecordBatchReader._import_from_c(handle.address).read_all()
    columns = [column.to_pylist() for column in table.columns]
    return list(zip(*columns, strict=True))


def _reading_role(connection: Any) -> str:
    """Make the role that a superuser's statements run as, if it is not there."""
    if not rows_of(connection, f"SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = '{READER_ROLE}'"):  # noqa: S608 - a constant
        rows_of(connection, f"CREATE ROLE {READER_ROLE} NOLOGIN IN ROLE pg_read_all_data")
    return READER_ROLE


def _may_not_install() -> WarehouseUnavailable:
    return WarehouseUnavailable(
        f"the login may not make or change the schema {COMPATIBILITY} that translations need",
        hint=f"GRANT CREATE ON DATABASE … TO the login, or make it the owner of {COMPATIBILITY}",
        metadata={"warehouse": "REDSHIFT"},
    )


def _settings(role: str, statement: Statement, stop: Stop) -> str:
    """Statement that makes a connection one for reading a statement's tables."""
    schemas = ", ".join('"' + name.replace('"', '""') + '"' for name in statement.databases.values())
    settings = _SETTINGS | {
        "search_path": f"{schemas}, {COMPATIBILITY}" if schemas else COMPATIBILITY,
        # what ends a statement is the watcher; this is for the case that we are gone
        "statement_timeout": f"{int(stop.seconds + SPARE_SECONDS)}s",
    }
    if role:
        settings["role"] = role
    calls = ", ".join(
        f"pg_catalog.set_config('{name}', '{value.replace(chr(39), chr(39) * 2)}', false)"
        for name, value in settings.items()
    )
    return f"SELECT {calls}"


class Session:
    """One connection for one statement, and the watcher that ends it."""

    def __init__(self, connections: Connections, role: str, statement: Statement, stop: Stop) -> None:
        self.stop = stop
        self._statement: Any = None
        self._reader: Any = None
        self._ended = self._cancelled = False
        self._closed, self._woken = threading.Event(), threading.Event()
        self._letting_go = threading.Lock()
        stop.check()
        self._connections, self._taken = connections, connections.take()
        self._connection: Any = self._taken.driver_connection
        try:
            rows_of(self._connection, _settings(role, statement, stop))
        except BaseException:
            connections.give_back(self._taken, reusable=False)
            raise
        stop.on_end(self._woken.set)
        self._watcher = threading.Thread(target=self._watch, name="query-watch", daemon=True)
        self._watcher.start()

    def expected_bytes(self, sql: str) -> int:
        """Bytes of a result as the planner expects them; what it cannot plan fails when it runs."""
        try:
            self.execute(f"EXPLAIN {sql}", copy=False)
            plan = [str(line) for batch in iter(self.next_batch, None) for line in batch.column(0).to_pylist()]
        except ExecutionFailed:
            return 0
        finally:
            self._leave_statement()
        found = _EXPECTED.search(plan[0])
        return int(found[1]) * int(found[2]) if found else 0

    def execute(self, sql: str, *, copy: bool = True) -> Any:
        """Begin a statement; its batches can be read once."""
        self._ended = False
        self._statement = adbc_driver_manager.AdbcStatement(self._connection)
        options = adbc_driver_postgresql.StatementOptions
        self._statement.set_options(
            **{options.BATCH_SIZE_HINT_BYTES.value: str(CHUNK_BYTES), options.USE_COPY.value: str(copy).lower()}
        )
        self._statement.set_sql_query(sql)
        try:
            handle, _ = self._statement.execute_query()
            self._reader = AdbcRecordBatchReader._import_from_c(handle.address)
        except DRIVER_ERRORS as error:
            raise fault_of(error, self.stop) from error
        return self._reader

    def next_batch(self) -> pa.RecordBatch | None:
        """Next batch; None at the end."""
        self.stop.check()
        try:
            return self._reader.read_next_batch()
        except StopIteration:
            self._ended = True
            return None
        except DRIVER_ERRORS as error:
            raise fault_of(error, self.stop) from error

    def _watch(self) -> None:
        """Cancel the statement on the server once it is to end, again and again: one may come too early."""
        while not self._closed.is_set():
            self._woken.wait(LOOK_SECONDS)
            if not self.stop.due():
                continue
            with self._letting_go, contextlib.suppress(*DRIVER_ERRORS):
                if self._statement is not None and not self._closed.is_set():
                    self._cancelled = True
                    self._statement.cancel()
            self._closed.wait(LOOK_SECONDS)

    def close(self) -> None:
        """Let go of the connection; a statement under way ends on the server too."""
        self.stop.on_end(None)
        self._closed.set()
        self._woken.set()
        self._watcher.join()
        with contextlib.suppress(*DRIVER_ERRORS):
            if self._statement is not None and not self._ended:
                self._statement.cancel()
        self._leave_statement()
        with contextlib.suppress(*DRIVER_ERRORS):  # a late cancel would end the next statement
            self._connections.give_back(self._taken, reusable=self._ended and not self._cancelled)

    def _leave_statement(self) -> None:
        with self._letting_go:
            parts, self._reader, self._statement = (self._reader, self._statement), None, None
        for part in parts:
            with contextlib.suppress(*DRIVER_ERRORS):
                if part is not None:
                    part.close()


class PostgresResult:
    """Rows of a running statement, read as they are asked for."""

    def __init__(self, session: Session, reader: Any, statement: Statement) -> None:
        self._session = session
        self.columns = settled(statement.columns, reader.schema)
        self._first = session.next_batch()
        self.schema = pa.schema([pa.field(name, arrow_type(kind)) for name, kind in self.columns])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows in batches of about `CHUNK_BYTES`, as the driver cuts them."""
        batch, self._first = self._first, None
        while batch is not None:
            arrays = [
                converted(column, kind, name) for column, (name, kind) in zip(batch.columns, self.columns, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(arrays, schema=self.schema)
            batch = self._session.next_batch()

    def close(self) -> None:
        """Let go of the server."""
        self._session.close()
