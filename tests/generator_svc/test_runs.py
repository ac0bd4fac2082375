"""Runs through the real door: what is asked for is made, whole and the same every time."""

import asyncio
import json
from pathlib import Path

import grpc
import pyarrow.compute as pc
import pytest
import xxhash
from dwsim.generator.v1 import generator_service_pb2 as pb
from dwsim.generator.v1.run_pb2 import Run

from dwsim_wire.client import call
from dwsim_wire.staging import StagingRoot
from tests.clients import refused
from tests.generator_svc.documents import shop
from tests.generator_svc.running import Generator, generator, hashes
from tests.generator_svc.schema_peer import SchemaStandIn


async def test_a_run_stages_every_table_of_the_experiment(running: Generator, schema: SchemaStandIn) -> None:
    """The main job: rows as the document says, keys that hold, parents first, in files that the answer names."""
    answer = await running.start(wait=True, batch_rows=1000)
    assert dict(answer.row_counts) == {"customers": 300, "orders": 1500, "order_items": 4000}
    assert [table.name for table in answer.run.tables] == ["customers", "orders", "order_items"]
    assert answer.status == Run.COMPLETED
    assert len(answer.file_paths) == 1 + 2 + 4
    customers, orders, items = [await running.table(answer.run, table.name) for table in answer.run.tables]
    assert (customers.num_rows, orders.num_rows, items.num_rows) == (300, 1500, 4000)
    assert pc.count_distinct(customers["email"]).as_py() == 300
    assert pc.all(pc.is_in(orders["customer_id"], customers["customer_id"])).as_py()
    assert pc.all(pc.is_in(items["order_id"], orders["order_id"])).as_py()
    assert items.group_by(["order_id", "line_no"]).aggregate([]).num_rows == 4000


async def test_defaults_are_fixed_so_that_equal_requests_give_equal_data(running: Generator) -> None:
    """A default that follows the calendar or the machine would break every test built upon it."""
    first = await running.completed()
    assert (first.seed, first.as_of, first.kind, first.auto_load) == (42, "2026-01-01", Run.FULL, True)
    assert first.experiment_revision == 1
    assert first.engine_version
    second = await running.completed(seed=42, as_of="2026-01-01", auto_load=False)
    assert not second.auto_load
    assert hashes(first) == hashes(second)
    assert hashes(await running.completed(seed=0)) != hashes(first), "seed 0 is a seed, not a default"
    assert hashes(await running.completed(as_of="2020-02-02"))["orders"] != hashes(first)["orders"]


@pytest.mark.parametrize("threads", [1, 2])
async def test_batch_size_and_threads_change_no_cell(tmp_path: Path, schema: SchemaStandIn, threads: int) -> None:
    """Scaling out or resuming must never change a row: the content hash is the proof."""
    schema.documents["shop"] = shop(orders=30_000)
    async with generator(tmp_path, schema.address, generator_threads=threads) as running:
        made = [hashes(await running.completed(batch_rows=size)) for size in (1000, 10_000, 131_072)]
    assert made[0] == made[1] == made[2]
    assert all(len(value) == 32 for value in made[0].values())


async def test_a_subset_of_tables_is_as_it_would_be_in_the_whole(running: Generator) -> None:
    """Regenerating one table must not need the others, nor differ from them."""
    whole = hashes(await running.completed())
    part = await running.completed(tables=["orders"])
    assert hashes(part) == {"orders": whole["orders"]}


async def test_rows_of_a_request_win_over_the_document(running: Generator) -> None:
    """One schema serves a smoke test and a load test."""
    run = await running.completed(rows={"orders": 10, "order_items": 0})
    assert {table.name: table.rows for table in run.tables} == {"customers": 300, "orders": 10, "order_items": 0}
    empty = run.tables[2]
    assert (empty.batches, empty.batches_done) == (0, 0)
    assert empty.content_hash, "a table without rows is finished too"


