"""A real loader on a free port beside a generator that has only a log."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest
from dwsim.loader.v1 import load_pb2, loader_service_pb2_grpc
from dwsim.loader.v1 import loader_service_pb2 as pb

from dwsim_wire.client import call, open_channel
from dwsim_wire.server import serve
from loader_svc.__main__ import build
from loader_svc.settings import LoaderSettings
from tests.loader_svc.generator_stand_in import GeneratorStandIn

PATIENCE = 60.0


@dataclass
class RunningLoader:
    """A loader behind its door."""

    stub: loader_service_pb2_grpc.LoaderServiceStub
    data_dir: Path

    def file(self) -> Path:
        """The one warehouse file."""
        [file] = (self.data_dir / "warehouses/sqlite").glob("*.db")
        return file

    async def load(self, load_id: int) -> load_pb2.Load:
        answer = await call(self.stub.GetLoad, pb.GetLoadRequest(load_id=load_id))
        return answer.load

    async def loads(self) -> list[load_pb2.Load]:
        """All loads, oldest first."""
        answer = await call(self.stub.ListLoads, pb.ListLoadsRequest(page_size=500))
        return list(reversed(answer.loads))

    async def ended(self, load_id: int = 1) -> load_pb2.Load:
        """The load once it is there and has ended."""
        return await self.reach(load_id, load_pb2.Load.COMPLETED, load_pb2.Load.FAILED, load_pb2.Load.ABORTED)

    async def reach(self, load_id: int, *states: int) -> load_pb2.Load:
        """The load once it has one of these states."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found = {load.load_id: load for load in await self.loads()}
                if load_id in found and found[load_id].state in states:
                    return found[load_id]
                await asyncio.sleep(0.01)

    async def staged(self, load_id: int, rows: int) -> load_pb2.Load:
        """The load once so many rows are staged."""
        async with asyncio.timeout(PATIENCE):
            while True:
                load = {load.load_id: load for load in await self.loads()}.get(load_id)
                if load and sum(table.rows_staged for table in load.tables) >= rows:
                    return load
                await asyncio.sleep(0.01)

    async def start(self, **request: Any) -> load_pb2.Load:
        """StartLoad, waited for."""
        answer = await call(self.stub.StartLoad, pb.StartLoadRequest(wait=True, **request))
        return answer.load


@pytest.fixture
async def generator() -> AsyncIterator[GeneratorStandIn]:
    stand_in = GeneratorStandIn()  # type: ignore[abstract]  # the loader calls no other rpc
    await stand_in.start()
    yield stand_in
    await stand_in.stop()


@pytest.fixture
async def loader(tmp_path: Path, generator: GeneratorStandIn) -> AsyncIterator[RunningLoader]:
    async with running(tmp_path / "data", generator) as started:
        yield started


class Addressed(Protocol):
    """A generator, or what stands in for one."""

    @property
    def address(self) -> str:
        """Where it listens."""


class running:  # noqa: N801  # reads as a context
    """Serve a loader in this process for the length of a block."""

    def __init__(self, data_dir: Path, generator: Addressed, **settings: Any) -> None:
        facts: dict[str, Any] = {
            "data_dir": data_dir,
            "port": 0,
            "drain_seconds": 0.1,
            "generator_address": generator.address,
        }
        self._settings = LoaderSettings(**facts | settings)
        self._stop = asyncio.Event()

    async def __aenter__(self) -> RunningLoader:
        bound: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        service = await build(self._settings)
        self._serving: asyncio.Future[Any] = asyncio.create_task(
            serve(service, self._settings, stop=self._stop, on_bound=bound.set_result)
        )
        await asyncio.wait([bound, self._serving], return_when=asyncio.FIRST_COMPLETED)
        self._channel = open_channel(await bound)
        return RunningLoader(loader_service_pb2_grpc.LoaderServiceStub(self._channel), self._settings.data_dir)

    async def __aexit__(self, *_error: object) -> None:
        await self._channel.close()
        self._stop.set()
        await self._serving
