"""What the gateway adds to a unary call: GetServerInfo through Envoy, against the service itself."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median

from dwsim.schema.v1.schema_service_pb2 import GetServerInfoRequest
from dwsim.schema.v1.schema_service_pb2_grpc import SchemaServiceStub

from bench.measure import Effort, Figure, Side, compare, interleaved, timed
from dwsim_wire.client import call, open_channel
from dwsim_wire.settings import DEFAULT_PORTS
from local_stack import LocalStack

IN_FLIGHT = 16
DIRECT = "direct"


async def run(effort: Effort, folder: Path) -> AsyncIterator[Figure]:
    """Milliseconds of a call alone, and calls a second with many in flight."""
    ports = dict.fromkeys((*DEFAULT_PORTS, "gateway"), 0)
    async with (
        LocalStack(folder, ports=ports) as stack,
        open_channel(stack.addresses["gateway"]) as gateway,
        open_channel(stack.addresses["schema"]) as direct,
    ):
        stubs = {"ours": SchemaServiceStub(gateway), DIRECT: SchemaServiceStub(direct)}
        alone = await interleaved(effort.rounds, {name: _alone(stub, effort.calls) for name, stub in stubs.items()})
        yield compare("unary call through the gateway, p50", "ms", alone, against=DIRECT)
        many = await interleaved(effort.rounds, {name: _many(stub, effort.calls) for name, stub in stubs.items()})
        yield compare(f"unary calls through the gateway, {IN_FLIGHT} in flight", "calls/s", many, against=DIRECT)


def _alone(stub: SchemaServiceStub, calls: int) -> Side:
    async def p50() -> float:
        taken = []
        for _ in range(calls):
            with timed() as watch:
                await call(stub.GetServerInfo, GetServerInfoRequest())
            taken.append(watch.seconds * 1e3)
        return median(taken)

    return p50


def _many(stub: SchemaServiceStub, calls: int) -> Side:
    async def one_after_the_other() -> None:
        for _ in range(calls // IN_FLIGHT):
            await call(stub.GetServerInfo, GetServerInfoRequest())

    async def rate() -> float:
        with timed() as watch:
            await asyncio.gather(*(one_after_the_other() for _ in range(IN_FLIGHT)))
        return calls // IN_FLIGHT * IN_FLIGHT / watch.seconds

    return rate
