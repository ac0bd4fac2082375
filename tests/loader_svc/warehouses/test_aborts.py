"""An abort is heard within a second, whatever the loader does at that moment; the target stays as it was."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from dwsim.loader.v1 import load_pb2
from dwsim.loader.v1 import loader_service_pb2 as pb
from pydantic import SecretStr

from dwsim_wire import failpoint
from dwsim_wire.client import call
from loader_svc.core.faults import WarehouseBusy
from loader_svc.warehouses import postgres, postgres_session
from loader_svc.warehouses.sqlite import SqliteWriter
from tests.loader_svc.conftest import RunningLoader, running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import CUSTOMERS, ORDERS, SHOP, StagedRun
from tests.loader_svc.test_troubles import said
from tests.loader_svc.warehouse_files import checksum, table_names
from tests.loader_svc.warehouses.test_postgres_service import locked_out, tables
from tests.postgres import Database
from tests.processes import wait_for

Load = load_pb2.Load
AT_WORK = """
    SELECT count(*) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database() AND application_name LIKE 'dw-simulator load %%'"""
STAGING = "SELECT schemaname, tablename FROM pg_tables WHERE tablename ~ '^_dwsim_[0-9a-f]+_'"
FOR_EVER = 3600


@contextmanager
def held(database: Database, table: str, mode: str) -> Iterator[None]:
    """Lock a table, so that whoever wants it waits."""
    with closing(database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN {mode} MODE")
        yield


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loader that waits for locks for ever."""
    monkeypatch.setitem(postgres_session.SETTINGS, "lock_timeout", "'0'")
    monkeypatch.setattr(postgres, "APPLY_LOCK_SECONDS", FOR_EVER)


async def waits(database: Database, loads: int) -> None:
    """Wait until so many statements of loads wait for a lock."""
    await asyncio.to_thread(wait_for, lambda: database.rows(AT_WORK) == [(loads,)], f"{loads} waiting statements")


@pytest.mark.parametrize("step", [pytest.param("keys", marks=pytest.mark.slow), "apply"])
async def test_a_statement_that_takes_for_ever_is_cancelled(
    generator: GeneratorStandIn, tmp_path: Path, database: Database, patient: None, step: str
) -> None:
    """Keys of a large table take minutes, and so does an apply that waits for a reader: nobody waits for them."""
    run = StagedRun(tmp_path, 2, sizes={"orders": 120})
    async with running(tmp_path / "data", generator, redshift_url=SecretStr(database.url)) as loader:
        await generator.extend(StagedRun(tmp_path).events())
        assert (await loader.ended(1)).state == Load.COMPLETED
        before = database.rows("SELECT count(*), sum(order_id) FROM shop.orders")
        await generator.add(run.started(), *run.batches())
        await loader.staged(2, 120)
        [(schema, staging)] = database.rows(STAGING)
        table, mode = (f"{schema}.{staging}", "ROW EXCLUSIVE") if step == "keys" else ("shop.orders", "ACCESS SHARE")
        with held(database, table, mode):
            await generator.add(run.ended())
            await waits(database, 1)
            answer = await call(loader.stub.AbortLoad, pb.AbortLoadRequest(load_id=2))
            assert (answer.load.state, answer.load.failure.reason) == (Load.ABORTED, "ABORTED_BY_USER")
            assert step == "keys" or not database.rows(STAGING)
        await asyncio.to_thread(wait_for, lambda: not database.rows(STAGING), "its rows to go")
    assert database.rows("SELECT count(*), sum(order_id) FROM shop.orders") == before


async def test_a_deletion_cancels_what_its_loads_wait_for(
    generator: GeneratorStandIn, tmp_path: Path, database: Database, patient: None
) -> None:
    """The saga of a deletion goes on at once, instead of being tried again until the load has ended by itself."""
    run = StagedRun(tmp_path)
    async with running(tmp_path / "data", generator, redshift_url=SecretStr(database.url)) as loader:
        await generator.extend(run.events())
        assert (await loader.ended(1)).state == Load.COMPLETED
        with held(database, "shop.orders", "ACCESS SHARE"):
            await generator.extend(StagedRun(tmp_path, 2).events())
            await waits(database, 1)
            drop = pb.DropExperimentRequest(experiment_id=SHOP["id"], force=True)
            dropping = asyncio.create_task(call(loader.stub.DropExperiment, drop, timeout=60))
            assert (await loader.ended(2)).state == Load.ABORTED
        assert (await dropping).aborted_loads == 1
    assert database.rows("SELECT to_regnamespace('shop')") == [(None,)]


@contextmanager
def stuck(monkeypatch: pytest.MonkeyPatch, point: str) -> Iterator[threading.Event]:
    """Let the loader stand still at a failpoint until the block ends; the event says that it is there."""
    there, go_on = threading.Event(), threading.Event()

    def stand_still(name: str) -> None:
        if name == point:
            there.set()
            go_on.wait(60)

    with monkeypatch.context() as patched:
        patched.setattr(failpoint, "reach", stand_still)
        try:
            yield there
        finally:
            go_on.set()


