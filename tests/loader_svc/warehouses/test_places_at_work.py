"""A place where somebody works holds up nobody else, and what could not be swept there goes once it can."""

import asyncio
from pathlib import Path

import pytest
from dwsim.loader.v1 import load_pb2
from dwsim.loader.v1 import loader_service_pb2 as pb
from pydantic import SecretStr

from dwsim_wire.client import call
from loader_svc.store.loads import LoadStore
from loader_svc.warehouses import postgres_session
from loader_svc.warehouses.postgres_session import Session
from loader_svc.worker import lanes
from loader_svc.worker import loader as loader_module
from tests.loader_svc.conftest import RunningLoader, running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import SHOP, StagedRun
from tests.loader_svc.warehouses.test_aborts import STAGING, held, stuck
from tests.postgres import Database
from tests.processes import wait_for

DROP = pb.DropExperimentRequest(experiment_id=SHOP["id"], force=True)
MORE_THAN_THREADS = 40


async def test_deletions_that_wait_for_a_place_hold_nobody_else_up(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deletion is asked for again and again: what waits must not be all the threads that the loader has."""
    with stuck(monkeypatch, "loader.mid_stage") as there, monkeypatch.context() as patched:
        patched.setattr(lanes, "TURN_SECONDS", 0.1)
        await generator.extend(StagedRun(tmp_path).events())
        await asyncio.to_thread(there.wait, 60)
        asked = [call(loader.stub.DropExperiment, DROP, timeout=60) for _ in range(MORE_THAN_THREADS)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert (await loader.load(1)).state == load_pb2.Load.ABORTED
        assert {getattr(answer, "reason", "") for answer in answers} == {"LOAD_ACTIVE"}
    monkeypatch.setattr(lanes, "TURN_SECONDS", 60.0)
    await call(loader.stub.DropExperiment, DROP, timeout=60)
    assert not list((loader.data_dir / "warehouses/sqlite").glob("*"))


async def test_a_load_that_ends_by_itself_does_not_fail_a_deletion(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at what is active and the abort there is time enough to complete."""
    abort, asked, done = LoadStore.abort, asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def late(store: LoadStore, *what: object) -> object:
        loop.call_soon_threadsafe(asked.set)
        asyncio.run_coroutine_threadsafe(done.wait(), loop).result(60)
        return abort(store, *what)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(LoadStore, "abort", late)
    with stuck(monkeypatch, "loader.mid_stage") as there:
        await generator.extend(StagedRun(tmp_path).events())
        await asyncio.to_thread(there.wait, 60)
        dropping = asyncio.create_task(call(loader.stub.DropExperiment, DROP, timeout=60))
        await asked.wait()
    await loader.ended(1)
    done.set()
    assert (await dropping).dropped_tables == 2


async def test_rows_that_a_reader_kept_from_being_dropped_go_once_it_is_gone(
    generator: GeneratorStandIn,
    tmp_path: Path,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A dump of the database reads staging tables for hours; nobody restarts a loader to be rid of them."""
    monkeypatch.setitem(postgres_session.SETTINGS, "lock_timeout", "'100ms'")
    monkeypatch.setattr(loader_module, "TEND_SECONDS", 0.1)
    monkeypatch.setattr(lanes, "SWEEP_PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(lanes, "LONGEST_SWEEP_PAUSE", 0.1)
    run, url = StagedRun(tmp_path), SecretStr(database.url)
    async with running(tmp_path / "data", generator, redshift_url=url, retry_seconds=0.2) as loader:
        await generator.add(run.started(), *run.batches())
        await loader.staged(1, 30)
        schema, staging = database.rows(STAGING)[0]
        with held(database, f"{schema}.{staging}", "ACCESS SHARE"):
            await call(loader.stub.AbortLoad, pb.AbortLoadRequest(load_id=1))
            assert (await loader.ended(1)).state == load_pb2.Load.ABORTED
            await asyncio.to_thread(wait_for, lambda: "not swept" in caplog.messages, "a sweep in vain")
        await asyncio.to_thread(wait_for, lambda: not database.rows(STAGING), "its rows to go")


def test_a_session_that_could_not_be_set_up_is_not_used(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cancel may come while it is: names would be those of another schema, times of another zone."""
    session = Session(database.url)
    session.schema = "of_a_load"
    with monkeypatch.context() as patched:
        patched.setitem(postgres_session.SETTINGS, "no_such_setting", "1")
        with pytest.raises(Exception, match="no_such_setting"):
            session.run("SELECT 1")
    assert session.run("SHOW search_path") == [("of_a_load, pg_catalog",)]
    session.close()
