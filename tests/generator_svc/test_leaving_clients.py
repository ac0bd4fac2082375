"""Clients that leave in the middle of a request: what was begun is carried on, or taken up again soon after."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pytest
from dwsim.generator.v1 import generator_service_pb2 as pb
from dwsim.generator.v1.run_pb2 import Run

from dwsim_wire.client import call
from generator_svc.worker import scheduler
from tests.clients import refused
from tests.generator_svc.running import Generator, generator
from tests.generator_svc.schema_peer import SchemaStandIn

LONG = {"orders": 20_000_000}
PATIENCE = 0.5


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "data" / "metadata" / "generator.db"


@contextlib.contextmanager
def busy(database: Path) -> Iterator[None]:
    """A database that lets nobody in for a while."""
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


async def newest(running: Generator) -> AsyncIterator[Run]:
    """The newest run as soon as there is one."""
    while True:
        for run in (await call(running.stub.ListRuns, pb.ListRunsRequest(page_size=1))).runs:
            yield run


async def test_a_run_whose_client_left_is_made(running: Generator, database: Path) -> None:
    """Else it would be PENDING for ever, and every later run of the experiment be refused."""
    request = pb.StartRunRequest(experiment="shop", request_id="r")
    with busy(database), refused(grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"):
        await call(running.stub.StartRun, request, timeout=PATIENCE)
    async for run in newest(running):
        assert (await running.ended(run.run_id)).state == Run.COMPLETED
        break
    assert (await call(running.stub.StartRun, request)).run_id == run.run_id


async def test_an_abort_whose_client_left_stops_the_run(running: Generator, database: Path) -> None:
    """ABORTING is a promise to stop, not a word."""
    answer = await running.start(rows=LONG, batch_rows=1000)
    with busy(database), refused(grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"):
        await call(running.stub.AbortRun, pb.AbortRunRequest(run_id=answer.run_id), timeout=PATIENCE)
    assert (await running.ended(answer.run_id)).state == Run.ABORTED


async def test_a_run_that_nobody_carries_out_is_taken_up(
    tmp_path: Path, schema: SchemaStandIn, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever loses a hand-over, nobody should have to restart the service for it."""
    monkeypatch.setattr(scheduler, "TEND_SECONDS", 0.2)
    async with generator(tmp_path / "data", schema.address) as running:
        first = await running.completed()
        with contextlib.closing(sqlite3.connect(database, timeout=30)) as connection, connection:
            connection.execute("UPDATE runs SET state = 'RUNNING', end_time = NULL")
        assert (await running.ended(first.run_id)).state == Run.COMPLETED
        second = await running.start(rows=LONG, batch_rows=1000)
        with contextlib.closing(sqlite3.connect(database, timeout=30)) as connection, connection:
            connection.execute("UPDATE runs SET state = 'ABORTING' WHERE run_id = ?", [second.run_id])
        assert (await running.ended(second.run_id)).state == Run.ABORTED
