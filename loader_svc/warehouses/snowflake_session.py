"""One session with Snowflake, opened when it is needed and again after it was lost; its errors are faults."""

import contextlib
import errno
import functools
import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeVar

import snowflake.connector
from snowflake.connector import errors
from snowflake.connector.connection import SnowflakeConnection
from snowflake.connector.cursor import SnowflakeCursor

from dwsim_wire.fault import Fault
from loader_svc.core.faults import AbortedByUser, DiskFull, WarehouseBusy
from loader_svc.core.naming import quoted
from loader_svc.warehouses.snowflake_faults import (
    SESSION_ENDED,
    UnexpectedError,
    connect_fault,
    fault_of,
    is_lost,
    lost,
)
from loader_svc.warehouses.snowflake_url import Account
from loader_svc.warehouses.writer import Stop

Result = TypeVar("Result")
TIMEOUTS: dict[str, Any] = {"login_timeout": 5, "socket_timeout": 600}
"""Seconds of tries to log in, and of waiting for the next byte of an answer."""
UPLOADS_AT_ONCE = 4
PUT_OPTIONS = "AUTO_COMPRESS = FALSE SOURCE_COMPRESSION = NONE OVERWRITE = TRUE"
STOP_SECONDS = 0.1
"""How often somebody who waits for a statement is asked whether it is still wanted."""
logging.getLogger("snowflake.connector").setLevel(logging.CRITICAL)
"""The connector logs statements and addresses."""


class Uploadable(Protocol):
    """A file that is read when it is uploaded."""

    @property
    def name(self) -> str:
        """Its name in the stage."""

    def open(self) -> BinaryIO:
        """Its content."""


class NoAnswer(Exception):
    """The connector looked into an answer that did not come."""


