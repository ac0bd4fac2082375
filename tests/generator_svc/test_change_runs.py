"""Change sets as runs: files, manifest, chain of versions, restarts, refusals."""

import asyncio
import json
from pathlib import Path

import grpc
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from dwsim.generator.v1 import generator_service_pb2 as pb
from dwsim.generator.v1 import generator_service_pb2_grpc
from dwsim.generator.v1.change_spec_pb2 import ChangeSpec, TableChanges
from dwsim.generator.v1.run_pb2 import Run

from dwsim_wire.client import call, open_channel
from dwsim_wire.staging import StagingRoot
from tests.clients import refused
from tests.generator_svc.documents import shop
from tests.generator_svc.running import Generator, generator, hashes
from tests.generator_svc.schema_peer import SchemaStandIn
from tests.processes import service_process, wait_for

SCD2 = ChangeSpec(output=ChangeSpec.SCD2)


async def test_a_change_set_stages_a_feed_in_time_order(running: Generator) -> None:
    """The files of a table, read in order, are what a log-based CDC tool would have delivered that day."""
    base = await running.completed(seed=7)
    run = await running.completed(kind=Run.CHANGE_SET, batch_rows=16)
    assert (run.version, run.change_output, run.base_run_id, run.seed) == (1, ChangeSpec.CDC_FEED, base.run_id, 7)
    assert run.auto_load is False
    feed = await running.table(run, "customers")
    assert feed.column_names[:4] == ["_op", "_ts", "_version", "customer_id"]
    counts = {each["values"]: each["counts"] for each in pc.value_counts(feed["_op"]).to_pylist()}
    assert counts == {"I": 15, "U": 29, "D": 6}
    moments = feed["_ts"].to_pylist()
    assert moments == sorted(moments)
    assert {moment.date().isoformat() for moment in moments} == {"2026-01-02"}
    for table in run.tables:
        assert table.rows == table.rows_done == (await running.table(run, table.name)).num_rows


async def test_the_manifest_says_what_each_file_tells(running: Generator) -> None:
    """Whoever finds the directory needs no service to read it."""
    await running.completed()
    run = await running.completed(kind=Run.CHANGE_SET)
    manifest = json.loads((StagingRoot.parse(run.staging_uri).path / "manifest.json").read_text())
    assert (manifest["kind"], manifest["version"], manifest["change_output"]) == ("CHANGE_SET", 1, "CDC_FEED")
    for table in manifest["tables"]:
        assert sum(file["rows"] for file in table["files"]) == table["rows"]
        for file in table["files"]:
            ops = set(pq.read_table(StagingRoot.parse(file["uri"]).path, columns=["_op"])["_op"].to_pylist())
            assert ops <= {file["operation"][0]}


async def test_versions_chain_and_any_form_of_one_is_the_same_version(running: Generator) -> None:
    """A history and a feed of the same version may both be asked for; a chain made again is the same."""
    base = await running.completed()
    made = []
    for batch_rows in (0, 50):
        first = await running.completed(kind=Run.CHANGE_SET, base_run_id=base.run_id, batch_rows=batch_rows)
        second = await running.completed(kind=Run.CHANGE_SET, batch_rows=batch_rows)
        history = await running.completed(
            kind=Run.CHANGE_SET, base_run_id=first.run_id, changes=SCD2, batch_rows=batch_rows
        )
        assert [run.version for run in (first, second, history)] == [1, 2, 2]
        made.append([hashes(run) for run in (first, second, history)])
    assert made[0] == made[1]
    states = await running.table(history, "customers")
    assert states.column_names[-3:] == ["valid_from", "valid_to", "is_current"]
    living = pc.sum(states["is_current"]).as_py()
    assert living == 300 + 15 - 6 + 15 - 6
    snapshot = await running.completed(
        kind=Run.CHANGE_SET, base_run_id=first.run_id, changes=ChangeSpec(output=ChangeSpec.SNAPSHOT)
    )
    assert (await running.table(snapshot, "customers")).num_rows == living


