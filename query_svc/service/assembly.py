"""Wires the query service: store, peers, warehouses, worker, door."""

import asyncio
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import grpc
import sqlalchemy as sa
from dwsim.query.v1 import query_service_pb2
from pydantic import SecretStr

from dwsim_wire.database import name_fault
from dwsim_wire.server import Service
from dwsim_wire.staging import StagingRoot
from query_svc.peers import Loader
from query_svc.service.servicer import add_to
from query_svc.service.statuses import STATUS
from query_svc.staging import Area, area_of
from query_svc.store import History
from query_svc.store.scratches import ScratchBook
from query_svc.warehouses.postgres import PostgresReader
from query_svc.warehouses.postgres_scratches import PostgresScratches
from query_svc.warehouses.reader import Reader
from query_svc.warehouses.scratch import Scratches
from query_svc.warehouses.snowflake_url import Account
from query_svc.warehouses.sqlite import SqliteReader
from query_svc.warehouses.sqlite_scratches import SqliteScratches
from query_svc.worker import Queries
from query_svc.worker.execution import Limits
from query_svc.worker.resting import give_memory_back
from query_svc.worker.scratching import ScratchDesk

FULL_NAME = query_service_pb2.DESCRIPTOR.services_by_name["QueryService"].full_name


@dataclass(frozen=True)
class Parts:
    """What a query service is made of."""

    engine: sa.Engine
    warehouse_dir: Path
    kernels: Path
    redshift_url: SecretStr | None
    snowflake_url: SecretStr | None
    loader_address: str
    staging: StagingRoot
    spool: Path
    ceiling: Limits
    most: int
    most_per_client: int
    kept_bytes: int
    scratch_idle_seconds: float
    drain_seconds: float


def readers_of(parts: Parts) -> dict[str, Reader]:
    """Readers of the warehouses that are configured."""
    readers: dict[str, Reader] = {"SQLITE": SqliteReader(parts.warehouse_dir)}
    if parts.redshift_url is not None:
        readers["REDSHIFT"] = PostgresReader(parts.redshift_url.get_secret_value(), kernels=parts.kernels)
    if parts.snowflake_url is not None:
        # its connector takes half a second to import
        from query_svc.warehouses.snowflake import SnowflakeReader

        readers["SNOWFLAKE"] = SnowflakeReader(parts.snowflake_url.get_secret_value())
    return readers


def scratches_of(parts: Parts) -> dict[str, Scratches]:
    """Scratches on the warehouses that can keep what writes there from everything else."""
    made: dict[str, Scratches] = {"SQLITE": SqliteScratches(parts.warehouse_dir)}
    if parts.redshift_url is not None:
        made["REDSHIFT"] = PostgresScratches(parts.redshift_url.get_secret_value())
    return made


def accounts_of(parts: Parts) -> frozenset[str]:
    """Warehouses that are no stand-ins."""
    url = parts.snowflake_url
    return frozenset() if url is None or Account.parse(url.get_secret_value()).stand_in else frozenset({"SNOWFLAKE"})


def queries_of(parts: Parts, loader: Loader, history: History, desk: ScratchDesk, area: Area) -> Queries:
    """The worker with all that it reads and writes."""
    return Queries(
        loader,
        readers_of(parts),
        history,
        parts.ceiling,
        scratches=desk,
        area=area,
        accounts=accounts_of(parts),
        most=parts.most,
        most_per_client=parts.most_per_client,
        kept_bytes=parts.kept_bytes,
    )


async def assemble(parts: Parts) -> Service:
    """Wire store, loader, reader, worker and door."""
    loader = Loader(parts.loader_address)
    history = History(parts.engine)
    desk = ScratchDesk(ScratchBook(parts.engine), scratches_of(parts), loader, parts.scratch_idle_seconds)
    area = area_of(parts.staging, parts.spool)
    queries = queries_of(parts, loader, history, desk, area)

    def register(server: grpc.aio.Server) -> None:
        add_to(server, queries)

    sweeps: list[asyncio.Task[None]] = []

    async def start() -> None:
        await asyncio.to_thread(history.start)
        await asyncio.to_thread(area.start)
        sweeps.append(asyncio.create_task(desk.sweep(), name="scratch-sweep"))
        sweeps.append(asyncio.create_task(give_memory_back(lambda: queries.answered), name="memory-sweep"))

    async def drain() -> None:
        await queries.stop(parts.drain_seconds)

    async def stop() -> None:
        for sweep in sweeps:
            sweep.cancel()
        await loader.close()
        await asyncio.to_thread(history.close)

    return Service(
        name="query",
        full_name=FULL_NAME,
        register=register,
        named=partial(name_fault, "query"),
        statuses=STATUS,
        start=start,
        stop=stop,
        drain=drain,
    )
