"""The deletion of an experiment: all or nothing at the end, whatever is down meanwhile."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pytest
from dwsim.schema.v1 import schema_service_pb2 as pb
from dwsim.schema.v1.experiment_pb2 import Experiment
from dwsim.schema.v1.schema_service_pb2_grpc import SchemaServiceStub

from dwsim_wire.client import call
from dwsim_wire.errors import RemoteFault
from schema_svc.worker import deletion
from tests.schema_svc.conftest import Start
from tests.schema_svc.peer_stand_ins import Peers
from tests.schema_svc.requests import eventually, import_sql, pages, refused

C = grpc.StatusCode


@pytest.fixture
async def peers() -> AsyncIterator[Peers]:
    started = Peers()
    await started.start()
    yield started
    await started.stop()


@pytest.fixture
async def schema(start: Start, peers: Peers) -> AsyncIterator[SchemaServiceStub]:
    async with start(generator_address=peers.address, loader_address=peers.address) as stub:
        yield stub


@contextlib.contextmanager
def changing(data_dir: Path) -> Iterator[sqlite3.Connection]:
    """The service's database in somebody else's hands, locked once it is written to."""
    with contextlib.closing(sqlite3.connect(data_dir / "metadata/schema.db", timeout=30)) as connection, connection:
        yield connection


async def delete(schema: SchemaServiceStub, name: str, *, force: bool = False) -> pb.DeleteExperimentResponse:
    return await call(schema.DeleteExperiment, pb.DeleteExperimentRequest(name=name, force=force))


async def gone(schema: SchemaServiceStub, name: str) -> bool:
    try:
        await call(schema.GetExperiment, pb.GetExperimentRequest(name=name))
    except RemoteFault as fault:
        return fault.reason == "UNKNOWN_EXPERIMENT"
    return False


async def test_a_deletion_takes_its_steps_in_order_and_counts(schema: SchemaServiceStub, peers: Peers) -> None:
    """Runs stop before tables go, files go last: nothing comes back."""
    identity = (await import_sql(schema, "shop")).experiment.id
    answer = await delete(schema, "shop")
    assert (answer.done, answer.deleted_runs, answer.deleted_files, answer.dropped_tables) == (True, 2, 7, 3)
    assert peers.asked == [f"STOP {identity}", f"DROP {identity}", f"PURGE {identity}"]
    assert await gone(schema, "shop")
    assert [page.experiments async for page in pages(schema, 5)] == [[]]
    with refused(C.NOT_FOUND, "UNKNOWN_EXPERIMENT"):
        await delete(schema, "shop")


async def test_a_name_is_free_again_with_another_id(schema: SchemaServiceStub) -> None:
    """Late events of the old one must touch nothing of the new one."""
    first = (await import_sql(schema, "shop", request_id="r")).experiment
    await delete(schema, "shop")
    second = (await import_sql(schema, "shop", request_id="r")).experiment
    assert first.id != second.id


async def test_a_peer_that_is_down_delays_the_deletion_and_is_named(start: Start, peers: Peers) -> None:
    """Deleting must not need everybody at once."""
    await peers.stop()
    address = peers.address
    async with start(generator_address=address, loader_address=address, schema_delete_wait_seconds=1.5) as schema:
        await import_sql(schema, "shop")
        answer = await delete(schema, "shop")
        assert not answer.done
        assert "generator" in answer.deleting_reason
        shown = (await call(schema.GetExperiment, pb.GetExperimentRequest(name="shop"))).experiment
        assert (shown.state, shown.deleting_reason) == (Experiment.DELETING, answer.deleting_reason)
        with refused(C.ALREADY_EXISTS, "EXPERIMENT_EXISTS"):
            await import_sql(schema, "shop")
        with refused(C.ABORTED, "EXPERIMENT_DELETING"):
            await call(schema.UpdateExperiment, pb.UpdateExperimentRequest(name="shop", experiment=shown))
        await peers.restart()
        await eventually(lambda: gone(schema, "shop"))


async def test_a_deletion_goes_on_after_a_restart(start: Start, peers: Peers) -> None:
    """DELETING is a promise, not a task in memory."""
    async with start(schema_delete_wait_seconds=0.0) as schema:
        identity = (await import_sql(schema, "shop")).experiment.id
        assert not (await delete(schema, "shop")).done
    async with start(generator_address=peers.address, loader_address=peers.address) as schema:
        await eventually(lambda: gone(schema, "shop"))
    assert peers.asked[-1] == f"PURGE {identity}"


@pytest.mark.parametrize("busy", ["run", "load"])
async def test_a_busy_experiment_stays_as_it_is(busy: str, schema: SchemaServiceStub, peers: Peers) -> None:
    """An hour of generation is not thrown away by a typo."""
    await import_sql(schema, "shop")
    (peers.active_runs if busy == "run" else peers.active_loads).append(41)
    with refused(C.ABORTED, "EXPERIMENT_BUSY") as caught:
        await delete(schema, "shop")
    assert f"{busy} 41" in caught.value.message
    assert peers.asked == []
    shown = (await call(schema.GetExperiment, pb.GetExperimentRequest(name="shop"))).experiment
    assert (shown.state, shown.deleting_reason) == (Experiment.ACTIVE, "")
    assert (await delete(schema, "shop", force=True)).done


async def test_a_load_that_began_meanwhile_is_waited_for_and_force_hastens(start: Start, peers: Peers) -> None:
    """After the generator's tombstone there is no way back, but nobody said to abort the load."""
    peers.listed_loads = False
    address = peers.address
    async with start(generator_address=address, loader_address=address, schema_delete_wait_seconds=0.5) as schema:
        await import_sql(schema, "shop")
        peers.active_loads.append(5)
        answer = await delete(schema, "shop")
        assert (answer.done, answer.deleting_reason) == (False, "load 5 is active")
        assert (await delete(schema, "shop", force=True)).done


