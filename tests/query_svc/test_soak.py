"""Many mixed clients at one service: nothing is left behind in the database, in memory or in anyone's way."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.query.v1.query_service_pb2_grpc import QueryServiceStub

from dwsim_wire.client import open_channel
from tests.gateway.conftest import addresses, gateway_process
from tests.postgres import Database, fresh_database, postgres
from tests.processes import service_process, wait_for
from tests.query_svc.loader_stand_in import LoaderStandIn, place
from tests.query_svc.soak import KINDS, Visitor, soak
from tests.query_svc.warehouses.postgres_shop import NAMESPACE, write_shop

__all__ = ["postgres"]

CLIENTS = 32
PATIENCE = 120.0
SESSIONS = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
BUSY = f"{SESSIONS} AND state <> 'idle'"


@dataclass
class Scene:
    """A query service in a process of its own, its clients, its database."""

    visitors: list[Visitor]
    process: psutil.Process
    database: Database

    async def none(self, sql: str) -> None:
        """Wait until no such session is open."""
        await asyncio.to_thread(wait_for, lambda: self.database.rows(sql) == [(0,)], "sessions to end", PATIENCE)

    async def resident(self) -> int:
        """Bytes of the service in memory, once nobody has asked for so long that its idle sessions have ended.

        That takes a minute, in which the service has given back what was freed.
        """
        await self.none(SESSIONS)
        return int(self.process.memory_info().rss)


@pytest.fixture
async def scene(postgres: Database, tmp_path: Path) -> AsyncIterator[Scene]:
    loader = LoaderStandIn()  # type: ignore[abstract]  # the query service calls no other rpc
    await loader.start()
    loader.places["shop"] = place("shop", NAMESPACE, warehouse=Warehouse.REDSHIFT)
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(fresh_database(postgres))
        write_shop(database)
        environment = {
            "DW_SIMULATOR_LOADER_ADDRESS": loader.address,
            "DW_SIMULATOR_REDSHIFT_URL": database.url,
            "DW_SIMULATOR_MAX_QUERIES_PER_CLIENT": "64",
        }
        service = stack.enter_context(service_process("query", tmp_path / "query", environment=environment))
        address = await asyncio.to_thread(service.address)
        facts = addresses(query=address)
        gateway, _ = await asyncio.to_thread(stack.enter_context, gateway_process(tmp_path / "gateway", *facts))
        async with contextlib.AsyncExitStack() as channels:
            opened = [await channels.enter_async_context(open_channel(address)) for _ in range(CLIENTS)]
            visitors = [Visitor(QueryServiceStub(c), gateway, random.Random(n)) for n, c in enumerate(opened)]
            yield Scene(visitors, psutil.Process(service.process.pid), database)
    await loader.stop()


@pytest.mark.slow
async def test_mixed_clients_leave_nothing_at_work(scene: Scene) -> None:
    """Clients come and go as browsers and notebooks do."""
    tally = await soak(scene.visitors, 4)
    assert tally.errors == {}
    assert set(tally.visits) == set(KINDS)
    await scene.none(BUSY)


@pytest.mark.slow
@pytest.mark.timeout(1_200)
async def test_two_minutes_of_mixed_clients_leave_nothing_behind(scene: Scene) -> None:
    """A service that grows or keeps sessions is restarted by hand every week.

    Before it is measured it has run a minute: each kind of client has come then, and every thread has its heap.
    """
    warm = await soak(scene.visitors, 60)
    before = await scene.resident()
    tally = await soak(scene.visitors, 120)
    after = await scene.resident()
    print(f"{tally.visits.total()} visits, {before >> 20} MB before, {after >> 20} MB after: {dict(tally.visits)}")
    assert warm.errors + tally.errors == {}
    assert after <= before * 1.1
