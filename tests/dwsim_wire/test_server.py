"""A real server on a free port, called through a real channel."""

import asyncio
import contextlib
import json
import logging
import sqlite3
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import pytest
from dwsim.query.v1 import query_service_pb2 as pb
from dwsim.query.v1 import query_service_pb2_grpc as rpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2
from sqlalchemy.exc import OperationalError

from dwsim_wire.client import call, open_channel, stream
from dwsim_wire.database import name_fault
from dwsim_wire.entry import JsonLines
from dwsim_wire.errors import RemoteFault, from_rpc_error
from dwsim_wire.fault import Fault, FieldProblem, InvalidArgument, NotYetAvailable, Unavailable
from dwsim_wire.request_id import adopt, current_request_id
from dwsim_wire.server import Service, nothing, serve
from dwsim_wire.settings import ServiceSettings

FULL_NAME = "dwsim.query.v1.QueryService"


class Conflict(Fault):
    """A fault with a status of the service's own."""

    reason = "QUERY_ENDED"


class Probe(rpc.QueryServiceServicer):
    """Answers by the SQL text: each text is one way to end."""

    def __init__(self) -> None:
        self.left = asyncio.Event()
        self.request_ids: list[str] = []
        self.order: list[str] = []

    async def RunQuery(self, request: pb.RunQueryRequest, context: Any) -> pb.RunQueryResponse:
        self.request_ids.append(current_request_id())
        if request.sql == "conflict":
            raise Conflict("it has ended", hint="start another", metadata={"query_id": "7"})
        if request.sql == "fields":
            raise InvalidArgument("two fields", fields=[FieldProblem("a", "x"), FieldProblem("b[1]", "y")])
        if request.sql == "long":
            fields = [FieldProblem(f"tables[{i}]", "💥" * 1_000) for i in range(1_000)]
            raise InvalidArgument("💥" * 20_000, hint="y" * 20_000, metadata={"name": "é" * 20_000}, fields=fields)
        if request.sql == "defect":
            raise ValueError("password=hunter2")
        if request.sql == "locked":
            raise OperationalError("SELECT 'hunter2'", {}, sqlite3.OperationalError("database is locked"))
        if request.sql == "slow":
            await asyncio.sleep(0.2)
            self.order.append("answer")
        return pb.RunQueryResponse(query_id=request.sql)

    async def ExecuteQuery(
        self, request: pb.ExecuteQueryRequest, context: Any
    ) -> AsyncIterator[pb.ExecuteQueryResponse]:
        yield pb.ExecuteQueryResponse()
        if request.sql == "later":
            raise NotYetAvailable("not in the middle of a stream")
        if request.sql == "defect":
            raise KeyError("secret table")
        try:
            await asyncio.Event().wait()
        finally:
            self.left.set()


def new_probe() -> Probe:
    """A servicer need not have every method; the generated types say it must."""
    return Probe()  # type: ignore[abstract]


@contextlib.asynccontextmanager
async def served(probe: Probe, data_dir: Path, **settings: Any) -> AsyncIterator[tuple[str, asyncio.Event]]:
    async def drain() -> None:
        probe.order.append("drain")

    async def close() -> None:
        probe.order.append("stop")

    stop, bound = asyncio.Event(), asyncio.get_running_loop().create_future()
    service = Service(
        "query",
        FULL_NAME,
        lambda server: rpc.add_QueryServiceServicer_to_server(probe, server),
        {Conflict: grpc.StatusCode.FAILED_PRECONDITION},
        nothing,
        close,
        drain,
        partial(name_fault, "query"),
    )
    facts = ServiceSettings(data_dir=data_dir, port=0, **settings)
    task = asyncio.create_task(serve(service, facts, stop=stop, on_bound=bound.set_result))
    try:
        yield await bound, stop
    finally:
        stop.set()
        await task


