"""CheckRun through the generator's door: what a run promises, held against its staged files."""

import grpc
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dwsim.generator.v1 import generator_service_pb2 as pb
from dwsim.generator.v1.quality_report_pb2 import QualityCheck, QualityReport
from dwsim.generator.v1.run_pb2 import Run

from dwsim_wire.client import call
from tests.clients import refused
from tests.generator_svc.running import Generator
from tests.s3 import Prefix

LONG = {"orders": 20_000_000}


async def check(running: Generator, run_id: int) -> QualityReport:
    return (await call(running.stub.CheckRun, pb.CheckRunRequest(run_id=run_id), timeout=60)).report


async def test_a_run_and_the_appends_after_it_hold_what_they_promise(running: Generator) -> None:
    """Appends refer to rows of earlier runs, whose files are found."""
    base = await running.completed(batch_rows=700)
    more = await running.completed(kind=Run.APPEND, rows={"customers": 50, "orders": 400})
    for run in (base, more):
        report = await check(running, run.run_id)
        assert report.passed, [c for t in report.tables for c in t.checks if not c.passed]
        assert (report.run_id, report.experiment, report.violations) == (run.run_id, "shop", 0)
        assert [(table.table, table.rows) for table in report.tables] == [(t.name, t.rows) for t in run.tables]
        assert not [c for t in report.tables for c in t.checks if c.skipped]
    assert report.checked > 1_000


async def test_an_altered_file_is_found_by_the_promise_that_it_breaks(running: Generator) -> None:
    """The report names table, column, kind and an offending value."""
    run = await running.completed()
    (file,) = [path for path in await running.files(run.run_id) if path.parent.name == "orders"]
    rows = pq.ParquetFile(file).read()
    parents = pa.array([10**9, *rows["customer_id"].to_pylist()[1:]], pa.int64())
    place = rows.schema.get_field_index("customer_id")
    pq.write_table(rows.set_column(place, rows.schema.field(place), parents), file)
    report = await check(running, run.run_id)
    assert not report.passed
    assert 0 < report.error_rate < 0.001
    (found,) = [(t.table, c) for t in report.tables for c in t.checks if not c.passed]
    assert (found[0], found[1].kind, list(found[1].columns)) == ("orders", QualityCheck.REFERENCE, ["customer_id"])
    assert (found[1].violations, list(found[1].samples)) == (1, [str(10**9)])
    (orders,) = [table for table in report.tables if table.table == "orders"]
    assert {c.column: c.passed for c in orders.columns}["customer_id"] is False
    assert orders.error_rate > 0


async def test_only_a_whole_run_with_its_files_is_checked(running: Generator) -> None:
    """Each obstacle has its own reason: wait, start anew, or the files are gone."""
    with refused(grpc.StatusCode.NOT_FOUND, "UNKNOWN_RUN", "77"):
        await check(running, 77)
    started = await running.start(rows=LONG, batch_rows=1000)
    with refused(grpc.StatusCode.FAILED_PRECONDITION, "RUN_NOT_COMPLETED"):
        await check(running, started.run_id)
    await call(running.stub.AbortRun, pb.AbortRunRequest(run_id=started.run_id))
    await running.ended(started.run_id)
    with refused(grpc.StatusCode.FAILED_PRECONDITION, "RUN_NOT_COMPLETED", "ABORTED"):
        await check(running, started.run_id)
    run = await running.completed()
    (await running.files(run.run_id))[0].unlink()
    with refused(grpc.StatusCode.FAILED_PRECONDITION, "STAGED_FILE_CHANGED", "missing"):
        await check(running, run.run_id)
    await call(running.stub.CleanStaging, pb.CleanStagingRequest(run_ids=[run.run_id]))
    with refused(grpc.StatusCode.FAILED_PRECONDITION, "FILES_DELETED", "deleted"):
        await check(running, run.run_id)


async def test_a_run_of_some_tables_says_what_it_cannot_see(running: Generator) -> None:
    """Orders alone: their customers were never staged."""
    run = await running.completed(tables=["orders"])
    report = await check(running, run.run_id)
    assert report.passed
    assert [c.kind for t in report.tables for c in t.checks if c.skipped] == [QualityCheck.REFERENCE]


@pytest.mark.parametrize("seconds", [0.005, 0.03])
async def test_a_client_that_leaves_stops_its_check(running: Generator, seconds: float) -> None:
    """A check may read all that was ever staged: nobody waiting, nothing read; the next one has its turn at once."""
    run = await running.completed(rows={"orders": 400_000})
    with refused(grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"):
        await call(running.stub.CheckRun, pb.CheckRunRequest(run_id=run.run_id), timeout=seconds)
    assert (await check(running, run.run_id)).passed


async def test_files_in_a_bucket_and_of_another_format_are_checked_too(running: Generator, s3: Prefix) -> None:
    """What keeps types can be checked, wherever it lies; what does not says so."""
    for format_, place in ((Run.PARQUET, s3.root.uri), (Run.ARROW_IPC, "")):
        run = await running.completed(format=format_, auto_load=False, staging_uri=place)
        report = await check(running, run.run_id)
        assert (report.passed, report.violations) == (True, 0)
        assert report.checked > 1_000
    run = await running.completed(format=Run.CSV)
    with refused(grpc.StatusCode.FAILED_PRECONDITION, "FORMAT_NOT_CHECKABLE", "PARQUET"):
        await check(running, run.run_id)