async def test_the_manifest_says_what_the_files_hold(running: Generator) -> None:
    """Whoever finds the directory without the service must be able to check it."""
    run = await running.completed(batch_rows=1000)
    root = StagingRoot.parse(run.staging_uri).path
    assert root.parts[-3:] == ("generated", "shop", str(run.run_id))
    manifest = json.loads((root / "manifest.json").read_text())
    assert {table["name"]: table["content_hash"] for table in manifest["tables"]} == hashes(run)
    for table in manifest["tables"]:
        assert sum(file["rows"] for file in table["files"]) == table["rows"]
        for file in table["files"]:
            data = StagingRoot.parse(file["uri"]).path.read_bytes()
            assert (len(data), xxhash.xxh3_128_hexdigest(data)) == (file["bytes"], file["checksum"])


@pytest.mark.parametrize("below", ["", "metadata/mine", "warehouses", "staging/generated/shop"])
async def test_an_output_directory_is_not_one_of_ours(running: Generator, below: str, tmp_path: Path) -> None:
    """The next reset or delete would take the files along, or they would lie among databases."""
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "OUTPUT_NOT_WRITABLE", "data directory"):
        await running.start(output_dir=str(tmp_path / "data" / below))
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "OUTPUT_NOT_WRITABLE", "data directory"):
        await running.start(output_dir=f"{tmp_path}/data/../data/./{below}")
    assert not (tmp_path / "data/metadata/mine").exists()


async def test_a_refused_run_leaves_no_directory_behind(running: Generator, tmp_path: Path) -> None:
    """Nothing was accepted, so nothing was made."""
    with refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "NOT_ENOUGH_SPACE"):
        await running.start(output_dir=str(tmp_path / "new/out"), rows={"customers": 10**12})
    assert not (tmp_path / "new").exists()


async def test_an_output_directory_gets_the_files_and_no_second_run(running: Generator, tmp_path: Path) -> None:
    """The user's directory is theirs: one run's files, none overwritten."""
    out = tmp_path / "made" / "by us"
    run = await running.completed(output_dir=str(out))
    assert sorted(path.name for path in out.iterdir()) == ["customers", "manifest.json", "order_items", "orders"]
    assert [path.name for path in (out / "orders").iterdir()] == ["part-00000.parquet"]
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "OUTPUT_NOT_WRITABLE", "files of another run"):
        await running.start(output_dir=str(out))
    assert (await running.get(run.run_id)).state == Run.COMPLETED


async def test_places_that_cannot_be_written_are_refused_at_the_door(running: Generator, tmp_path: Path) -> None:
    """A path typed wrong should not cost a run."""
    (tmp_path / "file").write_text("mine")
    for path in (str(tmp_path / "file"), str(tmp_path / "file" / "below"), "relative/out", "/proc/none", "/a\0b"):
        with refused(grpc.StatusCode.INVALID_ARGUMENT, "OUTPUT_NOT_WRITABLE"):
            await running.start(output_dir=path)
    with refused(grpc.StatusCode.UNIMPLEMENTED, "NOT_YET_AVAILABLE"):
        await running.start(staging_uri="gs://bucket/x")
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT"):
        await running.start(staging_uri="relative")
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT"):
        await running.start(staging_uri=str(tmp_path), output_dir=str(tmp_path))
    elsewhere = await running.completed(staging_uri=f"file://{tmp_path}/elsewhere")
    assert elsewhere.staging_uri == f"file://{tmp_path}/elsewhere/generated/shop/{elsewhere.run_id}"


async def test_what_cannot_be_made_is_refused_with_what_would_be_right(running: Generator) -> None:
    """Every refusal names its place and the way out."""
    with refused(grpc.StatusCode.NOT_FOUND, "UNKNOWN_EXPERIMENT", "nowhere"):
        await running.start("nowhere")
    with refused(grpc.StatusCode.NOT_FOUND, "UNKNOWN_TABLE", "'ordrs'", "'orders'"):
        await running.start(tables=["ordrs"])
    with refused(grpc.StatusCode.NOT_FOUND, "UNKNOWN_TABLE", "did you mean 'customers'"):
        await running.start(rows={"CUSTOMER": 1})
    for rows in (-1, 10**12 + 1):
        with refused(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ROW_COUNT", "orders"):
            await running.start(rows={"orders": rows})
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT", "as_of"):
        await running.start(as_of="yesterday")
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT", "batch_rows"):
        await running.start(batch_rows=-5)
    with refused(grpc.StatusCode.FAILED_PRECONDITION, "NO_BASE_RUN", "FULL"):
        await running.start(kind=Run.CHANGE_SET)
    with refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "NOT_ENOUGH_SPACE", "need", "free"):
        await running.start(rows={"orders": 10**12})


