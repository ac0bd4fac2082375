"""What dies and what fills up: killed processes, full disks, files that vanish."""

import asyncio
import json
import random
import resource
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import grpc
import pytest
from dwsim.generator.v1 import generator_service_pb2 as pb
from dwsim.generator.v1 import generator_service_pb2_grpc
from dwsim.generator.v1.run_pb2 import Run

from dwsim_wire import failpoint
from dwsim_wire.client import call, open_channel, stream
from dwsim_wire.staging import StagingRoot
from tests.clients import refused
from tests.generator_svc.running import Generator, generator, hashes
from tests.generator_svc.schema_peer import SchemaStandIn
from tests.processes import ServiceProcess, service_process, wait_for

BATCHES = 2 + 8 + 20
ASKED: dict[str, Any] = {"batch_rows": 200, "seed": 3}


@pytest.fixture
def failpoints() -> Iterator[None]:
    yield
    failpoint.arm("")


@pytest.mark.parametrize(
    "kill",
    [
        "generator.after_file=kill@4",
        "generator.after_event=kill@12",
        pytest.param("generator.write=kill@1", marks=pytest.mark.slow),
        pytest.param("generator.write=kill@9", marks=pytest.mark.slow),
    ],
)
async def test_a_killed_generator_goes_on_where_it_was(tmp_path: Path, schema: SchemaStandIn, kill: str) -> None:
    """No batch is told twice, none is missing, no cell differs; the kill may come at any moment."""
    async with generator(tmp_path / "whole", schema.address) as running:
        whole = await running.completed(**ASKED)
    environment = {"DW_SIMULATOR_SCHEMA_ADDRESS": schema.address, "DW_SIMULATOR_GENERATOR_THREADS": "2"}
    data_dir = tmp_path / "killed"
    with service_process("generator", data_dir, environment=environment | {"DW_SIMULATOR_FAILPOINTS": kill}) as process:
        address = await asyncio.to_thread(process.address)
        async with open_channel(address) as channel:
            stub = generator_service_pb2_grpc.GeneratorServiceStub(channel)
            run_id = (await call(stub.StartRun, pb.StartRunRequest(experiment="shop", **ASKED))).run_id
        await asyncio.to_thread(wait_for, process.killed, kill)
    recorded = _recorded(data_dir)
    assert len(recorded) < BATCHES, "a kill counts only if it landed mid-work"
    async with generator(data_dir, schema.address) as running:
        run = await running.ended(run_id)
        assert run.state == Run.COMPLETED
        assert hashes(run) == hashes(whole)
        events = await running.events()
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        told = [(b.table, b.batch_index) for b in (e.batch_finished for e in events if e.HasField("batch_finished"))]
        assert len(told) == len(set(told)) == BATCHES
        assert _recorded(data_dir)[: len(recorded)] == recorded, "what was recorded is not made again"
        root = StagingRoot.parse(run.staging_uri).path
        assert {path for path in root.rglob("*") if path.is_file() and path.name != "manifest.json"} == set(
            await running.files(run_id)
        )


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kills", [3, 20])
async def test_kills_at_random_moments_change_no_cell(tmp_path: Path, schema: SchemaStandIn, kills: int) -> None:
    """Named places are where we thought of a crash; a machine that loses power does not ask."""
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    asked: dict[str, Any] = {"rows": {"orders": 100_000 * kills}, "tables": ["customers", "orders"], "batch_rows": 2000}
    async with generator(tmp_path / "whole", schema.address) as running:
        whole = await running.completed(**asked)
    data_dir, run_id, done = tmp_path / "killed", 0, 0
    for _ in range(kills):
        run_id, before = await _killed_after(data_dir, schema, run_id, asked, done + chance.randint(0, 15))
        done = len(_recorded(data_dir))
        assert done >= before, "what was recorded stays recorded"
    assert done < sum(table.batches for table in whole.tables), "a kill counts only if it landed mid-work"
    async with generator(data_dir, schema.address) as running:
        run = await running.ended(run_id)
        assert run.state == Run.COMPLETED
        assert hashes(run) == hashes(whole)
        root = StagingRoot.parse(run.staging_uri).path
        there = {path for path in root.rglob("*") if path.is_file() and path.name != "manifest.json"}
        assert len(there) == sum(table.batches for table in run.tables)


