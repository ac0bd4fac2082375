"""Follows runs and loads to their end, with bars on a terminal and nothing elsewhere."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from dwsim.generator.v1 import generator_service_pb2 as generator
from dwsim.generator.v1.run_pb2 import Run
from dwsim.loader.v1 import loader_service_pb2 as loader
from dwsim.loader.v1.load_pb2 import Load
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from dwsim_cli.faults import OperationFailed
from dwsim_cli.mesh import Mesh
from dwsim_cli.output import Output
from dwsim_wire.fault import Unavailable

RUN_ENDED = frozenset({Run.COMPLETED, Run.FAILED, Run.ABORTED})
LOAD_ENDED = frozenset({Load.COMPLETED, Load.FAILED, Load.ABORTED})
LOAD_APPEARS_SECONDS = 30.0
POLL_SECONDS = 0.2


class Bars:
    """One bar per table and kind of work; silent where nobody sees them."""

    def __init__(self, output: Output) -> None:
        shown = output.err.is_terminal and not output.as_json
        self._output = output
        self._said = ""
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=output.err,
            transient=True,
            disable=not shown,
        )
        self._tasks: dict[tuple[str, str], TaskID] = {}

    @contextmanager
    def shown(self) -> Iterator["Bars"]:
        """Show the bars; they vanish at the end."""
        with self._progress:
            yield self

    def say_wait(self, text: str) -> None:
        """Say what is waited for, once for each change; nothing in JSON mode."""
        if text != self._said and text and not self._output.as_json:
            self._output.note(f"waits for {text}")
        self._said = text

    def update(self, work: str, tables: Iterable[tuple[str, int, int]]) -> None:
        """Take a table's name, rows done and rows in all."""
        for name, done, total in tables:
            key = (work, name)
            if key not in self._tasks:
                self._tasks[key] = self._progress.add_task(f"{work:<9} {name}", total=max(total, 1))
            self._progress.update(self._tasks[key], completed=done if total else 1, total=max(total, 1))


async def follow_run(mesh: Mesh, run_id: int, bars: Bars) -> Run:
    """Watch a run until it has ended."""
    run = Run(run_id=run_id)
    async for message in mesh.stream(mesh.generator.WatchRun, generator.WatchRunRequest(run_id=run_id)):
        run = message.run
        bars.say_wait(run.waits_for)
        bars.update("generate", ((t.name, t.rows_done, t.rows) for t in run.tables))
        if run.state in RUN_ENDED:
            break
    return run


async def follow_load(mesh: Mesh, load_id: int, bars: Bars) -> Load:
    """Watch a load until it has ended."""
    load = Load(load_id=load_id)
    async for message in mesh.stream(mesh.loader.WatchLoad, loader.WatchLoadRequest(load_id=load_id)):
        load = message.load
        bars.update("load", ((t.name, t.rows_staged, t.rows) for t in load.tables))
        if load.state in LOAD_ENDED:
            break
    return load


async def follow_both(mesh: Mesh, run_id: int, bars: Bars) -> tuple[Run, Load | None]:
    """Watch a run and the load that the loader makes of it; no load where the run ended badly."""
    loading = asyncio.create_task(_follow_load_of(mesh, run_id, bars))
    try:
        run = await follow_run(mesh, run_id, bars)
        if run.state != Run.COMPLETED:
            return run, None
        return run, await loading
    finally:
        loading.cancel()


async def load_of(mesh: Mesh, run_id: int) -> Load | None:
    """Newest load of a run."""
    page = await mesh.call(mesh.loader.ListLoads, loader.ListLoadsRequest(run_id=run_id, page_size=1))
    return page.loads[0] if page.loads else None


async def _follow_load_of(mesh: Mesh, run_id: int, bars: Bars) -> Load:
    """Wait for the loader to take the run up, which it does as soon as it hears of it."""
    try:
        async with asyncio.timeout(LOAD_APPEARS_SECONDS):
            while not (load := await load_of(mesh, run_id)):  # noqa: ASYNC110 - it happens in another process
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        raise Unavailable(
            f"the loader has not taken up run {run_id}",
            hint=f"`dw-sim load list` shows what it does; `dw-sim experiment load NAME --run-id {run_id}` loads it",
        ) from None
    return await follow_load(mesh, load.load_id, bars)


def check_run(run: Run) -> None:
    """Raise why a run ended badly."""
    if run.state in {Run.FAILED, Run.ABORTED}:
        raise OperationFailed(
            f"run {run.run_id} {_how(Run.State.Name(run.state))}: {run.failure.message or 'on request'}",
            reason=run.failure.reason or "ABORTED_BY_USER",
            hint=run.failure.hint,
        )


def check_load(load: Load) -> None:
    """Raise why a load ended badly."""
    if load.state in {Load.FAILED, Load.ABORTED}:
        raise OperationFailed(
            f"load {load.load_id} {_how(Load.State.Name(load.state))}: {load.failure.message or 'on request'}",
            reason=load.failure.reason or "ABORTED_BY_USER",
            hint=load.failure.hint or f"`dw-sim load retry {load.load_id}` goes on where it stopped",
        )


def _how(state: str) -> str:
    return {"FAILED": "failed", "ABORTED": "was aborted"}[state]
