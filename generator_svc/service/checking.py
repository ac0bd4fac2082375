"""CheckRun: the quality report of a completed run, one at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from dwsim.generator.v1 import generator_service_pb2 as pb
from dwsim.generator.v1.quality_report_pb2 import QualityReport

from dwsim_wire.fault import NotYetAvailable
from generator_svc.core.run import FileFormat, Run, RunState
from generator_svc.core.run_faults import FormatNotCheckable, RunNotCompleted
from generator_svc.store import Store

CHECKABLE = (FileFormat.PARQUET, FileFormat.ARROW_IPC)
Make: TypeAlias = Callable[[Store, Run], Awaitable[QualityReport]]


class Checking:
    """Checks runs, one at a time: a check may read all that was ever staged."""

    def __init__(self, store: Store, refuse_draining: Callable[[], None]) -> None:
        self._store = store
        self._refuse_draining = refuse_draining
        self._turn = asyncio.Semaphore(1)

    async def answer(self, message: pb.CheckRunRequest) -> pb.CheckRunResponse:
        """Check a run."""
        self._refuse_draining()
        run = await asyncio.to_thread(self._store.runs.get, message.run_id)
        _refuse_uncheckable(run)
        async with self._turn:
            make = await asyncio.to_thread(_quality_report)
            return pb.CheckRunResponse(report=await make(self._store, run))


def _quality_report() -> Make:
    """Import what makes reports: it takes a second, and most generators are never asked for one."""
    from generator_svc.service.quality_report import quality_report

    return quality_report


def _refuse_uncheckable(run: Run) -> None:
    if run.order.changes:
        raise NotYetAvailable(
            f"run {run.run_id} is a change set; the report is of the rows of tables",
            hint="check the run that it began with",
            metadata={"run_id": str(run.run_id)},
        )
    if run.order.format not in CHECKABLE:
        raise FormatNotCheckable(
            f"run {run.run_id} has {run.order.format} files, which do not keep the types of their columns",
            hint=f"check a run with the same seed as {' or '.join(CHECKABLE)}: its rows are equal",
            metadata={"format": run.order.format},
        )
    if run.state is not RunState.COMPLETED:
        raise RunNotCompleted(
            f"run {run.run_id} is {run.state}: its tables are not whole",
            hint="wait until it has completed" if run.state.active else "start a new run",
            metadata={"run_id": str(run.run_id), "state": run.state},
        )
