"""Removal: of runs, of an experiment step by step, of staged files; every step can be repeated."""

from pathlib import Path

import grpc
import pytest
from dwsim.generator.v1 import generator_service_pb2 as pb
from dwsim.generator.v1.run_pb2 import Run

from dwsim_wire.client import call
from dwsim_wire.staging import StagingRoot
from tests.clients import refused
from tests.generator_svc.documents import shop
from tests.generator_svc.running import Generator
from tests.generator_svc.schema_peer import SchemaStandIn

STOP, PURGE = pb.DeleteRunsRequest.STOP, pb.DeleteRunsRequest.PURGE


async def delete(running: Generator, **facts: object) -> tuple[int, int, int]:
    """Runs deleted, files deleted, runs stopped."""
    answer = await call(running.stub.DeleteRuns, pb.DeleteRunsRequest(**facts))  # type: ignore[arg-type]  # fields vary
    return answer.deleted_runs, answer.deleted_files, answer.aborted_runs


async def clean(running: Generator, **facts: object) -> tuple[int, int]:
    """Files and bytes that went."""
    answer = await call(running.stub.CleanStaging, pb.CleanStagingRequest(**facts))  # type: ignore[arg-type]
    return answer.files, answer.bytes


async def test_a_deleted_run_takes_its_files_along_and_stays_in_the_log(running: Generator) -> None:
    """The loader learns from the log that the files are gone; the log still tells what the run was."""
    kept, gone = await running.completed(), await running.completed(batch_rows=1000)
    assert await delete(running, run_ids=[gone.run_id]) == (1, 7, 0)
    assert not StagingRoot.parse(gone.staging_uri).path.exists()
    assert StagingRoot.parse(kept.staging_uri).path.exists()
    with refused(grpc.StatusCode.NOT_FOUND, "UNKNOWN_RUN"):
        await running.get(gone.run_id)
    events = await running.events(run_id=gone.run_id)
    assert events[0].run_started.run.staging_uri == gone.staging_uri
    assert events[-1].run_deleted.files == 7
    assert await delete(running, run_ids=[gone.run_id]) == (0, 0, 0), "a lost answer may be asked for again"
    with refused(grpc.StatusCode.NOT_FOUND, "UNKNOWN_RUN", "77"):
        await delete(running, run_ids=[kept.run_id, 77])
    assert (await running.get(kept.run_id)).state == Run.COMPLETED


async def test_files_of_others_in_an_output_directory_are_not_touched(running: Generator, tmp_path: Path) -> None:
    """We delete what we made, nothing else."""
    out = tmp_path / "out"
    run = await running.completed(output_dir=str(out))
    (out / "orders" / "notes.txt").write_text("mine")
    await delete(running, run_ids=[run.run_id])
    assert [path.relative_to(out).as_posix() for path in sorted(out.rglob("*"))] == ["orders", "orders/notes.txt"]


async def test_an_active_run_is_deleted_only_by_force(running: Generator) -> None:
    """Deleting files under a writer's hands would leave half of them."""
    answer = await running.start(rows={"orders": 2_000_000}, batch_rows=1000)
    with refused(grpc.StatusCode.ABORTED, "RUN_ACTIVE", str(answer.run_id)):
        await delete(running, run_ids=[answer.run_id])
    runs, _, aborted = await delete(running, run_ids=[answer.run_id], force=True)
    assert (runs, aborted) == (1, 1)
    assert not StagingRoot.parse(answer.run.staging_uri).path.exists()


async def test_an_experiment_goes_in_two_steps_and_never_runs_again(running: Generator, schema: SchemaStandIn) -> None:
    """The saga of a deletion: STOP before the loader drops, PURGE after; a new experiment may take the name."""
    await running.completed()
    active = await running.start(rows={"orders": 2_000_000}, batch_rows=1000)
    assert await delete(running, experiment_id="e1", step=STOP) == (0, 0, 1)
    assert (await running.get(active.run_id)).state == Run.ABORTED
    assert await delete(running, experiment_id="e1", step=STOP) == (0, 0, 0)
    with refused(grpc.StatusCode.ABORTED, "EXPERIMENT_DELETED", "shop"):
        await running.start()
    runs, files, _ = await delete(running, experiment_id="e1", step=PURGE)
    assert runs == 2
    assert files >= 3
    assert await delete(running, experiment_id="e1", step=PURGE) == (0, 0, 0)
    assert (await call(running.stub.ListRuns, pb.ListRunsRequest())).runs == []
    schema.documents["shop"] = shop() | {"id": "e2"}
    assert (await running.completed()).experiment_id == "e2"


async def test_an_experiment_that_schema_is_deleting_does_not_run(running: Generator, schema: SchemaStandIn) -> None:
    """Between the schema's decision and our tombstone no run may slip in."""
    schema.documents["shop"]["state"] = "DELETING"
    with refused(grpc.StatusCode.ABORTED, "EXPERIMENT_DELETED"):
        await running.start()


async def test_a_step_is_about_one_experiment(running: Generator) -> None:
    """A step without an experiment would be about all of them."""
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT", "experiment_id"):
        await delete(running, step=PURGE)
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT"):
        await delete(running, step=STOP, experiment_id="e1", run_ids=[1])


