"""How long a run's files are kept, as the run itself was asked to: for good, until they are loaded, for some days."""

from pathlib import Path
from typing import Any

import pytest
from dwsim.generator.v1 import generator_service_pb2 as pb
from dwsim.generator.v1.run_pb2 import Run
from grpc import StatusCode as Code

from dwsim_wire.client import call
from tests.clients import refused
from tests.generator_svc.running import Generator, generator
from tests.generator_svc.schema_peer import SchemaStandIn
from tests.generator_svc.test_retention import SMALL, grow_old, until

LOADED_GOES: dict[str, Any] = {"retention": Run.DELETE_AFTER_LOAD, **SMALL}


async def report(running: Generator, run: Run, **facts: Any) -> int:
    """Say that a run is loaded; answers the files that went."""
    log_id = (await running.events())[0].log_id
    known: dict[str, Any] = {"run_id": run.run_id, "experiment_id": run.experiment_id, "log_id": log_id} | facts
    return (await call(running.stub.ReportLoaded, pb.ReportLoadedRequest(**known))).deleted_files


async def test_files_of_a_loaded_run_go_when_it_asked_for_that(running: Generator) -> None:
    """Staging is a place to pass through: the warehouse has the rows."""
    run = await running.completed(**LOADED_GOES)
    assert run.retention == Run.DELETE_AFTER_LOAD
    [file] = await running.files(run.run_id)
    assert await report(running, run) == 1
    assert not file.exists()
    assert await running.files(run.run_id) == []
    assert await report(running, run) == 0, "a report that comes twice changes nothing"
    assert [event.WhichOneof("kind") for event in await running.events()].count("run_deleted") == 1
    with refused(Code.FAILED_PRECONDITION, "FILES_DELETED"):
        await call(running.stub.CheckRun, pb.CheckRunRequest(run_id=run.run_id))
    more = await running.completed(kind=Run.APPEND, rows={"customers": 5}, retention=Run.KEEP)
    assert (more.base_run_id, more.tables[0].rows) == (run.run_id, 5)


async def test_files_of_other_runs_stay(running: Generator) -> None:
    """A report about another log, experiment or run deletes nobody's files."""
    kept = await running.completed(**SMALL)
    assert (kept.retention, await report(running, kept)) == (Run.KEEP, 0)
    gone = await running.completed(**LOADED_GOES)
    with refused(Code.FAILED_PRECONDITION, "LOG_REPLACED"):
        await report(running, gone, log_id="another")
    with refused(Code.FAILED_PRECONDITION, "LOG_REPLACED"):
        await report(running, gone, log_id="")
    with refused(Code.NOT_FOUND, "UNKNOWN_RUN"):
        await report(running, gone, experiment_id="another")
    with refused(Code.NOT_FOUND, "UNKNOWN_RUN"):
        await report(running, gone, run_id=99)
    with refused(Code.NOT_FOUND, "UNKNOWN_RUN"):
        await report(running, gone, run_id=99, log_id="")
    assert len(await running.files(kept.run_id)) == len(await running.files(gone.run_id)) == 1


async def test_loaded_files_make_room_in_the_quota(tmp_path: Path, schema: SchemaStandIn) -> None:
    """A run that waits for room goes on as soon as an earlier one is loaded."""
    async with generator(tmp_path / "data", schema.address) as running:
        size = (await running.completed(**SMALL)).bytes_done
    async with generator(tmp_path / "quota", schema.address, staging_quota_bytes=3 * size - 1) as running:
        first, second, _ = [await running.completed(**LOADED_GOES) for _ in range(3)]
        waiting = await running.start(**LOADED_GOES)
        assert await report(running, first) == 1
        assert await report(running, second) == 1
        assert (await running.ended(waiting.run_id)).state == Run.COMPLETED


async def test_files_expire_by_the_days_of_their_run(tmp_path: Path, schema: SchemaStandIn) -> None:
    """Every run has its own term; the run itself stays, for appends."""
    async with generator(tmp_path / "data", schema.address) as running:
        week = await running.completed(retention=Run.EXPIRE_DAYS, expire_days=7, **SMALL)
        month = await running.completed(retention=Run.EXPIRE_DAYS, expire_days=30, **SMALL)
        kept = await running.completed(**SMALL)
        assert (week.retention, week.expire_days) == (Run.EXPIRE_DAYS, 7)
    grow_old(tmp_path / "data", 8)
    async with generator(tmp_path / "data", schema.address) as running:

        async def swept() -> bool:
            return not await running.files(week.run_id)

        await until(swept)
        assert (await running.get(week.run_id)).state == Run.COMPLETED
        assert len(await running.files(month.run_id)) == len(await running.files(kept.run_id)) == 1


@pytest.mark.parametrize(
    "facts",
    [
        {"retention": 9},
        {"retention": Run.EXPIRE_DAYS},
        {"retention": Run.EXPIRE_DAYS, "expire_days": -1},
        {"retention": Run.KEEP, "expire_days": 3},
        {"expire_days": 3},
        {"retention": Run.DELETE_AFTER_LOAD, "format": Run.CSV},
        {"retention": Run.DELETE_AFTER_LOAD, "output_dir": "/tmp/somewhere"},  # nothing is written
    ],
)
async def test_what_would_not_be_kept_to_is_refused(running: Generator, facts: dict[str, Any]) -> None:
    """Files that stay, or go, against what was asked for are found out too late."""
    with refused(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT"):
        await running.start(**facts)