async def test_shares_are_taken_by_table_and_default_to_those_of_all(running: Generator) -> None:
    """What is not said for a table is as for all."""
    await running.completed()
    changes = ChangeSpec(delete_fraction=0, tables={"orders": TableChanges(insert_fraction=1, update_fraction=0)})
    run = await running.completed(kind=Run.CHANGE_SET, changes=changes, rows={"customers": 3})
    assert {table.name: table.rows for table in run.tables} == {
        "customers": 3 + 30,
        "orders": 1500,
        "order_items": 200 + 400,
    }


@pytest.mark.slow
async def test_a_killed_change_set_goes_on_where_it_was(tmp_path: Path, schema: SchemaStandIn) -> None:
    """Pinned stretches are cut the same way after a restart."""
    async with generator(tmp_path / "whole", schema.address, generator_threads=1) as running:
        await running.completed(batch_rows=200)
        whole = await running.completed(kind=Run.CHANGE_SET, batch_rows=20)
    data_dir = tmp_path / "killed"
    facts = {
        "DW_SIMULATOR_SCHEMA_ADDRESS": schema.address,
        "DW_SIMULATOR_GENERATOR_THREADS": "2",
        "DW_SIMULATOR_FAILPOINTS": "generator.write=kill@36",
    }
    with service_process("generator", data_dir, environment=facts) as process:
        async with open_channel(await asyncio.to_thread(process.address)) as channel:
            stub = generator_service_pb2_grpc.GeneratorServiceStub(channel)
            full = pb.StartRunRequest(experiment="shop", batch_rows=200, wait=True)
            await call(stub.StartRun, full, timeout=120)
            request = pb.StartRunRequest(experiment="shop", batch_rows=20, kind=Run.CHANGE_SET)
            run_id = (await call(stub.StartRun, request, timeout=120)).run_id
        await asyncio.to_thread(wait_for, process.killed, "the generator")
    async with generator(data_dir, schema.address) as running:
        run = await running.ended(run_id)
        assert run.state == Run.COMPLETED, run.failure
        assert hashes(run) == hashes(whole)
        assert [table.rows for table in run.tables] == [table.rows for table in whole.tables]


async def test_what_does_not_go_together_is_refused(running: Generator, schema: SchemaStandIn) -> None:
    """Each refusal says what would be right."""
    base = await running.completed()
    with refused(grpc.StatusCode.UNIMPLEMENTED, "NOT_YET_AVAILABLE", "auto_load"):
        await running.start(kind=Run.CHANGE_SET, auto_load=True)
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT", "CHANGE_SET"):
        await running.start(kind=Run.APPEND, changes=SCD2)
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT", "seed"):
        await running.start(kind=Run.CHANGE_SET, seed=43)
    with refused(grpc.StatusCode.NOT_FOUND, "UNKNOWN_TABLE", "orders"):
        await running.start(kind=Run.CHANGE_SET, changes=ChangeSpec(tables={"order": TableChanges()}))
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT", "updates", "between 0 and 1"):
        await running.start(kind=Run.CHANGE_SET, changes=ChangeSpec(update_fraction=1.5))
    changed = await running.completed(kind=Run.CHANGE_SET)
    with refused(grpc.StatusCode.UNIMPLEMENTED, "NOT_YET_AVAILABLE", "change set"):
        await call(running.stub.CheckRun, pb.CheckRunRequest(run_id=changed.run_id))
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT", "base_run_id"):
        await running.start(kind=Run.APPEND)
    more = await running.completed(kind=Run.APPEND, base_run_id=base.run_id, rows={"customers": 5})
    assert more.base_run_id == base.run_id
    schema.documents["other"] = shop() | {"name": "other", "id": "e2"}
    with refused(grpc.StatusCode.FAILED_PRECONDITION, "NO_BASE_RUN", "FULL"):
        await running.start("other", kind=Run.CHANGE_SET)
