"""A replica that says it is healthy and then behaves badly: something no real service of ours does on request."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc


class BadReplica:
    """Counts the calls it gets; `behaviour` is `unavailable` or `silent`."""

    def __init__(self, behaviour: str) -> None:
        self.behaviour = behaviour
        self.calls = 0
        self.address = ""

    async def handle(self, _: bytes, context: Any) -> bytes:
        self.calls += 1
        if self.behaviour == "unavailable":
            await context.abort(grpc.StatusCode.UNAVAILABLE, "this replica is broken")
        await asyncio.Event().wait()
        return b""


class _AnyRpc(grpc.GenericRpcHandler):
    def __init__(self, replica: BadReplica) -> None:
        self._handler: Any = grpc.unary_unary_rpc_method_handler(replica.handle)

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        return self._handler if handler_call_details.method.startswith("/dwsim.") else None


@contextlib.asynccontextmanager
async def bad_replica(behaviour: str) -> AsyncIterator[BadReplica]:
    """Serve it on a free port."""
    replica, server = BadReplica(behaviour), grpc.aio.server()
    checks = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    server.add_generic_rpc_handlers((_AnyRpc(replica),))
    replica.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    for name in ("", "dwsim.schema.v1.SchemaService"):
        await checks.set(name, health_pb2.HealthCheckResponse.SERVING)
    try:
        yield replica
    finally:
        await server.stop(None)
