"""Ingests: files that appear in a watched place are loaded, each once, through the real door into real SQLite files."""

import asyncio
import os
import shutil
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dwsim.loader.v1 import loader_service_pb2 as pb
from dwsim.loader.v1.ingest_pb2 import Ingest
from dwsim.loader.v1.ingest_pb2 import IngestedFile as File
from dwsim.loader.v1.load_pb2 import Load
from grpc import StatusCode as Code

from dwsim_wire.client import call
from dwsim_wire.object_store import open_bucket
from dwsim_wire.staging import StagingRoot
from loader_svc.core.ingests import LookLimits
from loader_svc.worker import ingest_place
from tests.clients import refused
from tests.generator_svc.schema_peer import SchemaStandIn, schema_peer
from tests.loader_svc.conftest import RunningLoader, running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import CUSTOMERS, ORDERS, SHOP, StagedRun, customers, orders
from tests.loader_svc.warehouse_files import checksum, rows
from tests.s3 import Prefix

LOOK = {"ingest_look_seconds": 0.05}


@pytest.fixture
async def schema() -> AsyncIterator[SchemaStandIn]:
    async with schema_peer(SHOP) as peer:
        yield peer


@pytest.fixture
async def watching(tmp_path: Path, generator: GeneratorStandIn, schema: SchemaStandIn) -> AsyncIterator[RunningLoader]:
    async with running(tmp_path / "data", generator, schema_address=schema.address, **LOOK) as started:
        yield started


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


async def create(loader: RunningLoader, uri: object, **facts: Any) -> Ingest:
    request = {"name": "feed", "experiment": "shop", "table": "orders"} | facts
    return (await call(loader.stub.CreateIngest, pb.CreateIngestRequest(uri=str(uri), **request))).ingest


async def get(loader: RunningLoader, name: str = "feed") -> Ingest:
    return (await call(loader.stub.GetIngest, pb.GetIngestRequest(name=name))).ingest


async def until(loader: RunningLoader, condition: Callable[[Ingest], bool]) -> Ingest:
    """The ingest once it is so."""
    async with asyncio.timeout(60):
        while not condition(ingest := await get(loader)):  # noqa: ASYNC110  # a look rings no bell of ours
            await asyncio.sleep(0.02)
    return ingest


async def looks(loader: RunningLoader, times: int = 3) -> None:
    """Wait for some more looks."""
    for _ in range(times):
        last = (await get(loader)).look_time.ToMicroseconds()
        await until(loader, lambda now, last=last: now.look_time.ToMicroseconds() > last)  # type: ignore[misc]


async def files(loader: RunningLoader, state: int = 0) -> list[File]:
    request = pb.ListIngestedFilesRequest(name="feed", state=state)  # type: ignore[arg-type]
    return list((await call(loader.stub.ListIngestedFiles, request)).files)


def put(folder: Path, name: str, first: int, count: int) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(orders(first, count), path)
    return path


def count(loader: RunningLoader) -> list[tuple[Any, ...]]:
    return rows(loader.file(), "SELECT count(*), count(DISTINCT order_id), min(order_id), max(order_id) FROM orders")


async def test_whatever_appears_is_loaded_once(watching: RunningLoader, inbox: Path) -> None:
    """What Snowpipe does: put a file, find its rows; nobody calls the loader."""
    made = await create(watching, inbox)
    assert (made.uri, made.pattern, made.state) == (inbox.as_uri(), "*.parquet", Ingest.ACTIVE)
    put(inbox, "a.parquet", 0, 100)
    put(inbox, "2026/b.parquet", 100, 50)
    (inbox / "notes.txt").write_text("no rows")
    done = await until(watching, lambda ingest: ingest.files_loaded == 2)
    assert (done.rows_loaded, done.files_loading, done.files_refused) == (150, 0, 0)
    assert count(watching) == [(150, 150, 1, 150)]
    put(inbox, "c.parquet", 150, 50)
    await until(watching, lambda ingest: ingest.files_loaded == 3)
    await looks(watching)
    assert count(watching) == [(200, 200, 1, 200)]
    loads = await watching.loads()
    assert {(load.ingest, load.run_id, load.automatic, load.mode) for load in loads} == {("feed", 0, True, Load.APPEND)}
    assert sum(load.statistics.inserted for load in loads) == 200


