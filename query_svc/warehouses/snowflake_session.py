"""Sessions with Snowflake: opened when they are needed, kept while idle, one statement at a time in each."""

import contextlib
import logging
import threading
from pathlib import Path
from typing import Any

import snowflake.connector
from snowflake.connector.connection import SnowflakeConnection
from snowflake.connector.cursor import SnowflakeCursor

from query_svc.warehouses.snowflake_faults import DRIVER_ERRORS, is_lost
from query_svc.warehouses.snowflake_url import Account

MOST_IDLE = 4
MARK = "/* DuckDB */ "
"""Begins a statement that the emulator hands through to the DuckDB inside of it."""
COMPATIBILITY = Path(__file__).with_name("snowflake_compatibility.sql")
_TIMEOUTS: dict[str, Any] = {"login_timeout": 5, "network_timeout": 3600, "socket_timeout": 3600}
logging.getLogger("snowflake.connector").setLevel(logging.CRITICAL)
"""The connector logs statements and addresses."""


class Sessions:
    """Sessions of one account."""

    def __init__(self, account: Account) -> None:
        self.stand_in = account.stand_in
        self._account = account
        self._idle: list[SnowflakeConnection] = []
        self._lock = threading.Lock()

    def execute(self, sql: str, seconds: int, begun: "Begun") -> SnowflakeCursor:
        """Begin a statement in an idle session; where the server has ended that, once more in a new one."""
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is not None:
            try:
                return begun.execute(connection, sql, seconds)
            except DRIVER_ERRORS as error:
                discard(connection)
                if not is_lost(error) or begun.ended:
                    raise
        connection = self._opened()
        try:
            return begun.execute(connection, sql, seconds)
        except BaseException:
            discard(connection)
            raise

    def give_back(self, connection: SnowflakeConnection) -> None:
        """Keep a session whose statement has ended in good order."""
        with self._lock:
            if len(self._idle) < MOST_IDLE:
                self._idle.append(connection)
                return
        discard(connection)

    def _opened(self) -> SnowflakeConnection:
        connection = snowflake.connector.connect(
            **self._account.arguments,
            **_TIMEOUTS,
            arrow_number_to_decimal=True,
            client_prefetch_threads=1,
            application="dw_simulator",
        )
        if self.stand_in:
            with connection.cursor() as cursor:
                cursor.execute(MARK + COMPATIBILITY.read_text(), _no_retry=True)
        return connection


class Begun:
    """A statement that may be under way; it can be ended from another thread."""

    def __init__(self) -> None:
        self.ended = False
        self.connection: SnowflakeConnection | None = None
        self._cursor: SnowflakeCursor | None = None
        self._sql = ""

    def execute(self, connection: SnowflakeConnection, sql: str, seconds: int) -> SnowflakeCursor:
        """Run a statement until its rows begin."""
        self.connection, self._sql = connection, sql
        self._cursor = connection.cursor()
        limit = {"STATEMENT_TIMEOUT_IN_SECONDS": str(seconds)}
        self._cursor.execute(sql, _no_retry=True, _statement_params=limit)
        return self._cursor

    def end(self) -> None:
        """Ask the server to end the statement."""
        self.ended = True
        cursor, connection = self._cursor, self.connection
        request = getattr(cursor, "_request_id", None)
        if connection is not None and request is not None:
            with contextlib.suppress(*DRIVER_ERRORS):
                connection._cancel_query(self._sql, request)  # what the connector's own timeout does


def discard(connection: SnowflakeConnection) -> None:
    """End a session."""
    with contextlib.suppress(*DRIVER_ERRORS):
        connection.close(retry=False)
