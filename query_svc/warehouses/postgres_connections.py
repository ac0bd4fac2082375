"""Idle connections to PostgreSQL, for statements that follow one another: a new one takes longer than a point query.

A connection has one statement at a time and comes back only where that was read to its end and never cancelled. It is
reset before it lies idle, asked before it serves again, and replaced where the server has ended it meanwhile. As many
lie idle as one client may use at once, for about a minute.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

from adbc_driver_manager import AdbcConnection
from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from query_svc.warehouses.postgres_faults import DRIVER_ERRORS

MOST_IDLE = 32
IDLE_SECONDS = 60.0
RESET = "DISCARD ALL"
PING = "SELECT 1"

Ask = Callable[[AdbcConnection, str], object]


class Connections:
    """Connections to one database, as many as there are statements; `ask` runs a short statement to its end."""

    def __init__(self, database: Any, ask: Ask, idle_seconds: float) -> None:
        self._ask, self._idle_seconds = ask, idle_seconds
        self._pool = QueuePool(
            lambda: AdbcConnection(database),  # type: ignore[arg-type]  # the pool only closes it
            pool_size=MOST_IDLE,
            max_overflow=-1,
            reset_on_return=None,
            use_lifo=True,
        )
        event.listen(self._pool, "checkout", self._check)
        self._used = time.monotonic()
        self._closed = threading.Event()
        self._sweeper = threading.Thread(target=self._sweep, name="query-idle", daemon=True)
        self._sweeper.start()

    def take(self) -> PoolProxiedConnection:
        """Answer a connection that nobody else has: an idle one that still lives, or a new one."""
        self._used = time.monotonic()
        return self._pool.connect()

    def give_back(self, taken: PoolProxiedConnection, *, reusable: bool) -> None:
        """Take a connection back for the next statement, or close it."""
        self._used = time.monotonic()
        if reusable and not self._closed.is_set():
            with contextlib.suppress(*DRIVER_ERRORS):
                self._ask(taken.driver_connection, RESET)  # type: ignore[arg-type]  # it is ADBC's
                taken.info["idle"] = True
                taken.close()
                return
        taken.invalidate()

    def close(self) -> None:
        """Close what is idle, now and from now on."""
        self._closed.set()
        self._sweeper.join()
        self._pool.dispose()

    def _check(self, connection: Any, record: Any, _taken: object) -> None:
        """Ask a connection that was idle; all that are idle are doubtful where one does not answer."""
        if not record.info.pop("idle", False):
            return
        try:
            self._ask(connection, PING)
        except DRIVER_ERRORS:
            raise InvalidatePoolError from None

    def _sweep(self) -> None:
        """Close what is idle once nobody has asked for a connection for a while."""
        while not self._closed.wait(self._idle_seconds / 4):
            if time.monotonic() - self._used >= self._idle_seconds:
                self._pool.dispose()
