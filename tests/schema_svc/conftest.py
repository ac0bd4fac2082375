"""A real schema service on a free port, and a client of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import pytest
from dwsim.schema.v1.schema_service_pb2_grpc import SchemaServiceStub

from dwsim_wire.client import open_channel
from dwsim_wire.server import serve
from schema_svc.__main__ import build
from schema_svc.settings import SchemaSettings

NOBODY = "127.0.0.1:1"
"""An address where nothing listens: a peer that is down."""
Start: TypeAlias = Callable[..., AbstractAsyncContextManager[SchemaServiceStub]]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Start the service on the test's data directory; settings by keyword."""

    @asynccontextmanager
    async def started(**given: object) -> AsyncIterator[SchemaServiceStub]:
        defaults = {
            "data_dir": tmp_path / "data",
            "port": 0,
            "generator_address": NOBODY,
            "loader_address": NOBODY,
            "schema_delete_wait_seconds": 5.0,
            "drain_seconds": 0.1,
        }
        settings = SchemaSettings(**(defaults | given))  # type: ignore[arg-type]  # settings check their own values
        stop, bound = asyncio.Event(), asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(serve(await build(settings), settings, stop=stop, on_bound=bound.set_result))
        await asyncio.wait({serving, bound}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        channel = open_channel(bound.result())
        try:
            yield SchemaServiceStub(channel)
        finally:
            await channel.close()
            stop.set()
            await serving

    return started


@pytest.fixture
async def schema(start: Start) -> AsyncIterator[SchemaServiceStub]:
    """A client of a service without peers."""
    async with start() as stub:
        yield stub
