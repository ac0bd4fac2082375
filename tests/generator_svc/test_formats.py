"""Runs in other formats than Parquet, through the real door."""

import json
from pathlib import Path

import duckdb
import grpc
import pytest
from dwsim.generator.v1 import generator_service_pb2 as pb
from dwsim.generator.v1.run_pb2 import Run

from dwsim_wire.client import call
from dwsim_wire.staging import StagingRoot
from tests.clients import refused
from tests.generator_svc.running import Generator, hashes

READERS = {Run.CSV: "read_csv", Run.JSON_LINES: "read_json", Run.ARROW_IPC: ""}
ENDINGS = {Run.CSV: ".csv", Run.JSON_LINES: ".jsonl", Run.ARROW_IPC: ".arrow"}


@pytest.mark.parametrize("form", READERS, ids=Run.Format.Name)
async def test_another_format_has_the_same_rows_and_content_hashes(
    running: Generator, form: Run.Format.ValueType
) -> None:
    """A format is how cells are written down; the data set is the same one."""
    parquet = await running.completed(seed=7, batch_rows=500)
    run = await running.completed(seed=7, batch_rows=500, format=form)
    assert (parquet.format, parquet.auto_load) == (Run.PARQUET, True)
    assert (run.format, run.auto_load) == (form, False)
    assert hashes(run) == hashes(parquet)
    files = await running.files(run.run_id)
    assert {path.suffix for path in files} == {ENDINGS[form]}
    manifest = json.loads((StagingRoot.parse(run.staging_uri).path / "manifest.json").read_text())
    assert manifest["format"] == Run.Format.Name(form)
    if reader := READERS[form]:
        orders = [str(path) for path in files if path.parent.name == "orders"]
        with duckdb.connect() as connection:
            connection.execute(f"SELECT count(*), count(DISTINCT order_id) FROM {reader}({orders})")
            assert connection.fetchall() == [(1500, 1500)]


async def test_files_of_any_format_are_cleaned_and_deleted(running: Generator, tmp_path: Path) -> None:
    """Whatever a run wrote goes with it."""
    out = tmp_path / "out"
    run = await running.completed(format=Run.CSV, output_dir=str(out))
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "OUTPUT_NOT_WRITABLE", "files of another run"):
        await running.start(output_dir=str(out))
    await call(running.stub.DeleteRuns, pb.DeleteRunsRequest(run_ids=[run.run_id]))
    assert not out.exists()
    kept = await running.completed(format=Run.JSON_LINES)
    place = StagingRoot.parse(kept.staging_uri).path
    (place / "orders/part-99999.csv").write_text("stray")
    assert (await call(running.stub.CleanStaging, pb.CleanStagingRequest(dry_run=True))).files == 4
    await call(running.stub.CleanStaging, pb.CleanStagingRequest())
    assert not list(place.rglob("part-*"))


async def test_a_load_of_what_the_loader_cannot_read_is_refused_at_the_door(running: Generator) -> None:
    """Better now than after the last row."""
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "FORMAT_NOT_LOADABLE", "CSV"):
        await running.start(format=Run.CSV, auto_load=True)
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT", "format"):
        await running.start(format=77)