async def test_files_go_behind_the_rows_of_a_run(
    watching: RunningLoader, generator: GeneratorStandIn, inbox: Path, tmp_path: Path
) -> None:
    """Generated history and a feed of new rows share a table; the newest run is still the generator's."""
    await generator.extend(StagedRun(tmp_path).events())
    await watching.ended(1)
    await create(watching, inbox)
    put(inbox, "new.parquet", ORDERS, 30)
    await until(watching, lambda ingest: ingest.files_loaded == 1)
    assert count(watching) == [(ORDERS + 30, ORDERS + 30, 1, ORDERS + 30)]
    again = await watching.start(experiment="shop")
    assert (again.run_id, again.state) == (1, Load.COMPLETED)
    assert checksum(watching.file(), "orders")[0][0] == ORDERS
    assert rows(watching.file(), "SELECT count(*) FROM customers") == [(CUSTOMERS,)]


async def test_a_file_that_does_not_fit_is_refused_and_the_others_go_on(watching: RunningLoader, inbox: Path) -> None:
    """One bad file of many must neither stop a feed nor vanish without a word."""
    await create(watching, inbox)
    put(inbox, "good.parquet", 0, 10)
    pq.write_table(customers(0, 3), inbox / "other.parquet")
    pq.write_table(orders(0, 3).set_column(0, "order_id", pa.array(["a", "b", "c"])), inbox / "text.parquet")
    (inbox / "torn.parquet").write_bytes(b"PAR1 and no end")
    whole = put(inbox, "damaged.parquet", 0, 1000)
    whole.write_bytes(b"PAR1" + bytes(200) + whole.read_bytes()[204:])
    wide = pa.array([2**40], pa.int64())
    pq.write_table(orders(10, 1).set_column(0, "order_id", wide), inbox / "wide.parquet")
    await until(watching, lambda ingest: (ingest.files_loaded, ingest.files_refused) == (1, 5))
    assert count(watching) == [(10, 10, 1, 10)]
    reasons = {Path(file.uri).name: file.failure.reason for file in await files(watching, File.REFUSED)}
    assert reasons == {
        "other.parquet": "SCHEMA_MISMATCH",
        "text.parquet": "SCHEMA_MISMATCH",
        "torn.parquet": "FORMAT_NOT_LOADABLE",
        "wide.parquet": "VALUE_OUT_OF_RANGE",
        "damaged.parquet": "STAGED_FILE_CHANGED",
    }
    put(inbox, "torn.parquet", 10, 5)
    await until(watching, lambda ingest: (ingest.files_loaded, ingest.files_refused) == (2, 4))
    assert count(watching) == [(15, 15, 1, 15)]


async def test_names_are_any_bytes(watching: RunningLoader, inbox: Path) -> None:
    """One file from an old machine must not stop a feed."""
    name = os.fsdecode(b"caf\xe9 #%41?.parquet")
    put(inbox, "_new", 0, 10).rename(inbox / name)
    await create(watching, inbox)
    await until(watching, lambda ingest: ingest.files_loaded == 1)
    assert [Path(file.uri).name for file in await files(watching)] == ["caf%E9%20%23%2541%3F.parquet"]
    assert count(watching) == [(10, 10, 1, 10)]


def test_folders_may_go_during_a_look(inbox: Path) -> None:
    """Writers clean up behind themselves; what is left is found all the same."""
    put(inbox, "stays.parquet", 0, 1)
    ended = threading.Event()

    def come_and_go() -> None:
        while not ended.is_set():
            for name in map(str, range(20)):
                (inbox / name / "below").mkdir(parents=True)
            for name in map(str, range(20)):
                shutil.rmtree(inbox / name)

    writer = threading.Thread(target=come_and_go)
    writer.start()
    try:
        for _ in range(500):
            assert len(ingest_place.look(StagingRoot(inbox), "*.parquet", LookLimits())) == 1
    finally:
        ended.set()
        writer.join()


