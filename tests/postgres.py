"""A real embedded PostgreSQL for tests, as the stack runs it: one server, a database of its own for every test.

`postgres` and `database` become fixtures where a conftest imports them.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import psycopg2.extensions
import pytest

from local_stack import cluster
from local_stack.leash import leashed
from tests.processes import free_ports, wait_for

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Database:
    """A database of a running stand-in."""

    directory: Path
    door_port: int
    server_port: int
    name: str = cluster.DATABASE

    @property
    def url(self) -> str:
        """For the services: PostgreSQL itself."""
        return cluster.url(HOST, self.server_port).replace(cluster.DATABASE, self.name)

    @property
    def door_url(self) -> str:
        """For every other client: the start-up filter."""
        return cluster.url(HOST, self.door_port).replace(cluster.DATABASE, self.name)

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run one statement in a connection of its own; answer its rows."""
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute(sql, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def connect(self) -> psycopg2.extensions.connection:
        """Open a connection to the server itself."""
        return psycopg2.connect(self.url)

    def postmaster(self) -> int:
        """Process of the server that runs now; 0 while none does."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            lines = (self.directory / "postmaster.pid").read_text().splitlines()
            if lines[7].strip() == "ready" and psutil.pid_exists(int(lines[0])):
                return int(lines[0])
        return 0

    def crash(self) -> None:
        """SIGKILL the server, as the machine's memory killer does; its keeper starts another one."""
        os.kill(self.postmaster(), signal.SIGKILL)

    def recovered(self, before: int) -> int:
        """Wait until another server than `before` runs; answer its process."""
        return wait_for(lambda: self.postmaster() not in {0, before} and self.postmaster(), "the next server")


@contextlib.contextmanager
def stand_in(directory: Path) -> Iterator[Database]:
    """Run the Redshift stand-in in a process of its own; end it with the block."""
    door, server = free_ports(2)
    flags = ["--directory", str(directory), "--port", str(door), "--server-port", str(server)]
    directory.parent.mkdir(parents=True, exist_ok=True)
    log = directory.with_name(f"{directory.name}.log")
    with (
        log.open("ab") as output,
        subprocess.Popen(
            leashed([sys.executable, "-P", "-m", "local_stack.redshift", *flags]),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        ) as keeper,
    ):
        try:
            database = Database(directory, door, server)
            wait_for(lambda: _listens(door) or keeper.poll() is not None, "PostgreSQL to be ready")
            assert keeper.poll() is None, log.read_text()[-4000:]
            yield database
        finally:
            keeper.terminate()
            try:
                keeper.wait(30)
            except subprocess.TimeoutExpired:
                keeper.kill()


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port)):
        return True
    return False


@contextlib.contextmanager
def fresh_database(server: Database) -> Iterator[Database]:
    """Make an empty database on a running stand-in; drop it, whoever is connected, with the block."""
    name = f"test_{os.urandom(6).hex()}"
    server.rows(f"CREATE DATABASE {name}")
    try:
        yield replace(server, name=name)
    finally:
        server.rows(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Database]:
    """One server for all tests of a worker.

    Its directory is none of pytest's, which another run of the same user closes to the account that the server of root
    runs as.
    """
    with tempfile.TemporaryDirectory(prefix="dwsim-postgres-") as folder, stand_in(Path(folder) / "redshift") as server:
        _spare_the_disk(server)
        yield server


def _spare_the_disk(server: Database) -> None:
    """No test cuts the power: what a killed server has written, the next one reads from the system's cache."""
    with (server.directory / "postgresql.auto.conf").open("a") as settings:
        settings.write("fsync = off\nfull_page_writes = off\n")
    os.kill(server.postmaster(), signal.SIGHUP)
    wait_for(lambda: server.rows("SHOW fsync") == [("off",)], "the settings to be read")


@pytest.fixture
def database(postgres: Database) -> Iterator[Database]:
    """An empty database of the server."""
    with fresh_database(postgres) as fresh:
        yield fresh