class Session:
    """A session whose names are those of the schema that was entered.

    The connector repeats no statement: whether it was run before its answer was lost is in the ledger and the epochs.
    """

    def __init__(self, account: Account) -> None:
        self.schema = ""
        self.opened = 0
        self.changed = 0
        self.stand_in = account.stand_in
        self._account = account
        self._left_behind: list[str] = []
        self._inside = self._ended = self._cancelled = False
        self._connection: SnowflakeConnection | None = None

    def another(self) -> "Session":
        """A session that is not open yet, in the same schema."""
        other = Session(self._account)
        other.schema = self.schema
        return other

    @property
    def is_open(self) -> bool:
        """Whether there is a session, as far as anybody knows."""
        return self._connection is not None

    @property
    def number(self) -> str:
        """Number by which another session can end this one; empty where the server has none."""
        return str(self._open().session_id or "")

    def enter(self, schema: str) -> None:
        """Take names from another schema from now on."""
        self.schema = schema
        self.run(f"USE SCHEMA {quoted(schema)}")

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Execute one statement; answer its rows, and leave in `changed` how many it changed."""
        return self._again(lambda: self._run(sql, parameters))

    def run_until(self, sql: str, stop: Stop) -> list[tuple[Any, ...]]:
        """Execute one statement; end the session, and so the statement, where `stop` says so."""
        number = self.number
        with ThreadPoolExecutor(1, "statement") as thread:
            running = thread.submit(self._run, sql, ())
            while not wait([running], STOP_SECONDS).done:
                if stop():
                    self._end(number)
                    raise AbortedByUser("the load was asked to stop")
            return running.result()

    def interrupt(self) -> None:
        """End the session, and so what it does, from any thread; whoever waits for it gets WarehouseBusy."""
        connection = self._connection
        if connection is not None:
            self._cancelled = True
            self._end(str(connection.session_id or ""))

    def put(self, files: Sequence[Uploadable], stage: str, stop: Stop) -> None:
        """Upload files to a folder of a stage, several at once; a session of the emulator does one thing at a time."""
        connection = self._open()
        with self._faults(), ThreadPoolExecutor(UPLOADS_AT_ONCE, "upload") as pool:
            turns = threading.BoundedSemaphore(1 if self.stand_in else UPLOADS_AT_ONCE)
            put = f"@{stage} {PUT_OPTIONS}" + (f" /* {_file_system()} */" if self.stand_in else "")
            uploads = [pool.submit(_upload, connection, file, put, turns, stop) for file in files]
            wait(uploads, return_when=FIRST_EXCEPTION)
            for upload in uploads:
                upload.cancel()
            wait(uploads)
            try:
                for upload in filter(lambda upload: not upload.cancelled(), uploads):
                    upload.result()
            except NoAnswer as error:
                raise self._left() from error

    def end_other(self, number: str) -> None:
        """End another session with its statement and its locks; one that is not there, or not ours to end, is left."""
        if not number.isdecimal():
            return
        try:
            self._run(f"SELECT SYSTEM$ABORT_SESSION({number})", ())
        except WarehouseBusy:
            raise
        except (Fault, UnexpectedError):
            return

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit at the end, or roll back on any error. No DDL inside: it would commit."""
        self.run("BEGIN")
        self._inside = True
        try:
            with self._faults():
                yield
            self.run("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        finally:
            self._inside = False

    def close(self) -> None:
        """End the session; an open transaction is rolled back, by the next session where this one is not heard."""
        if self._connection is not None:
            self._left_behind.append(str(self._connection.session_id or ""))
            with contextlib.suppress(errors.Error, OSError):
                self._connection.close(retry=False)
            self._connection = None

    def _execute(self, cursor: SnowflakeCursor, sql: str, **facts: Any) -> None:
        try:
            _once(cursor, sql, **facts)
        except NoAnswer as error:
            raise self._left() from error

    def _left(self) -> WarehouseBusy:
        """Leave a session that does not answer."""
        self._ended = False
        self.close()
        return lost()

    def _run(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        with self._faults(), self._open().cursor() as cursor:
            self._execute(cursor, sql, params=tuple(parameters) or None)
            self.changed = cursor.rowcount or 0
            return [tuple(row) for row in cursor.fetchall()]

    def _again(self, do: Callable[[], Result]) -> Result:
        """Do something in a new session where the server ended the old one; a transaction is lost with its session."""
        try:
            return do()
        except WarehouseBusy:
            cancelled, self._cancelled = self._cancelled, False
            if self._connection is not None or self._inside or cancelled or not self._ended:
                raise
        return do()

    def _open(self) -> SnowflakeConnection:
        if self._connection is None:
            try:
                self._connection = snowflake.connector.connect(
                    **self._account.arguments,
                    **TIMEOUTS,
                    **({"schema": self.schema} if self.schema else {}),
                    paramstyle="qmark",
                    application="dw_simulator",
                )
            except errors.Error as error:
                raise connect_fault(error) from error
            self.opened += 1
            self._end_left_behind()
        return self._connection

    def _end_left_behind(self) -> None:
        """End sessions that were lost: what the server still does for one, and its locks, would be in our way."""
        for number in tuple(self._left_behind):
            self.end_other(number)
            self._left_behind.remove(number)

    def _end(self, number: str) -> None:
        """End this session from another one; a server that has no numbers lets the statement come to its end."""
        with contextlib.closing(Session(self._account)) as other, contextlib.suppress(Fault):
            other.end_other(number)

    def _roll_back(self) -> None:
        """Leave the transaction; a session that cannot is left too."""
        if self._connection is None:
            return
        try:
            with self._connection.cursor() as cursor:
                self._execute(cursor, "ROLLBACK")
        except (errors.Error, WarehouseBusy):
            self.close()

    @contextlib.contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:  # between a PUT's answer and its file the emulator was started again
            raise WarehouseBusy("a load's stage is gone", hint="it is tried again") from error
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            raise DiskFull("no space is left for a file to upload", hint="free some space, then retry") from error
        except errors.Error as error:
            if is_lost(error):
                self._ended = error.errno in SESSION_ENDED
                self.close()
            raise fault_of(error) from error


def _once(cursor: SnowflakeCursor, sql: str, **facts: Any) -> None:
    try:
        cursor.execute(sql, _no_retry=True, **facts)
    except KeyError as error:
        raise NoAnswer from error


@functools.cache
def _file_system() -> str:
    """What tells the emulator whether its files are ours too, so that a PUT need not go through HTTP."""
    machine, root = Path("/proc/sys/kernel/random/boot_id"), Path("/").stat()
    return f"{machine.read_text().strip()}:{root.st_dev}:{root.st_ino}:{os.getuid()}" if machine.exists() else ""


def _upload(
    connection: SnowflakeConnection, file: Uploadable, put: str, turns: threading.Semaphore, stop: Stop
) -> None:
    if stop():
        raise AbortedByUser("the load was asked to stop")
    with file.open() as content, turns, connection.cursor() as cursor:
        _once(cursor, f"PUT file://{file.name} {put}", file_stream=content)