async def test_a_footer_of_no_text_is_refused(watching: RunningLoader, inbox: Path) -> None:
    """Whatever a file is damaged by, the others go on."""
    named = pa.table({"order_id": [1], "nameisbad": [1]})
    path = inbox / "a.parquet"
    pq.write_table(named, path, store_schema=False)
    path.write_bytes(path.read_bytes().replace(b"nameisbad", b"name\xff\xfebad"))
    await create(watching, inbox)
    await until(watching, lambda ingest: ingest.files_refused == 1)
    assert [file.failure.reason for file in await files(watching)] == ["FORMAT_NOT_LOADABLE"]


async def test_columns_of_other_writers_get_the_types_of_the_table(watching: RunningLoader, inbox: Path) -> None:
    """pandas writes every integer with 64 bits, Spark its columns in an order of its own."""
    await create(watching, inbox)
    table = orders(0, 20)
    wide = {"amount": table["amount"].cast(pa.decimal128(20, 2)), "customer_id": table["customer_id"].cast(pa.int64())}
    pq.write_table(pa.table(wide | {"order_id": table["order_id"].cast(pa.int64())}), inbox / "a.parquet")
    await until(watching, lambda ingest: ingest.files_loaded == 1)
    assert rows(watching.file(), "SELECT count(*), sum(order_id), typeof(amount) FROM orders") == [(20, 210, "real")]


async def test_a_changed_file_is_reported_and_not_loaded_twice(watching: RunningLoader, inbox: Path) -> None:
    """A name is loaded once: rows that came twice could not be told apart any more."""
    await create(watching, inbox)
    path = put(inbox, "a.parquet", 0, 10)
    await until(watching, lambda ingest: ingest.files_loaded == 1)
    path.touch()
    await looks(watching)
    assert not await files(watching, File.CHANGED)
    put(inbox, "a.parquet", 0, 12)
    ingest = await until(watching, lambda ingest: ingest.files_changed == 1)
    assert (ingest.files_loaded, ingest.rows_loaded) == (1, 10)
    [changed] = await files(watching, File.CHANGED)
    assert changed.failure.reason == "INGESTED_FILE_CHANGED"
    assert "load 1" in changed.failure.message
    await looks(watching)
    assert count(watching) == [(10, 10, 1, 10)]
    assert len(await watching.loads()) == 1


async def test_a_file_that_is_being_written_waits(watching: RunningLoader, inbox: Path) -> None:
    """Half a file is no file: it is taken once two looks saw the same of it, or once it has its name."""
    await create(watching, inbox)
    whole = put(inbox, "_temporary/a.parquet", 0, 10).read_bytes()
    put(inbox, ".b.parquet", 0, 10)
    growing = inbox / "c.parquet"
    with growing.open("wb") as file:
        for part in range(8):
            file.write(whole[part * 10 : part * 10 + 10])
            file.flush()
            await looks(watching, 1)
        file.write(whole[80:])
    await until(watching, lambda ingest: ingest.files_loaded == 1)
    await looks(watching)
    assert [Path(file.uri).name for file in await files(watching)] == ["c.parquet"]
    assert count(watching) == [(10, 10, 1, 10)]


async def test_a_loader_that_comes_back_goes_on_where_it_was(
    tmp_path: Path, generator: GeneratorStandIn, schema: SchemaStandIn, inbox: Path
) -> None:
    """A restart neither loses a file nor brings one twice."""
    facts = {"schema_address": schema.address, **LOOK}
    async with running(tmp_path / "data", generator, **facts) as loader:
        await create(loader, inbox)
        for number in range(20):
            put(inbox, f"{number:02}.parquet", number * 10, 10)
        await until(loader, lambda ingest: ingest.files_loading + ingest.files_loaded > 0)
    put(inbox, "20.parquet", 200, 10)
    async with running(tmp_path / "data", generator, **facts) as loader:
        await until(loader, lambda ingest: ingest.files_loaded == 21)
        await looks(loader)
        assert count(loader) == [(210, 210, 1, 210)]