async def test_an_impossible_rule_is_refused_before_a_run_begins(running: Generator, schema: SchemaStandIn) -> None:
    """Two hundred distinct values of a range of nine cannot be made."""
    document = shop()
    document["tables"][2]["columns"][0] |= {"is_unique": True, "min_value": 1, "max_value": 9}
    schema.documents["shop"] = document
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "IMPOSSIBLE_RULE", "customer_id"):
        await running.start()
    assert (await call(running.stub.ListRuns, pb.ListRunsRequest())).runs == []


async def test_a_request_id_sent_twice_at_once_starts_one_run(running: Generator) -> None:
    """A client that retries before the first answer came asks for the same run, not for a second one."""
    started = await asyncio.gather(*(running.start(request_id="r-2", seed=5) for _ in range(6)))
    assert len({each.run_id for each in started}) == 1


async def test_a_request_id_starts_one_run(running: Generator) -> None:
    """A client that lost the answer asks again; it must not pay twice."""
    first = await running.completed(request_id="r-1", seed=5)
    again = await running.start(request_id="r-1", seed=5)
    assert again.run_id == first.run_id
    assert again.status == Run.COMPLETED
    with refused(grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED", "r-1"):
        await running.start(request_id="r-1", seed=6)


async def test_runs_are_listed_newest_first_in_pages(running: Generator) -> None:
    """A page token is good for its own list only."""
    ids = [(await running.completed(tables=["customers"], seed=seed)).run_id for seed in range(5)]
    page = await call(running.stub.ListRuns, pb.ListRunsRequest(experiment="SHOP", page_size=2))
    assert [run.run_id for run in page.runs] == [ids[4], ids[3]]
    token = page.next_page_token
    rest = await call(running.stub.ListRuns, pb.ListRunsRequest(experiment="SHOP", page_size=3, page_token=token))
    assert [run.run_id for run in rest.runs] == ids[2::-1]
    assert rest.next_page_token == ""
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN"):
        await call(running.stub.ListRuns, pb.ListRunsRequest(page_token=token))
    assert (await call(running.stub.ListRuns, pb.ListRunsRequest(experiment="none"))).runs == []


async def test_an_unknown_run_is_not_found_by_any_rpc(running: Generator) -> None:
    """Ids are checked before anything waits on them."""
    for rpc, request in (
        (running.stub.GetRun, pb.GetRunRequest(run_id=99)),
        (running.stub.AbortRun, pb.AbortRunRequest(run_id=99)),
        (running.stub.DeleteRuns, pb.DeleteRunsRequest(run_ids=[99])),
        (running.stub.CleanStaging, pb.CleanStagingRequest(run_ids=[99])),
    ):
        with refused(grpc.StatusCode.NOT_FOUND, "UNKNOWN_RUN", "99"):
            await call(rpc, request)
    with refused(grpc.StatusCode.NOT_FOUND, "UNKNOWN_RUN", "99"):
        await running.ended(99)
    with refused(grpc.StatusCode.NOT_FOUND, "UNKNOWN_RUN", "99"):
        await running.events(run_id=99)
    run = await running.completed()
    with refused(grpc.StatusCode.NOT_FOUND, "UNKNOWN_RUN", "'other'"):
        await call(running.stub.GetRun, pb.GetRunRequest(run_id=run.run_id, experiment="other"))


async def test_the_server_says_what_it_is(running: Generator) -> None:
    """`dw-sim doctor` shows it; an append checks the engine version."""
    server = (await call(running.stub.GetServerInfo, pb.GetServerInfoRequest())).server
    assert server.service == "generator"
    assert server.version
    assert server.engine_version
