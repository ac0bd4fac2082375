"""Runs whose files may go are reported to the generator: whole, once nobody needs them, until it is answered."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from dwsim.generator.v1 import event_pb2, run_pb2
from dwsim.generator.v1 import generator_service_pb2 as pb
from dwsim.loader.v1.load_pb2 import Load

from loader_svc.worker import reporter
from tests.loader_svc.conftest import running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import StagedRun


class Listening(GeneratorStandIn):
    """A generator that hears reports; it is away for the first `deaf` of them."""

    def __init__(self) -> None:
        super().__init__()
        self.deaf = 0
        self.reports: list[tuple[int, str, str]] = []

    async def ReportLoaded(self, request: pb.ReportLoadedRequest, context: Any) -> pb.ReportLoadedResponse:
        self.reports.append((request.run_id, request.experiment_id, request.log_id))
        if len(self.reports) <= self.deaf:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "away")
        return pb.ReportLoadedResponse(deleted_files=1)

    async def heard(self, times: int) -> None:
        """Wait for so many reports."""
        async with asyncio.timeout(60):
            while len(self.reports) < times:  # noqa: ASYNC110  # a report rings no bell of ours
                await asyncio.sleep(0.01)


@pytest.fixture
async def listening(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Listening]:
    monkeypatch.setattr(reporter, "LOOK_AGAIN_SECONDS", 0.05)
    stand_in = Listening()  # type: ignore[abstract]  # the loader calls no other rpc
    await stand_in.start()
    yield stand_in
    await stand_in.stop()


def passing(run: StagedRun) -> list[event_pb2.Event]:
    """The life of a run whose files go once they are loaded."""
    started = run.started()
    started.run_started.run.retention = run_pb2.Run.DELETE_AFTER_LOAD
    return [started, *run.batches(), run.ended()]


async def test_a_loaded_run_is_reported_until_it_is_answered(tmp_path: Path, listening: Listening) -> None:
    """A generator that is away, and a loader that restarts, cost a repetition and no file more."""
    listening.deaf = 3
    await listening.extend(StagedRun(tmp_path, 1).events())
    await listening.extend(passing(StagedRun(tmp_path, 2)))
    async with running(tmp_path / "data", listening) as loader:
        await loader.ended(2)
        await listening.heard(1)
    async with running(tmp_path / "data", listening):
        await listening.heard(4)
        await asyncio.sleep(0.3)  # what must not happen rings no bell
    assert set(listening.reports) == {(2, "5f0c", "log-1")}
    assert len(listening.reports) == 4


async def test_a_run_that_is_loaded_in_part_is_not_reported(tmp_path: Path, listening: Listening) -> None:
    """The files of its other tables are still to be loaded."""
    events = passing(StagedRun(tmp_path, 1))
    events[0].run_started.run.auto_load = False
    await listening.extend(events)
    async with running(tmp_path / "data", listening) as loader:
        assert (await loader.start(run_id=1, tables=["orders"])).state == Load.COMPLETED
        await asyncio.sleep(0.3)  # what must not happen rings no bell
        assert listening.reports == []
        assert (await loader.start(run_id=1)).state == Load.COMPLETED
        await listening.heard(1)
