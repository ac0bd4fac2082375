"""A real query service on a free port beside a loader that only locates tables."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from dwsim.query.v1 import query_service_pb2 as pb
from dwsim.query.v1 import query_service_pb2_grpc, result_pb2

from dwsim_wire.arrow import batch_from_bytes, schema_from_bytes
from dwsim_wire.client import call, open_channel, stream
from dwsim_wire.server import serve
from query_svc.__main__ import build
from query_svc.settings import QuerySettings
from tests.query_svc.loader_stand_in import LoaderStandIn, place
from tests.query_svc.shop import write_shop

NAMESPACE = "sqlite/shop_0badcafe.db"


@dataclass
class Answer:
    """A whole stream."""

    schema: result_pb2.ResultSchema
    summary: result_pb2.ResultSummary
    rows: list[list[Any]] = field(default_factory=list)
    table: pa.Table | None = None


@dataclass
class RunningQuery:
    """A query service behind its door."""

    stub: query_service_pb2_grpc.QueryServiceStub
    data_dir: Path
    address: str

    async def rows(self, sql: str, experiment: str = "shop", **facts: Any) -> list[list[Any]]:
        """Rows of a query as JSON values."""
        return [list(row) for row in (await self.run(sql, experiment, **facts)).rows]

    async def run(self, sql: str, experiment: str = "shop", **facts: Any) -> pb.RunQueryResponse:
        return await call(self.stub.RunQuery, pb.RunQueryRequest(experiment=experiment, sql=sql, **facts))

    async def translate(self, sql: str, experiment: str = "shop", **facts: Any) -> Any:
        request = pb.TranslateQueryRequest(experiment=experiment, sql=sql, **facts)
        return (await call(self.stub.TranslateQuery, request)).translation

    async def execute(self, sql: str, experiment: str = "shop", **facts: Any) -> Answer:
        """Read a stream to its end."""
        request = pb.ExecuteQueryRequest(experiment=experiment, sql=sql, **facts)
        messages = [message async for message in stream(self.stub.ExecuteQuery, request, timeout=60)]
        kinds = [message.WhichOneof("kind") for message in messages]
        assert kinds[0] == "schema"
        assert kinds[-1] == "summary"
        answer = Answer(messages[0].schema, messages[-1].summary)
        answer.rows = [list(row) for m in messages for row in m.json.rows]
        if request.format == pb.ExecuteQueryRequest.ARROW:
            schema = schema_from_bytes(answer.schema.arrow_schema)
            chunks = [m.arrow.arrow_record_batch for m in messages if m.HasField("arrow")]
            answer.table = pa.Table.from_batches([batch_from_bytes(c, schema) for c in chunks], schema)
        return answer


@pytest.fixture
async def loader() -> AsyncIterator[LoaderStandIn]:
    stand_in = LoaderStandIn()  # type: ignore[abstract]  # the query service calls no other rpc
    await stand_in.start()
    stand_in.places["shop"] = place("shop", NAMESPACE)
    yield stand_in
    await stand_in.stop()


@pytest.fixture
async def query(tmp_path: Path, loader: LoaderStandIn) -> AsyncIterator[RunningQuery]:
    async with running(tmp_path / "data", loader) as started:
        yield started


class running:  # noqa: N801  # reads as a context
    """Serve a query service in this process for the length of a block."""

    def __init__(self, data_dir: Path, loader: LoaderStandIn, **settings: Any) -> None:
        facts: dict[str, Any] = {"data_dir": data_dir, "port": 0, "drain_seconds": 0.1}
        self._settings = QuerySettings(**facts | {"loader_address": loader.address} | settings)
        self._stop = asyncio.Event()
        if not (data_dir / "warehouses" / NAMESPACE).exists():
            write_shop(data_dir / "warehouses" / NAMESPACE)

    async def __aenter__(self) -> RunningQuery:
        bound: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        service = await build(self._settings)
        self._serving: asyncio.Future[Any] = asyncio.create_task(
            serve(service, self._settings, stop=self._stop, on_bound=bound.set_result)
        )
        await asyncio.wait([bound, self._serving], return_when=asyncio.FIRST_COMPLETED)
        self._channel = open_channel(await bound)
        stub = query_service_pb2_grpc.QueryServiceStub(self._channel)
        return RunningQuery(stub, self._settings.data_dir, await bound)

    async def __aexit__(self, *_error: object) -> None:
        await self._channel.close()
        self._stop.set()
        await self._serving
