"""Runs: rows that are generated, started, followed and waited for."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

from dwsim.arguments import checked
from dwsim.door import Door
from dwsim.faults import TimedOut
from dwsim.generator.v1 import generator_service_pb2 as pb
from dwsim.generator.v1 import run_pb2
from dwsim.paging import collect
from dwsim.values import Run
from dwsim.words import number_of


class AsyncRuns:
    """Generations of rows, by number."""

    def __init__(self, door: Door) -> None:
        self._door = door

    @checked
    async def start(
        self,
        experiment: str,
        *,
        rows: Mapping[str, int] | None = None,
        seed: int | None = None,
        tables: Sequence[str] = (),
        as_of: str = "",
        kind: str | None = None,
        base_run_id: int = 0,
        load: bool | None = None,
        format: str | None = None,  # noqa: A002 - the word of the contract
        output_dir: str = "",
        batch_rows: int = 0,
        request_id: str = "",
    ) -> Run:
        """Start to generate an experiment's rows; answers at once.

        `kind` is `full`, `append` or `change_set`; `format` is `parquet`, `csv`, `json_lines` or `arrow_ipc`. Unless
        `load` is false, the loader loads what is Parquet by itself.
        """
        request = pb.StartRunRequest(
            experiment=experiment,
            tables=tables,
            rows=dict(rows or {}),
            seed=seed,
            as_of=as_of,
            kind=number_of(run_pb2.Run.Kind, kind, "kind of run"),
            base_run_id=base_run_id,
            auto_load=load,
            format=number_of(run_pb2.Run.Format, format, "format of files"),
            output_dir=output_dir,
            batch_rows=batch_rows,
            request_id=request_id,
        )
        return Run.of((await self._door.call(self._door.generator.StartRun, request)).run)

    @checked
    async def get(self, run_id: int) -> Run:
        """The run as it is now."""
        return Run.of((await self._door.call(self._door.generator.GetRun, pb.GetRunRequest(run_id=run_id))).run)

    @checked
    async def list(self, experiment: str = "", *, limit: int | None = None) -> Sequence[Run]:
        """Runs of an experiment, or of all, newest first."""

        async def page(size: int, token: str) -> pb.ListRunsResponse:
            request = pb.ListRunsRequest(experiment=experiment, page_size=size, page_token=token)
            return await self._door.call(self._door.generator.ListRuns, request)

        return await collect(page, lambda answer: map(Run.of, answer.runs), limit)

    @checked
    async def follow(self, run_id: int) -> AsyncGenerator[Run, None]:
        """The run whenever it has changed, until it has ended."""
        answers = self._door.stream(self._door.generator.WatchRun, pb.WatchRunRequest(run_id=run_id))
        async with aclosing(answers):
            async for answer in answers:
                run = Run.of(answer.run)
                yield run
                if run.ended:
                    return

    @checked
    async def wait(self, run_id: int, *, timeout: float | None = None) -> Run:
        """Wait for the end of a run; raises OperationFailed where it ended badly, TimedOut after `timeout` seconds."""
        run = await self.get(run_id)
        try:
            async with asyncio.timeout(timeout):
                async for now in self.follow(run_id):
                    run = now
        except TimeoutError:
            raise TimedOut(f"run {run_id} is {run.state} after {timeout:g} s", hint="it goes on") from None
        return run.check()

    @checked
    async def abort(self, run_id: int) -> Run:
        """Ask a run to stop; answers it as it is then."""
        return Run.of((await self._door.call(self._door.generator.AbortRun, pb.AbortRunRequest(run_id=run_id))).run)
