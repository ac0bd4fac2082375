"""A real emulator of Snowflake for tests, as the stack runs it: one server, a database of its own for every test.

`snowflake` and `account` become fixtures where a conftest imports them.
"""

import contextlib
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from loader_svc.warehouses.snowflake import SnowflakeWriter
from loader_svc.warehouses.snowflake_session import Session
from loader_svc.warehouses.snowflake_url import Account
from local_stack import snowflake as stand_in
from local_stack.leash import leashed
from local_stack.ports import listens
from tests.processes import free_ports, wait_for


@dataclass
class Emulator:
    """The emulator over one directory; it can be killed and started again."""

    directory: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it, and wait until it listens."""
        log = self.directory.with_name(f"{self.directory.name}.log")
        flags = ["--directory", str(self.directory), "--port", str(self.port)]
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                leashed([sys.executable, "-P", "-m", "local_stack.snowflake", *flags]),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        process = self.process
        wait_for(lambda: listens(stand_in.HOST, self.port) or process.poll() is not None, "the emulator to be ready")
        assert process.poll() is None, log.read_text()[-4000:]

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it, by default as the stack does."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(30)


@dataclass(frozen=True)
class Database:
    """A database of a running emulator."""

    server: Emulator
    name: str

    @property
    def url(self) -> SecretStr:
        """For the loader."""
        return SecretStr(stand_in.url(self.server.port).replace(stand_in.DATABASE, self.name))

    def rows(self, sql: str, schema: str = "") -> list[tuple[Any, ...]]:
        """Rows of a statement, in a session of its own."""
        with contextlib.closing(Session(Account.parse(self.url.get_secret_value()))) as session:
            session.schema = schema
            return session.run(sql)

    def table_names(self, schema: str) -> set[str]:
        """Tables of users, staging tables too; not the loader's own three. In lower case, as tests of all have them."""
        found = self.rows(f"SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = '{schema}'")
        return {name.lower() for (name,) in found} - {"_dwsim_load", "_dwsim_ledger", "_dwsim_catalog"}


@contextlib.contextmanager
def emulator(directory: Path) -> Iterator[Emulator]:
    """Run the emulator in a process of its own; end it with the block."""
    directory.mkdir(parents=True)
    server = Emulator(directory, free_ports(1)[0])
    server.start()
    try:
        yield server
    finally:
        server.end(signal.SIGKILL)


@pytest.fixture(scope="session")
def snowflake() -> Iterator[Emulator]:
    """One server for all tests of a worker."""
    with tempfile.TemporaryDirectory(prefix="dwsim-snowflake-") as folder, emulator(Path(folder) / "state") as server:
        yield server


@pytest.fixture
def account(snowflake: Emulator) -> Database:
    """The database of the server, empty; making another one takes as long as a small load."""
    return emptied(snowflake)


def emptied(server: Emulator) -> Database:
    """The database of a running emulator, without anything that loads made."""
    database = Database(server, stand_in.DATABASE)
    writer = SnowflakeWriter(database.url)
    for namespace in writer.namespaces():
        writer.drop(namespace)
    return database