@pytest.mark.parametrize(
    ("sql", "code", "reason"),
    [
        ("conflict", grpc.StatusCode.FAILED_PRECONDITION, "QUERY_ENDED"),
        ("fields", grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT"),
        ("defect", grpc.StatusCode.INTERNAL, "INTERNAL"),
        ("locked", grpc.StatusCode.UNAVAILABLE, "UNAVAILABLE"),
    ],
)
async def test_a_fault_arrives_as_it_was_raised(sql: str, code: grpc.StatusCode, reason: str, tmp_path: Path) -> None:
    """Programs switch on reason and code; people read message and hint."""
    async with served(new_probe(), tmp_path) as (address, _), open_channel(address) as channel:
        with pytest.raises(RemoteFault) as caught:
            await call(rpc.QueryServiceStub(channel).RunQuery, pb.RunQueryRequest(sql=sql), peer="query")
    assert (caught.value.code, caught.value.reason) == (code, reason)
    assert "hunter2" not in caught.value.message + caught.value.hint + str(caught.value.metadata)
    if sql == "conflict":
        assert (caught.value.hint, caught.value.metadata) == ("start another", {"query_id": "7"})
    if sql == "fields":
        assert caught.value.fields == (("a", "x"), ("b[1]", "y"))


async def test_an_error_of_any_length_arrives(tmp_path: Path) -> None:
    """Clients drop trailers beyond 8 KiB, and with them the reason."""
    async with served(new_probe(), tmp_path) as (address, _), open_channel(address) as channel:
        with pytest.raises(RemoteFault) as caught:
            await call(rpc.QueryServiceStub(channel).RunQuery, pb.RunQueryRequest(sql="long"))
    assert caught.value.reason == "INVALID_ARGUMENT"
    assert caught.value.message.startswith("💥💥")
    assert "more" in caught.value.fields[-1].message


@pytest.mark.parametrize(("sql", "reason"), [("later", "NOT_YET_AVAILABLE"), ("defect", "INTERNAL")])
async def test_an_error_amid_a_stream_arrives_too(sql: str, reason: str, tmp_path: Path) -> None:
    """An interceptor that only awaits the handler would let mid-stream errors out as they are."""
    async with served(new_probe(), tmp_path) as (address, _), open_channel(address) as channel:
        answers = stream(rpc.QueryServiceStub(channel).ExecuteQuery, pb.ExecuteQueryRequest(sql=sql))
        assert await anext(answers)
        with pytest.raises(RemoteFault) as caught:
            await anext(answers)
    assert caught.value.reason == reason
    assert "secret" not in caught.value.message


async def test_a_client_that_leaves_ends_its_handler_and_hurts_nobody(tmp_path: Path) -> None:
    """A handler that outlives its client leaks; a context touched after its client left crashed the process."""
    probe = new_probe()
    async with served(probe, tmp_path) as (address, _), open_channel(address) as channel:
        stub = rpc.QueryServiceStub(channel)
        for _ in range(50):
            probe.left.clear()
            answers = stream(stub.ExecuteQuery, pb.ExecuteQueryRequest())
            assert await anext(answers)
            await answers.aclose()
            await asyncio.wait_for(probe.left.wait(), 10)
        assert (await call(stub.RunQuery, pb.RunQueryRequest(sql="alive"))).query_id == "alive"


async def test_a_peer_that_is_not_there_is_named(tmp_path: Path) -> None:
    """`failed to connect to all addresses` says nothing to the user of a mesh."""
    async with served(new_probe(), tmp_path) as (address, _):
        pass
    async with open_channel(address) as channel:
        with pytest.raises(Unavailable, match="loader cannot be reached"):
            await call(rpc.QueryServiceStub(channel).RunQuery, pb.RunQueryRequest(), timeout=30, peer="loader")


async def test_the_request_id_of_the_caller_is_passed_on(tmp_path: Path) -> None:
    """One id follows a request through all services' logs."""
    probe = new_probe()
    async with served(probe, tmp_path) as (address, _), open_channel(address) as channel:
        adopt("from-the-gateway")
        await call(rpc.QueryServiceStub(channel).RunQuery, pb.RunQueryRequest())
    assert probe.request_ids == ["from-the-gateway"]


async def test_calls_under_way_end_well_while_the_server_drains(tmp_path: Path) -> None:
    """A restart must lose no call that was accepted, nor take away the database under it."""
    probe = new_probe()
    async with served(probe, tmp_path) as (address, stop), open_channel(address) as channel:
        slow = asyncio.create_task(call(rpc.QueryServiceStub(channel).RunQuery, pb.RunQueryRequest(sql="slow")))
        health: Any = health_pb2_grpc.HealthStub(channel)
        answer = await health.Check(health_pb2.HealthCheckRequest())
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        stop.set()
        assert (await slow).query_id == "slow"
    assert probe.order == ["drain", "answer", "stop"]


async def test_a_message_over_the_limit_is_refused(tmp_path: Path) -> None:
    """Without a limit one client can fill the server's memory."""
    async with (
        served(new_probe(), tmp_path, max_message_bytes=1 << 20) as (address, _),
        open_channel(address) as channel,
    ):
        with pytest.raises(RemoteFault) as caught:
            await call(rpc.QueryServiceStub(channel).RunQuery, pb.RunQueryRequest(sql="x" * (2 << 20)))
    assert caught.value.code is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_peer_that_is_too_slow_is_named() -> None:
    """ "Deadline Exceeded" says neither who is late nor what that means."""
    none = grpc.aio.Metadata()
    late = grpc.aio.AioRpcError(grpc.StatusCode.DEADLINE_EXCEEDED, none, none, details="Deadline Exceeded")
    fault = from_rpc_error(late, "loader")
    assert (fault.reason, fault.message) == ("DEADLINE_EXCEEDED", "loader does not answer in time")


@pytest.mark.parametrize("method", ["RunQuery", "ExecuteQuery"])
@pytest.mark.parametrize(
    ("messages", "words"),
    [([], "no whole message"), ([b"\xff\xff"], "no message of"), ([b"\x0a\x01\xff"], "no message of")],
    ids=["none", "broken", "not UTF-8"],
)
async def test_what_is_no_request_is_refused_at_once(
    messages: list[bytes], words: str, method: str, tmp_path: Path
) -> None:
    """grpc.aio never answers a call without a message, and answers a broken one with protobuf's words as UNKNOWN."""
    async with served(new_probe(), tmp_path) as (address, _), open_channel(address) as channel:
        ask: Any = channel.stream_unary(f"/{FULL_NAME}/{method}")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ask(iter(messages), timeout=30)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    fault = from_rpc_error(caught.value)
    assert (fault.reason, words in fault.message) == ("INVALID_ARGUMENT", True)
    assert "protobuf" not in fault.message
    assert fault.hint


@pytest.mark.parametrize("version", ["grpc.reflection.v1alpha.ServerReflection", "grpc.reflection.v1.ServerReflection"])
async def test_both_reflection_versions_list_the_service_and_describe_all_they_list(
    version: str, tmp_path: Path
) -> None:
    """grpcurl speaks v1 first, older tools v1alpha only; `grpcurl describe` ends at the first name it cannot find."""
    asked = reflection_pb2.ServerReflectionRequest
    async with served(new_probe(), tmp_path) as (address, _), grpc.aio.insecure_channel(address) as channel:
        reflect = channel.stream_stream(
            f"/{version}/ServerReflectionInfo",
            request_serializer=asked.SerializeToString,
            response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
        )
        names = [
            s.name async for a in reflect(iter([asked(list_services="*")])) for s in a.list_services_response.service
        ]
        assert {FULL_NAME, version} < set(names)
        described = reflect(iter([asked(file_containing_symbol=name) for name in names]))
        assert all([a.HasField("file_descriptor_response") async for a in described])


def test_a_log_line_is_one_json_object_with_its_facts() -> None:
    """Logs of four services are merged and searched by machine."""
    adopt("abc")
    record = logging.makeLogRecord({"msg": "call", "levelname": "INFO", "name": "dwsim.rpc", "facts": {"ms": 1.5}})
    line = json.loads(JsonLines().format(record))
    assert (line["message"], line["request_id"], line["ms"]) == ("call", "abc", 1.5)
