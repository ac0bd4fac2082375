"""Readers that look at a warehouse all the while that processes die: a table is either not there or whole."""

import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2

from dwsim_wire.fault import Fault
from loader_svc.warehouses.snowflake_faults import UNKNOWN, UnexpectedError
from tests.mesh.shop import ROWS
from tests.postgres import Database
from tests.snowflake import Database as Account
from tests.snowflake import Emulator

NOTHING_TO_SEE = ("no such table", "disk I/O error", "unable to open", "attempt to write a readonly database")
"""What a reader meets before the first load, or while the file of a deleted experiment goes."""

Counts = Iterator[tuple[str, int]]


@contextmanager
def polling(look: Callable[[], None]) -> Iterator[None]:
    """Look in a thread, again and again, until the block ends."""
    done = threading.Event()

    def poll() -> None:
        while not done.wait(0.01):
            look()

    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(poll)
        try:
            yield
        finally:
            done.set()
        under_way.result()


@dataclass
class Reader:
    """Polls a warehouse; `counts` yields the tables that it shows and their rows."""

    counts: Callable[[], Counts]
    partial: list[str] = field(default_factory=list)
    looks: int = 0

    def look(self) -> None:
        """Count every table that there is."""
        for table, found in self.counts():
            if found != ROWS[table]:
                self.partial.append(f"{table} had {found} of {ROWS[table]} rows")
            self.looks += 1


def sqlite_counts(folder: Path) -> Counts:
    """Tables of all files."""
    for path in folder.rglob("*.db"):
        for table in ROWS:
            try:
                with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as connection:
                    found = int(connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])
            except sqlite3.OperationalError as error:
                if not any(words in str(error) for words in NOTHING_TO_SEE):
                    raise
            else:
                yield table, found


def redshift_counts(database: Database) -> Counts:
    """Tables of all schemas; none while the server is away."""
    tables = "SELECT schemaname, tablename FROM pg_tables WHERE tablename = ANY(%s)"
    try:
        with closing(database.connect()) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute(tables, (list(ROWS),))
            for schema, table in cursor.fetchall():
                try:
                    cursor.execute(f'SELECT count(*) FROM "{schema}"."{table}"')
                except psycopg2.errors.UndefinedTable:
                    continue
                yield table, int((cursor.fetchone() or (0,))[0])
    except (psycopg2.OperationalError, psycopg2.InterfaceError):
        return


def snowflake_counts(database: Account) -> Counts:
    """Tables of all schemas; none while the server is away."""
    names = ", ".join(f"'{table.upper()}'" for table in ROWS)
    tables = f"SELECT TABLE_SCHEMA, TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME IN ({names})"
    try:
        for schema, table in database.rows(tables):
            try:
                [(found,)] = database.rows(f'SELECT COUNT(*) FROM "{schema}"."{table}"')
            except UnexpectedError as error:
                if error.number not in UNKNOWN:
                    raise
            else:
                yield table.lower(), int(found)
    except Fault:
        return


@dataclass
class SnowflakeServer:
    """The emulator as a server that is killed, and that its keeper starts again."""

    server: Emulator

    def postmaster(self) -> int:
        """Its process."""
        return self.server.process.pid if self.server.process else 0

    def crash(self) -> None:
        """Kill it."""
        self.server.end(signal.SIGKILL)

    def recovered(self, before: int) -> None:
        """Start it again."""
        self.server.start()
        assert self.postmaster() != before