async def _killed_after(
    data_dir: Path, schema: SchemaStandIn, run_id: int, asked: dict[str, Any], batches: int
) -> tuple[int, int]:
    """Id of the run (a new one for 0) and batches it had made when its generator was killed, soon after so many."""
    environment = {"DW_SIMULATOR_SCHEMA_ADDRESS": schema.address, "DW_SIMULATOR_GENERATOR_THREADS": "2"}
    with service_process("generator", data_dir, environment=environment) as process:
        address = await asyncio.to_thread(process.address)
        async with Generator.at(address) as running:
            run_id = run_id or (await running.start(**asked)).run_id
            async for answer in stream(running.stub.WatchRun, pb.WatchRunRequest(run_id=run_id), timeout=60):
                made = sum(table.batches_done for table in answer.run.tables)
                if made >= batches:
                    break
            process.kill()
    return run_id, made


def _recorded(data_dir: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(data_dir / "metadata/generator.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        query = "SELECT table_name, batch_index, uri, checksum, create_time FROM staged_files ORDER BY create_time"
        return connection.execute(query).fetchall()


async def test_a_full_disk_fails_the_run_and_leaves_nothing_half(running: Generator, failpoints: None) -> None:
    """The run says so, every file that was told of is whole, and room made later is enough to go on."""
    failpoint.arm("generator.write=enospc@5")
    answer = await running.start(wait=True, batch_rows=500)
    run = answer.run
    assert (run.state, run.failure.reason) == (Run.FAILED, "DISK_FULL")
    assert run.failure.hint
    root = StagingRoot.parse(run.staging_uri).path
    assert {path for path in root.rglob("*") if path.is_file()} == set(await running.files(run.run_id))
    assert len(await running.files(run.run_id)) >= 4 - 1
    ended = (await running.events())[-1].run_ended
    assert (ended.state, ended.failure.reason) == (Run.FAILED, "DISK_FULL")
    await running.completed()


async def test_a_disk_that_takes_no_more_fails_the_run_and_not_the_service(
    tmp_path: Path, schema: SchemaStandIn
) -> None:
    """The operating system itself refuses the bytes of a real process; with room again, the next run is made."""
    environment = {"DW_SIMULATOR_SCHEMA_ADDRESS": schema.address}
    with service_process("generator", tmp_path, environment=environment) as process:
        address = await asyncio.to_thread(process.address)
        async with Generator.at(address) as running:
            await running.completed()
            room = resource.prlimit(process.process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(process.process.pid, resource.RLIMIT_FSIZE, (500_000, room[1]))
            run = (await running.start(wait=True, tables=["orders"], rows={"orders": 500_000})).run
            assert (run.state, run.failure.reason) == (Run.FAILED, "DISK_FULL")
            left = {path for path in StagingRoot.parse(run.staging_uri).path.rglob("*") if path.is_file()}
            assert left == set(await running.files(run.run_id))
            resource.prlimit(process.process.pid, resource.RLIMIT_FSIZE, room)
            await running.completed(tables=["orders"], rows={"orders": 500_000})


async def test_a_broken_database_ends_the_start_with_a_word(tmp_path: Path, schema: SchemaStandIn) -> None:
    """A stack trace helps nobody decide between a backup and a reset; the file is left as it is."""
    async with generator(tmp_path, schema.address) as running:
        await running.completed(batch_rows=100)
    database = tmp_path / "metadata/generator.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    data = database.read_bytes()
    broken = data[:size] + b"\xa5" * (len(data) - size)
    database.write_bytes(broken)
    process = ServiceProcess("generator", tmp_path, environment={"DW_SIMULATOR_SCHEMA_ADDRESS": schema.address})
    assert await asyncio.to_thread(process.process.wait, 30) == 1
    log = process.log.read_text()
    assert "DATA_DIRECTORY_CORRUPT: the generator database cannot be read" in log
    assert "dw-sim reset" in log.splitlines()[-1]
    assert "Traceback" not in log
    assert str(tmp_path) not in log
    assert database.read_bytes() == broken


async def test_a_database_that_breaks_later_is_named_to_the_client(tmp_path: Path, schema: SchemaStandIn) -> None:
    """Half of the pages may be gone while the service is at work: no words of the driver cross the wire."""
    async with generator(tmp_path, schema.address) as running:
        await running.completed(batch_rows=500)
    database = tmp_path / "metadata/generator.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'staged_files'"
        (root,) = connection.execute(query).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with database.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xa5" * size)
    async with generator(tmp_path, schema.address) as running:
        with refused(grpc.StatusCode.DATA_LOSS, "DATA_DIRECTORY_CORRUPT", "the generator database cannot be read"):
            await running.files(1)


async def test_a_failure_keeps_its_trace_in_the_database_and_shows_one_line(
    tmp_path: Path, schema: SchemaStandIn, failpoints: None
) -> None:
    """Paths and stack frames are the operator's, not the client's."""
    failpoint.arm("generator.write=enospc@1")
    async with generator(tmp_path, schema.address) as running:
        run = (await running.start(wait=True)).run
    assert str(tmp_path) not in run.failure.message + run.failure.hint
    assert "Traceback" not in str(run)
    with closing(sqlite3.connect(tmp_path / "metadata/generator.db")) as connection:
        (trace,) = connection.execute("SELECT traceback FROM runs").fetchone()
    assert "OSError: [Errno 28]" in trace


async def first_files(running: Generator, run_id: int) -> list[Path]:
    """Files of a run at work, as soon as there are any."""
    async for _ in stream(running.stub.WatchRun, pb.WatchRunRequest(run_id=run_id), timeout=60):
        if files := await running.files(run_id):
            return files
    raise AssertionError("the run ended without a file")


async def test_a_run_whose_files_vanished_is_not_taken_up(tmp_path: Path, schema: SchemaStandIn) -> None:
    """A log that says what is not there any more must not be added to in silence."""
    async with generator(tmp_path, schema.address, generator_threads=1) as running:
        answer = await running.start(rows={"orders": 500_000}, batch_rows=1000)
        files = await first_files(running, answer.run_id)
    files[0].unlink()
    async with generator(tmp_path, schema.address) as running:
        run = await running.ended(answer.run_id)
    assert (run.state, run.failure.reason) == (Run.FAILED, "STAGED_FILE_CHANGED")


async def test_a_run_of_another_engine_is_not_gone_on_with(tmp_path: Path, schema: SchemaStandIn) -> None:
    """Half of a table by one engine and half by another would be a table that no engine makes."""
    async with generator(tmp_path, schema.address, generator_threads=1) as running:
        answer = await running.start(rows={"orders": 500_000}, batch_rows=1000)
    with closing(sqlite3.connect(tmp_path / "metadata/generator.db")) as connection, connection:
        connection.execute("UPDATE runs SET engine_version = '0'")
    async with generator(tmp_path, schema.address) as running:
        run = await running.ended(answer.run_id)
        assert (run.state, run.failure.reason) == (Run.FAILED, "ENGINE_VERSION_CHANGED")


async def test_a_schema_service_that_is_away_stops_new_runs_only(tmp_path: Path, schema: SchemaStandIn) -> None:
    """A run needs its peer once, at its start."""
    async with generator(tmp_path, "127.0.0.1:1") as running:
        with pytest.raises(Exception, match="schema service cannot be reached") as caught:
            await running.start()
        assert caught.value.reason == "UNAVAILABLE"  # type: ignore[attr-defined]  # a Fault
        assert json.dumps(await running.events()) == "[]"


async def test_two_generators_do_not_share_a_data_directory(tmp_path: Path, schema: SchemaStandIn) -> None:
    """One appender numbers the log."""
    async with generator(tmp_path, schema.address):
        with pytest.raises(Exception, match="another generator uses this data directory"):
            async with generator(tmp_path, schema.address):
                pass