async def test_cleaning_deletes_files_of_ended_runs_and_strays(running: Generator) -> None:
    """History stays, bytes go; a dry run only counts."""
    first, second = await running.completed(), await running.completed()
    stray = StagingRoot.parse(first.staging_uri).path.parent / "99" / "orders" / "part-00000.parquet"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"12345")
    assert await clean(running, dry_run=True) == (7, first.bytes_done + second.bytes_done + 5)
    assert await clean(running, older_than_days=1) == (0, 0)
    assert await clean(running, run_ids=[first.run_id]) == (3, first.bytes_done)
    assert await running.files(first.run_id) == []
    assert len(await running.files(second.run_id)) == 3
    assert await clean(running) == (4, second.bytes_done + 5)
    assert not stray.exists()
    assert (await running.get(first.run_id)).state == Run.COMPLETED, "the run stays in the history"
    assert (await running.events(run_id=first.run_id))[-1].run_deleted.files == 3
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT"):
        await clean(running, older_than_days=-1)


async def test_cleaning_leaves_output_directories_alone_unless_the_run_is_named(
    running: Generator, tmp_path: Path
) -> None:
    """Whoever named a directory wants its files there; freeing our staging area must not take them."""
    staged, own = await running.completed(), await running.completed(output_dir=str(tmp_path / "out"))
    assert await clean(running) == (3, staged.bytes_done)
    assert len(list((tmp_path / "out").rglob("*.parquet"))) == 3
    assert await clean(running, run_ids=[own.run_id]) == (3, own.bytes_done)
    assert list((tmp_path / "out").rglob("*.parquet")) == []
    kept, gone = await running.completed(), await running.completed()
    await delete(running, run_ids=[gone.run_id])
    assert await clean(running, run_ids=[gone.run_id]) == (0, 0), "a run that is gone is not all runs"
    assert len(await running.files(kept.run_id)) == 3


@pytest.mark.parametrize("root", ["staging", "staging/../staging", "linked"])
async def test_a_file_is_known_by_every_name_of_its_place(running: Generator, tmp_path: Path, root: str) -> None:
    """A run whose staging is spelled in another way must not lose its files as strays."""
    (tmp_path / "data" / "staging").mkdir(exist_ok=True)
    (tmp_path / "data" / "linked").symlink_to(tmp_path / "data" / "staging")
    run = await running.completed(staging_uri=str(tmp_path / "data" / root))
    assert await clean(running, dry_run=True) == (3, run.bytes_done), "none is counted twice"
    assert await clean(running) == (3, run.bytes_done)


async def test_two_runs_do_not_write_to_one_place_under_two_names(
    running: Generator, schema: SchemaStandIn, tmp_path: Path
) -> None:
    """Each would overwrite the other's files."""
    schema.documents["other"] = shop() | {"name": "other", "id": "e2"}
    (tmp_path / "out").mkdir()
    (tmp_path / "linked").symlink_to(tmp_path / "out")
    first = await running.start(rows={"orders": 2_000_000}, batch_rows=500, output_dir=str(tmp_path / "out"))
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "OUTPUT_NOT_WRITABLE"):
        await running.start("other", output_dir=str(tmp_path / "linked"))
    await call(running.stub.AbortRun, pb.AbortRunRequest(run_id=first.run_id))


@pytest.mark.parametrize("root", ["staging", "staging/../staging"])
async def test_cleaning_leaves_active_runs_alone(running: Generator, tmp_path: Path, root: str) -> None:
    """A file that is written but not yet recorded looks like a stray and is none."""
    (tmp_path / "data" / "staging").mkdir(exist_ok=True)
    place = str(tmp_path / "data" / root)
    answer = await running.start(rows={"orders": 2_000_000}, batch_rows=500, staging_uri=place)
    for _ in range(30):
        assert await clean(running) == (0, 0)
    assert (await running.get(answer.run_id)).state in {Run.PENDING, Run.RUNNING}
    await call(running.stub.AbortRun, pb.AbortRunRequest(run_id=answer.run_id))
    run = await running.ended(answer.run_id)
    files = await running.files(run.run_id)
    assert files
    assert all(path.exists() for path in files)


async def test_staged_files_are_listed_in_pages_newest_run_first(running: Generator) -> None:
    """A page never repeats or skips a file."""
    first, second = await running.completed(batch_rows=1000), await running.completed()
    listed: list[tuple[int, str, int]] = []
    token = ""
    while True:
        request = pb.ListStagedFilesRequest(page_size=3, page_token=token, experiment="shop")
        page = await call(running.stub.ListStagedFiles, request)
        listed += [(file.run_id, file.table, file.batch_index) for file in page.files]
        token = page.next_page_token
        if not token:
            break
    assert listed[:3] == [(second.run_id, name, 0) for name in ("customers", "orders", "order_items")]
    assert listed[3:] == [
        (first.run_id, "customers", 0),
        *((first.run_id, "orders", index) for index in range(2)),
        *((first.run_id, "order_items", index) for index in range(4)),
    ]
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN"):
        await call(running.stub.ListStagedFiles, pb.ListStagedFilesRequest(page_token="abc"))