async def test_a_load_that_does_not_hear_is_ended_all_the_same(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite's library cannot be interrupted; what it still does is done to private tables, which go afterwards."""
    await generator.extend(StagedRun(tmp_path).events())
    await loader.ended(1)
    before = checksum(loader.file(), "orders")
    with stuck(monkeypatch, "loader.mid_stage") as there:
        await generator.extend(StagedRun(tmp_path, 2, sizes={"orders": 120}).events())
        await asyncio.to_thread(there.wait, 60)
        answer = await call(loader.stub.AbortLoad, pb.AbortLoadRequest(load_id=2))
        assert (answer.load.state, answer.load.failure.reason) == (Load.ABORTED, "ABORTED_BY_USER")
    swept = {"customers", "orders"}
    await asyncio.to_thread(wait_for, lambda: table_names(loader.file()) == swept, "its rows to go")
    assert checksum(loader.file(), "orders") == before
    await generator.extend(StagedRun(tmp_path, 3).events())
    assert (await loader.ended(3)).state == Load.COMPLETED


async def test_a_load_that_may_be_applied_is_not_said_to_be_aborted(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ABORTED promises that the target is as it was: an apply that has committed must end COMPLETED."""
    with stuck(monkeypatch, "loader.after_apply") as there:
        await generator.extend(StagedRun(tmp_path).events())
        await asyncio.to_thread(there.wait, 60)
        answer = await call(loader.stub.AbortLoad, pb.AbortLoadRequest(load_id=1))
        assert answer.load.state == Load.ABORTING
    load = await loader.ended(1)
    assert (load.state, load.statistics.inserted) == (Load.COMPLETED, CUSTOMERS + ORDERS)


@dataclass
class Outage:
    """A server that goes away at a failpoint, and whoever waits there for an answer gets none."""

    database: Database
    point: str
    began: threading.Event = field(default_factory=threading.Event)
    lasts: ExitStack = field(default_factory=ExitStack)

    def reach(self, name: str) -> None:
        """Begin once."""
        if name == self.point and not self.began.is_set():
            self.lasts.enter_context(locked_out(self.database))
            self.began.set()
            raise WarehouseBusy("the connection was lost")


@pytest.fixture
def outage(database: Database, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Outage]:
    outage = Outage(database, request.param)
    monkeypatch.setattr(failpoint, "reach", outage.reach)
    with outage.lasts:
        yield outage


@pytest.mark.parametrize(
    ("outage", "state"),
    [("loader.before_apply", Load.ABORTED), ("loader.after_apply", Load.COMPLETED)],
    indirect=["outage"],
)
async def test_an_abort_of_an_apply_that_nobody_heard_of_ends_as_the_target_says(
    generator: GeneratorStandIn,
    tmp_path: Path,
    database: Database,
    outage: Outage,
    state: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither FAILED nor ABORTED may be said of rows that are there, nor COMPLETED of rows that are not."""
    settings = {"redshift_url": SecretStr(database.url), "retry_seconds": 0.2}
    async with running(tmp_path / "data", generator, **settings) as loader:
        await generator.extend(StagedRun(tmp_path).events())
        await asyncio.to_thread(outage.began.wait, 60)
        await call(loader.stub.AbortLoad, pb.AbortLoadRequest(load_id=1))
        await said(caplog, "neither go on nor end")
        assert (await loader.load(1)).state == Load.ABORTING
    outage.lasts.close()
    async with running(tmp_path / "data", generator, **settings) as loader:
        assert (await loader.ended(1)).state == state
    assert tables(database) == ({"customers", "orders"} if state == Load.COMPLETED else set())


@pytest.mark.parametrize(
    "outage", [pytest.param("loader.before_apply", marks=pytest.mark.slow), "loader.after_apply"], indirect=True
)
async def test_an_apply_that_nobody_heard_of_goes_on_when_the_server_is_back(
    generator: GeneratorStandIn, tmp_path: Path, database: Database, outage: Outage, caplog: pytest.LogCaptureFixture
) -> None:
    """FAILED promises that the target is as it was: nobody may say that before the target was asked."""
    settings = {"redshift_url": SecretStr(database.url), "retry_seconds": 0.2}
    async with running(tmp_path / "data", generator, **settings) as loader:
        await generator.extend(StagedRun(tmp_path).events())
        await said(caplog, "neither go on nor end")
        assert (await loader.load(1)).state == Load.APPLYING
        outage.lasts.close()
        load = await loader.ended(1)
    assert (load.state, load.statistics.inserted) == (Load.COMPLETED, CUSTOMERS + ORDERS)
    assert tables(database) == {"customers", "orders"}


async def test_an_interruption_that_breaks_is_said(
    loader: RunningLoader,
    generator: GeneratorStandIn,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is sent to another thread, whose errors nobody would see; the abort goes on without it."""

    def interrupt(_writer: SqliteWriter, _uid: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(SqliteWriter, "interrupt", interrupt, raising=False)
    with stuck(monkeypatch, "loader.mid_stage") as there:
        await generator.extend(StagedRun(tmp_path).events())
        await asyncio.to_thread(there.wait, 60)
        answer = await call(loader.stub.AbortLoad, pb.AbortLoadRequest(load_id=1))
    assert answer.load.state == Load.ABORTED
    await said(caplog, "defect while a load was interrupted")
