"""One connection to PostgreSQL, opened when it is needed and again after it was lost; its errors are faults."""

import contextlib
import errno
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import psycopg2
import psycopg2.extensions

from loader_svc.core.faults import DiskFull
from loader_svc.core.naming import quoted
from loader_svc.warehouses.postgres_copy import CHUNK_BYTES, CopySource
from loader_svc.warehouses.postgres_faults import connect_fault, fault_of

CONNECT_SECONDS = 5
LOCK_SECONDS = 5
NETWORK: dict[str, Any] = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
LOADER = "dw-simulator loader"
SETTINGS = {
    "client_encoding": "'UTF8'",
    "client_min_messages": "error",
    "timezone": "'UTC'",
    "default_transaction_isolation": "'read committed'",  # who waited for a lock must see what its holder did
    "lock_timeout": f"'{LOCK_SECONDS}s'",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "maintenance_work_mem": "'256MB'",
}


class Session:
    """A connection whose names are those of the schema that was entered; before that, only PostgreSQL's own."""

    def __init__(self, url: str, name: str = LOADER) -> None:
        """Name the connection for those who look at the server."""
        self.schema, self.name = "", name
        self._settings: Mapping[str, str] = SETTINGS
        self._url = url
        self._connection: psycopg2.extensions.connection | None = None

    def enter(self, schema: str) -> None:
        """Take names from another schema from now on."""
        self.schema = schema
        self.run(f"SET search_path TO {self._path()}")

    def another(self) -> "Session":
        """A connection of its own to the same place, opened when it is needed."""
        session = Session(self._url, self.name)
        session.schema = self.schema
        return session

    def run(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
        """Execute one statement; answer its rows."""
        with self._faults(), self._open().cursor() as cursor:
            cursor.execute(sql, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def copy(self, sql: str, source: CopySource) -> None:
        """Send a binary COPY."""
        with self._faults(), self._open().cursor() as cursor:
            try:
                cursor.copy_expert(sql, source, CHUNK_BYTES)
            except psycopg2.Error:
                if source.problem:
                    raise source.problem from None
                raise

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit at the end, or roll back on any error."""
        self.run("BEGIN")
        try:
            with self._faults():
                yield
            self.run("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    @contextlib.contextmanager
    def trial(self) -> Iterator[None]:
        """Roll back whatever is done."""
        self.run("BEGIN")
        try:
            with self._faults():
                yield
        finally:
            self._roll_back()

    @contextlib.contextmanager
    def names_of_postgres_alone(self) -> Iterator[None]:
        """See no schema for a while, so that PostgreSQL writes every name with its schema."""
        self.run("SET LOCAL search_path TO pg_catalog")
        yield
        self.run(f"SET LOCAL search_path TO {self._path()}")

    def close(self) -> None:
        """Close the connection; an open transaction is rolled back."""
        if self._connection is not None:
            with contextlib.suppress(psycopg2.Error):
                self._connection.close()
            self._connection = None

    def _open(self) -> psycopg2.extensions.connection:
        if self._connection is None:
            try:
                self._connection = psycopg2.connect(self._url, application_name=self.name, **NETWORK)
            except psycopg2.Error as error:
                raise connect_fault(error) from error
            self._connection.autocommit = True
            self._set_up(self._connection)
        return self._connection

    def _set_up(self, connection: psycopg2.extensions.connection) -> None:
        """Make the settings; a connection that did not get them is never used: its names and times are others."""
        settings = [f"SET {name} TO {value}" for name, value in self._settings.items()]
        try:
            with connection.cursor() as cursor:
                cursor.execute("; ".join([*settings, f"SET search_path TO {self._path()}"]))
        except BaseException:
            self.close()
            raise

    def _path(self) -> str:
        """The schema goes first: a user's table may be called as one of PostgreSQL's own."""
        return f"{quoted(self.schema)}, pg_catalog" if self.schema else "pg_catalog"

    def _roll_back(self) -> None:
        """Leave the transaction; a connection that cannot is left too."""
        if self._connection is None:
            return
        try:
            with self._connection.cursor() as cursor:
                cursor.execute("ROLLBACK")
        except psycopg2.Error:
            self.close()

    @contextlib.contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            raise DiskFull("no space is left for the warehouse", hint="free some space, then retry the load") from error
        except psycopg2.Error as error:
            if self._connection is not None and self._connection.closed:
                self.close()
            raise fault_of(error) from error
