"""A DDL file becomes an experiment: `dw-sim` through the gateway, the service's time alone, and its memory.

The reference is `sqlglot.parse` of the same text in this process, which neither checks nor stores anything.
"""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import psutil
import sqlglot
from dwsim.schema.v1.schema_service_pb2 import ImportSqlRequest

from bench.ddl_text import COLUMNS, ddl_text
from bench.measure import Effort, Figure, Side, Target, compare, interleaved, timed
from dwsim_cli.mesh import Mesh
from dwsim_wire.settings import DEFAULT_PORTS
from local_stack import LocalStack

SQLGLOT = "sqlglot.parse"
SIZES, SMOKE_SIZES = (100, 1000, 2000), (5, 10, 20)
PROMISED, MOST_SECONDS, MOST_MB = 1000, 10.0, 500.0
MOST_GROWTH = 1.5
"""Seconds of a table among the most tables over those among a middling number: 1 is linear."""
LOOKS_SECONDS = 0.02


async def run(effort: Effort, folder: Path) -> AsyncIterator[Figure]:
    """Seconds by size, beside sqlglot; seconds through the command line; megabytes; growth with size."""
    ports = dict.fromkeys((*DEFAULT_PORTS, "gateway"), 0)
    async with LocalStack(folder, ports=ports) as stack:
        imports = Imports(stack, folder)
        taken = {}
        for size in SMOKE_SIZES if effort.smoke else SIZES:
            text = ddl_text(size)
            sides = {"ours": imports.by_grpc(text), SQLGLOT: _by_sqlglot(text)}
            samples = await interleaved(effort.rounds, sides)
            figure = compare(f"import {size:,} tables, {size * COLUMNS:,} columns", "s", samples, against=SQLGLOT)
            taken[size] = figure.ours
            yield figure
        *_, middle, most = taken
        grown = taken[most] / most / (taken[middle] / middle)
        yield Figure(
            f"import: time of a table among {most:,} over {middle:,}",
            "x",
            grown,
            target=Target(most=MOST_GROWTH, of_ratio=False),
        )
        tables = middle if effort.smoke else PROMISED
        with imports.watched() as memory:
            seconds = await imports.by_command(ddl_text(tables))
        yield Figure(
            f"dw-sim experiment import-sql, {tables:,} tables",
            "s",
            seconds,
            target=Target(most=MOST_SECONDS, of_ratio=False),
        )
        yield Figure(
            f"memory of the schema service, {tables:,} tables",
            "MB",
            memory.peak_mb,
            target=Target(most=MOST_MB, of_ratio=False),
        )


def _by_sqlglot(text: str) -> Side:
    async def parse() -> float:
        with timed() as watch:
            await asyncio.to_thread(sqlglot.parse, text, "redshift")
        return watch.seconds

    return parse


class Memory:
    """The most that a process and its children had at once."""

    peak_mb = 0.0

    def look(self, process: psutil.Process) -> None:
        """Add up what they have now."""
        total = 0
        for one in (process, *process.children(recursive=True)):
            try:
                total += one.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        self.peak_mb = max(self.peak_mb, total / 1e6)


class Imports:
    """Ways into a running stack; every import makes an experiment of its own."""

    def __init__(self, stack: LocalStack, folder: Path) -> None:
        self._stack, self._folder, self._number = stack, folder, 0

    def by_grpc(self, text: str) -> Side:
        """Through the gateway, with stubs."""

        async def seconds() -> float:
            request = ImportSqlRequest(name=self._name(), sql=text)
            async with Mesh(dict.fromkeys(DEFAULT_PORTS, self._stack.addresses["gateway"]), self._folder) as mesh:
                with timed() as watch:
                    await mesh.call(mesh.schema.ImportSql, request)
            return watch.seconds

        return seconds

    async def by_command(self, text: str) -> float:
        """As a user does: the command checks, shows the whole document, stores it."""
        file = self._folder / "import.sql"
        file.write_text(text)
        command = [sys.executable, "-m", "dwsim_cli.main", "--gateway-address", self._stack.addresses["gateway"]]
        command += ["experiment", "import-sql", str(file), "--name", self._name()]
        with timed() as watch:
            done = await asyncio.to_thread(
                subprocess.run, command, cwd=self._folder, capture_output=True, text=True, check=False
            )
        assert done.returncode == 0, done.stderr[-2000:]
        return watch.seconds

    @contextmanager
    def watched(self) -> Iterator[Memory]:
        """Watch the schema service's memory for the length of the block."""
        (service,) = (child for child in psutil.Process().children(recursive=True) if "schema_svc" in child.cmdline())
        memory, done = Memory(), Event()

        def watch() -> None:
            while not done.wait(LOOKS_SECONDS):
                memory.look(service)

        watching = Thread(target=watch)
        watching.start()
        try:
            yield memory
        finally:
            done.set()
            watching.join()

    def _name(self) -> str:
        self._number += 1
        return f"imported{self._number}"
