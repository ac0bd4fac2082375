"""One connection to Redshift, opened when it is needed and again after it was lost; its errors are faults.

Redshift locks whole tables and knows no lock_timeout: whoever waits for a lock is given a time for the statement. A
transaction sees the database as it is at its first statement other than LOCK and SET: whoever must see what others
committed takes the lock first.
"""

import contextlib
import threading
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import psycopg2

from dwsim_wire.fault import Fault
from loader_svc.core.faults import AbortedByUser, WarehouseBusy
from loader_svc.core.naming import quoted
from loader_svc.warehouses import postgres_session
from loader_svc.warehouses.redshift_faults import fault_of
from loader_svc.warehouses.writer import Stop

LOCK_MILLISECONDS = 5_000
LISTEN_SECONDS = 0.2
SETTINGS = {
    "client_encoding": "'UTF8'",
    "timezone": "'UTC'",
    "statement_timeout": "0",
}


class Session(postgres_session.Session):
    """A connection whose errors never repeat `secrets`: Redshift quotes the statement that it complains about."""

    def __init__(self, url: str, secrets: Collection[str] = ()) -> None:
        super().__init__(url)
        self._settings, self._secrets = SETTINGS, tuple(secrets)

    def change(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Execute one statement; answer how many rows it changed."""
        with self._faults(), self._open().cursor() as cursor:
            cursor.execute(sql, tuple(parameters) or None)
            return cursor.rowcount

    def run_until(self, sql: str, stop: Stop) -> None:
        """Execute one long statement, which is cancelled where `stop` says so."""
        [(process,)] = self.run("SELECT pg_backend_pid()")
        done = threading.Event()
        listener = threading.Thread(target=self._cancel_at, args=(stop, done, process), daemon=True)
        listener.start()
        try:
            self.run(sql)
        except WarehouseBusy:
            if stop():
                raise AbortedByUser("the load was asked to stop") from None
            raise
        finally:
            done.set()
            listener.join()

    def _cancel_at(self, stop: Stop, done: threading.Event, process: int) -> None:
        """Cancel what a process of the warehouse does, by another connection: the driver's cancel stops all threads."""
        while not done.wait(LISTEN_SECONDS):
            if stop():
                with contextlib.suppress(Fault), contextlib.closing(Session(self._url, self._secrets)) as other:
                    other.run("SELECT pg_cancel_backend(%s)", (process,))

    @contextlib.contextmanager
    def locked(self, *tables: str) -> Iterator[None]:
        """Let nobody else write these tables until the end of this transaction, and see what they wrote before."""
        with self.transaction():
            with self.impatient():
                self.run(f"LOCK TABLE {', '.join(map(quoted, tables))}")
            yield

    @contextlib.contextmanager
    def impatient(self) -> Iterator[None]:
        """Wait for locks only for a while, inside of a transaction."""
        self.run(f"SET LOCAL statement_timeout TO {LOCK_MILLISECONDS}")
        yield
        self.run("SET LOCAL statement_timeout TO 0")

    @contextlib.contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except psycopg2.Error as error:
            if self._connection is not None and self._connection.closed:
                self.close()
            raise fault_of(error, self._secrets) from None  # the driver's words may repeat a key
