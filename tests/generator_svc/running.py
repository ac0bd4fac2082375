"""The real generator, served in this process on a free port, over a data directory of the test's own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from dwsim.generator.v1 import generator_service_pb2 as pb
from dwsim.generator.v1 import generator_service_pb2_grpc
from dwsim.generator.v1.event_pb2 import Event
from dwsim.generator.v1.run_pb2 import Run

from dwsim_wire.client import call, open_channel, stream
from dwsim_wire.server import serve
from dwsim_wire.staging import StagingRoot
from generator_svc.__main__ import build
from generator_svc.settings import GeneratorSettings

ACTIVE = {Run.PENDING, Run.RUNNING, Run.ABORTING}


@dataclass(frozen=True)
class Generator:
    """A running generator as a client sees it."""

    address: str
    stub: generator_service_pb2_grpc.GeneratorServiceStub
    stop: asyncio.Event
    """Set it to drain the service before the block ends."""

    @classmethod
    @contextlib.asynccontextmanager
    async def at(cls, address: str) -> AsyncIterator["Generator"]:
        """A generator that runs elsewhere."""
        async with open_channel(address) as channel:
            yield cls(address, generator_service_pb2_grpc.GeneratorServiceStub(channel), asyncio.Event())

    async def start(self, experiment: str = "shop", **facts: Any) -> pb.StartRunResponse:
        """Start a run."""
        request = pb.StartRunRequest(experiment=experiment, **facts)
        return await call(self.stub.StartRun, request, timeout=120)

    async def completed(self, experiment: str = "shop", **facts: Any) -> Run:
        """Start a run and wait for its good end."""
        answer = await self.start(experiment, wait=True, **facts)
        assert answer.run.state == Run.COMPLETED, answer.run.failure
        return answer.run

    async def get(self, run_id: int) -> Run:
        """The run as it stands."""
        return (await call(self.stub.GetRun, pb.GetRunRequest(run_id=run_id))).run

    async def ended(self, run_id: int, seconds: float = 120) -> Run:
        """Watch a run to its end."""
        last = Run()
        async for answer in stream(self.stub.WatchRun, pb.WatchRunRequest(run_id=run_id), timeout=seconds):
            last = answer.run
        assert last.state not in ACTIVE
        return last

    async def events(self, **cursor: Any) -> list[Event]:
        """All events after a cursor, up to the newest."""
        request = pb.WatchBatchesRequest(**cursor)
        answers = [answer async for answer in stream(self.stub.WatchBatches, request, timeout=60)]
        assert answers[-1].heartbeat.end, "a stream that does not follow ends with a last heartbeat"
        return [answer.event for answer in answers[:-1]]

    async def files(self, run_id: int) -> list[Path]:
        """Staged files of a run in order."""
        request = pb.ListStagedFilesRequest(run_id=run_id, page_size=500)
        return [StagingRoot.parse(file.uri).path for file in (await call(self.stub.ListStagedFiles, request)).files]

    async def table(self, run: Run, name: str) -> pa.Table:
        """Rows of a table of a run as its files have them."""
        return pa.concat_tables(
            pq.ParquetFile(path).read() for path in await self.files(run.run_id) if path.parent.name == name
        )


@contextlib.asynccontextmanager
async def generator(data_dir: Path, schema_address: str, **facts: Any) -> AsyncIterator[Generator]:
    """Serve the generator; drain it with the block."""
    settings = GeneratorSettings.model_construct(
        **{name: field.get_default(call_default_factory=True) for name, field in GeneratorSettings.model_fields.items()}
        | {"data_dir": data_dir, "port": 0, "schema_address": schema_address, "drain_seconds": 0.2}
        | facts
    )
    stop, bound = asyncio.Event(), asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(await build(settings), settings, stop=stop, on_bound=bound.set_result))
    await asyncio.wait({serving, bound}, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        await serving
    async with open_channel(bound.result()) as channel:
        try:
            yield Generator(bound.result(), generator_service_pb2_grpc.GeneratorServiceStub(channel), stop)
        finally:
            stop.set()
            await serving


def hashes(run: Run) -> Mapping[str, str]:
    """Content hash of every table of a run."""
    return {table.name: table.content_hash for table in run.tables}
