"""Loads: staged rows that go into a warehouse, started, followed and waited for."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from dwsim.arguments import checked
from dwsim.door import Door
from dwsim.faults import TimedOut
from dwsim.loader.v1 import load_pb2
from dwsim.loader.v1 import loader_service_pb2 as pb
from dwsim.paging import collect
from dwsim.values import Load
from dwsim.words import number_of, warehouse_number

LOAD_APPEARS_SECONDS = 60.0
POLL_SECONDS = 0.02


class AsyncLoads:
    """Loads of runs, by number."""

    def __init__(self, door: Door) -> None:
        self._door = door

    @checked
    async def start(
        self,
        experiment: str = "",
        *,
        run_id: int = 0,
        warehouse: str | None = None,
        mode: str | None = None,
        tables: Sequence[str] = (),
        load_plan: str = "",
        on_error: str | None = None,
        max_errors: int = 0,
        schema_drift: str | None = None,
        request_id: str = "",
    ) -> Load:
        """Load a run, or the newest of an experiment; answers at once.

        `mode` is how rows meet those that are there: `append`, `overwrite`, `ignore`, `error`, `upsert`, …; `on_error`
        is `abort`, `skip_row` or `skip_batch`.
        """
        request = pb.StartLoadRequest(
            run_id=run_id,
            experiment=experiment,
            tables=tables,
            target_warehouse=warehouse_number(warehouse),
            mode=number_of(load_pb2.Load.Mode, mode, "mode of loads"),
            load_plan=load_plan,
            request_id=request_id,
            on_error=number_of(load_pb2.Load.OnError, on_error, "way to meet errors"),
            max_errors=max_errors,
            schema_drift=number_of(load_pb2.Load.SchemaDrift, schema_drift, "way to meet other columns"),
        )
        return Load.of((await self._door.call(self._door.loader.StartLoad, request)).load)

    @checked
    async def get(self, load_id: int) -> Load:
        """The load as it is now."""
        return Load.of((await self._door.call(self._door.loader.GetLoad, pb.GetLoadRequest(load_id=load_id))).load)

    @checked
    async def list(self, experiment: str = "", *, run_id: int = 0, limit: int | None = None) -> Sequence[Load]:
        """Loads of an experiment, of a run, or all, newest first."""

        async def page(size: int, token: str) -> pb.ListLoadsResponse:
            request = pb.ListLoadsRequest(experiment=experiment, run_id=run_id, page_size=size, page_token=token)
            return await self._door.call(self._door.loader.ListLoads, request)

        return await collect(page, lambda answer: map(Load.of, answer.loads), limit)

    @checked
    async def of_run(self, run_id: int, *, timeout: float = LOAD_APPEARS_SECONDS) -> Load:
        """The load that the loader makes of a run by itself, soon after the run began."""
        try:
            async with asyncio.timeout(timeout):
                while not (found := await self.list(run_id=run_id, limit=1)):  # noqa: ASYNC110 - in another process
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            raise TimedOut(
                f"the loader has not taken up run {run_id} after {timeout:g} s",
                hint=f"client.loads.start(run_id={run_id}) loads it",
            ) from None
        return found[0]

    @checked
    async def follow(self, load_id: int) -> AsyncGenerator[Load, None]:
        """The load whenever it has changed, until it has ended."""
        answers = self._door.stream(self._door.loader.WatchLoad, pb.WatchLoadRequest(load_id=load_id))
        async with aclosing(answers):
            async for answer in answers:
                load = Load.of(answer.load)
                yield load
                if load.ended:
                    return

    @checked
    async def wait(self, load_id: int, *, timeout: float | None = None) -> Load:
        """Wait for the end of a load; raises OperationFailed where it ended badly, TimedOut after `timeout` seconds."""
        load = await self.get(load_id)
        try:
            async with asyncio.timeout(timeout):
                async for now in self.follow(load_id):
                    load = now
        except TimeoutError:
            raise TimedOut(f"load {load_id} is {load.state} after {timeout:g} s", hint="it goes on") from None
        return load.check()

    @checked
    async def abort(self, load_id: int) -> Load:
        """Ask a load to stop; the target stays as it was."""
        return Load.of((await self._door.call(self._door.loader.AbortLoad, pb.AbortLoadRequest(load_id=load_id))).load)

    @checked
    async def retry(self, load_id: int) -> Load:
        """Let a load that ended badly go on where it stopped."""
        return Load.of((await self._door.call(self._door.loader.RetryLoad, pb.RetryLoadRequest(load_id=load_id))).load)