async def test_a_paused_ingest_does_not_look(watching: RunningLoader, inbox: Path) -> None:
    """Whoever repairs a feed needs it to stand still; what comes meanwhile is loaded afterwards."""
    await create(watching, inbox)
    await looks(watching)
    paused = (await call(watching.stub.PauseIngest, pb.PauseIngestRequest(name="FEED"))).ingest
    assert paused.state == Ingest.PAUSED
    put(inbox, "a.parquet", 0, 10)
    pq.write_table(customers(0, 3), inbox / "b.parquet")
    await asyncio.sleep(0.3)  # what must not happen rings no bell
    assert not await files(watching)
    await call(watching.stub.ResumeIngest, pb.ResumeIngestRequest(name="feed"))
    await until(watching, lambda ingest: (ingest.files_loaded, ingest.files_refused) == (1, 1))
    await call(watching.stub.DeleteIngest, pb.DeleteIngestRequest(name="feed"))
    assert not (await call(watching.stub.ListIngests, pb.ListIngestsRequest())).ingests
    assert count(watching) == [(10, 10, 1, 10)]


async def test_loads_of_an_ingest_are_not_retried_by_hand(watching: RunningLoader, inbox: Path) -> None:
    """Its files are another load's by then: they would come twice."""
    await create(watching, inbox)
    pq.write_table(orders(0, 1).set_column(0, "order_id", pa.array([2**40])), inbox / "a.parquet")
    await until(watching, lambda ingest: ingest.files_refused == 1)
    with refused(Code.ABORTED, "LOAD_NOT_FAILED", "ingest 'feed'"):
        await call(watching.stub.RetryLoad, pb.RetryLoadRequest(load_id=1))


async def test_an_ingest_ends_with_its_experiment(watching: RunningLoader, inbox: Path) -> None:
    """The name may be taken again: its tables must not fill with another one's rows."""
    await create(watching, inbox)
    put(inbox, "a.parquet", 0, 10)
    await until(watching, lambda ingest: ingest.files_loaded == 1)
    await call(watching.stub.DropExperiment, pb.DropExperimentRequest(experiment_id=SHOP["id"], force=True))
    async with asyncio.timeout(60):
        while (await call(watching.stub.ListIngests, pb.ListIngestsRequest())).ingests:  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("facts", "code", "reason"),
    [
        ({"name": "7 up"}, Code.INVALID_ARGUMENT, "INVALID_ARGUMENT"),
        ({"experiment": "shoop"}, Code.NOT_FOUND, "UNKNOWN_EXPERIMENT"),
        ({"table": "ordrs"}, Code.NOT_FOUND, "UNKNOWN_TABLE"),
        ({"target_warehouse": 2}, Code.INVALID_ARGUMENT, "UNKNOWN_WAREHOUSE"),
        ({"uri": "relative/path"}, Code.INVALID_ARGUMENT, "INVALID_ARGUMENT"),
        ({"uri": "/no/such/directory"}, Code.FAILED_PRECONDITION, "INGEST_NOT_READABLE"),
        ({"name": "Taken"}, Code.ALREADY_EXISTS, "INGEST_EXISTS"),
    ],
)
async def test_what_cannot_work_is_refused_at_once(
    watching: RunningLoader, inbox: Path, facts: dict[str, Any], code: Code, reason: str
) -> None:
    """An ingest that never takes a file would be found out days later."""
    await create(watching, inbox, name="taken")
    facts = {"uri": str(inbox), "name": "feed"} | facts
    with refused(code, reason):
        await create(watching, facts.pop("uri"), **facts)


async def test_objects_of_a_bucket_are_files_too(
    tmp_path: Path, generator: GeneratorStandIn, schema: SchemaStandIn, s3: Prefix
) -> None:
    """Feeds of the cloud are in S3."""
    path = put(tmp_path, "a.parquet", 0, 25)
    async with running(tmp_path / "data", generator, schema_address=schema.address, **LOOK) as loader:
        await create(loader, s3.root.uri)
        for name in ("a.parquet", "b.txt"):
            open_bucket(s3.root.bucket).put(s3.root.child("day", name), memoryview(path.read_bytes()))
        await until(loader, lambda ingest: ingest.files_loaded == 1)
        await looks(loader)
        assert count(loader) == [(25, 25, 1, 25)]
