"""Runs whose files the loader does not read."""

from pathlib import Path

import grpc
from dwsim.generator.v1.run_pb2 import Run
from dwsim.loader.v1 import load_pb2

from tests.clients import refused
from tests.loader_svc.conftest import RunningLoader
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import StagedRun


async def test_a_run_of_csv_files_is_passed_over_and_a_load_of_it_refused(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """Its events are taken like all others; the run after it is loaded as ever."""
    text, parquet = StagedRun(tmp_path / "csv", run_id=1), StagedRun(tmp_path / "parquet", run_id=2)
    started = text.started()
    started.run_started.run.format = Run.CSV
    await generator.add(started, *text.batches(), text.ended(), *parquet.events())
    load = await loader.ended()
    assert (load.run_id, load.state) == (2, load_pb2.Load.COMPLETED)
    with refused(grpc.StatusCode.FAILED_PRECONDITION, "FORMAT_NOT_LOADABLE", "CSV", "PARQUET"):
        await loader.start(run_id=1)
    assert len(await loader.loads()) == 1
