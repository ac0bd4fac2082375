"""The mesh as its clients see it: four stubs, and the errors they give."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from dwsim.generator.v1 import generator_service_pb2_grpc
from dwsim.generator.v1.generator_service_pb2 import WatchRunRequest
from dwsim.generator.v1.run_pb2 import Run
from dwsim.loader.v1 import loader_service_pb2_grpc
from dwsim.loader.v1.load_pb2 import Load
from dwsim.loader.v1.loader_service_pb2 import ListLoadsRequest, WatchLoadRequest
from dwsim.query.v1 import query_service_pb2_grpc
from dwsim.query.v1.query_service_pb2 import ExecuteQueryRequest
from dwsim.schema.v1 import schema_service_pb2_grpc

from dwsim_wire.client import call, open_channel, stream
from dwsim_wire.errors import RemoteFault
from tests.processes import Mesh

RUN_ENDED = {Run.COMPLETED, Run.FAILED, Run.ABORTED}
LOAD_ENDED = {Load.COMPLETED, Load.FAILED, Load.ABORTED}


@dataclass(frozen=True)
class Clients:
    """Stubs of the four services."""

    schema: schema_service_pb2_grpc.SchemaServiceStub
    generator: generator_service_pb2_grpc.GeneratorServiceStub
    loader: loader_service_pb2_grpc.LoaderServiceStub
    query: query_service_pb2_grpc.QueryServiceStub

    async def run_ended(self, run_id: int) -> Run:
        """Watch a run to its end."""
        last = None
        async for answer in stream(self.generator.WatchRun, WatchRunRequest(run_id=run_id), timeout=120):
            last = answer.run
        assert last is not None
        assert last.state in RUN_ENDED
        return last

    async def load_of(self, run_id: int) -> Load:
        """Watch the newest load of a run to its end; the loader makes it soon after the run began."""
        last = await self._begun_load_of(run_id)
        async for answer in stream(self.loader.WatchLoad, WatchLoadRequest(load_id=last.load_id), timeout=120):
            last = answer.load
        assert last.state in LOAD_ENDED
        return last

    async def _begun_load_of(self, run_id: int) -> Load:
        async with asyncio.timeout(60):
            while True:
                answer = await call(self.loader.ListLoads, ListLoadsRequest(run_id=run_id))
                if answer.loads:
                    return answer.loads[0]
                await asyncio.sleep(0.02)

    async def rows(self, experiment: str, sql: str) -> list[list[Any]]:
        """All rows of a query, as JSON values."""
        rows: list[list[Any]] = []
        request = ExecuteQueryRequest(experiment=experiment, sql=sql)
        async for message in stream(self.query.ExecuteQuery, request, timeout=60):
            rows += [list(row) for row in message.json.rows]
            assert not message.summary.failure.reason, message.summary.failure
            assert not message.summary.truncated
        return rows


@contextlib.asynccontextmanager
async def clients(mesh: Mesh) -> AsyncIterator[Clients]:
    """Open channels to all services of a mesh."""
    async with contextlib.AsyncExitStack() as stack:
        channels = [await stack.enter_async_context(open_channel(mesh.address(name))) for name in Mesh.SERVICES]
        yield Clients(
            schema_service_pb2_grpc.SchemaServiceStub(channels[0]),
            generator_service_pb2_grpc.GeneratorServiceStub(channels[1]),
            loader_service_pb2_grpc.LoaderServiceStub(channels[2]),
            query_service_pb2_grpc.QueryServiceStub(channels[3]),
        )


@contextlib.contextmanager
def refused(code: grpc.StatusCode, reason: str, *words: str) -> Iterator[None]:
    """Expect an error with this code and reason whose message or hint has all `words`."""
    with pytest.raises(RemoteFault) as caught:
        yield
    fault = caught.value
    text = " ".join([fault.message, fault.hint, *map(str, fault.metadata.values()), *map(" ".join, fault.fields)])
    assert (fault.code, fault.reason) == (code, reason), f"{fault.code} {fault.reason}: {text}"
    for word in words:
        assert word in text, f"{word!r} is not in {text!r}"
    for internal in ("Traceback", "sqlalchemy", "sqlite3.", "site-packages", ".py"):
        assert internal not in text