async def test_two_callers_of_one_deletion_both_hear_its_end(schema: SchemaServiceStub, peers: Peers) -> None:
    """A client that retries must not disturb the first one."""
    await import_sql(schema, "shop")
    ends = await asyncio.gather(delete(schema, "shop"), delete(schema, "shop"), return_exceptions=True)
    answered = [end.done for end in ends if isinstance(end, pb.DeleteExperimentResponse)]
    late = [end.reason for end in ends if isinstance(end, RemoteFault)]
    assert set(answered) == {True}
    assert set(late) <= {"UNKNOWN_EXPERIMENT"}
    assert len(peers.asked) == 3


async def test_a_deletion_whose_client_left_is_carried_out(
    schema: SchemaServiceStub, peers: Peers, tmp_path: Path
) -> None:
    """Else the experiment would be DELETING, and its name taken, until somebody restarts the service."""
    await import_sql(schema, "shop")
    peers.answering.clear()
    request = pb.DeleteExperimentRequest(name="shop")
    leaving = asyncio.create_task(call(schema.DeleteExperiment, request, timeout=3.0))
    await eventually(lambda: _true(peers.questions == 1))
    with changing(tmp_path / "data") as connection:
        connection.execute("BEGIN IMMEDIATE")
        peers.answering.set()
        with refused(C.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"):
            await leaving
    await eventually(lambda: gone(schema, "shop"))


async def test_a_deletion_that_nobody_carries_out_is_taken_up(
    start: Start, peers: Peers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever loses a hand-over, nobody should have to restart the service for it."""
    monkeypatch.setattr(deletion, "TEND_SECONDS", 0.2)
    async with start(generator_address=peers.address, loader_address=peers.address) as schema:
        await import_sql(schema, "shop")
        with changing(tmp_path / "data") as connection:
            connection.execute("UPDATE experiments SET state = 'DELETING', deletion_step = 'STOP_RUNS'")
        await eventually(lambda: gone(schema, "shop"))


async def test_a_database_that_fails_for_a_while_delays_a_deletion(
    schema: SchemaServiceStub, peers: Peers, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk must not end what it interrupts; the client who waits hears of the good end."""
    await import_sql(schema, "shop")
    await peers.stop()
    waiting = asyncio.create_task(delete(schema, "shop"))
    await eventually(lambda: _true("waiting" in caplog.messages))
    with changing(tmp_path / "data") as connection:
        connection.execute("ALTER TABLE experiments RENAME TO away")
    await eventually(lambda: _true("defect" in caplog.messages))
    with changing(tmp_path / "data") as connection:
        connection.execute("ALTER TABLE away RENAME TO experiments")
    await peers.restart()
    assert (await waiting).done


async def test_a_peer_that_does_not_answer_delays_only_its_own_deletion(
    schema: SchemaServiceStub, peers: Peers
) -> None:
    """One hung question must not stand in the way of every other deletion."""
    await import_sql(schema, "shop")
    await import_sql(schema, "other")
    peers.answering.clear()
    hanging = asyncio.create_task(delete(schema, "shop"))
    await eventually(lambda: _true(peers.questions == 1))
    async with asyncio.timeout(10):
        assert (await delete(schema, "other", force=True)).done
    peers.answering.set()
    assert (await hanging).done


async def _true(fact: bool) -> bool:
    return fact
