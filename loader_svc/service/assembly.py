"""Putting the loader together from its settings' values."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import grpc
import sqlalchemy as sa
from dwsim.loader.v1 import loader_service_pb2, loader_service_pb2_grpc
from pydantic import SecretStr

from dwsim_wire.bell import Bell
from dwsim_wire.database import name_fault
from dwsim_wire.server import Service
from dwsim_wire.staging import StagingRoot
from loader_svc.peers import GeneratorPeer, SchemaPeer
from loader_svc.service.servicer import LoaderServicer
from loader_svc.service.statuses import STATUS
from loader_svc.store.ingests import IngestStore
from loader_svc.store.loads import LoadStore
from loader_svc.store.log import LogStore
from loader_svc.store.places import PlaceStore
from loader_svc.store.rejects import RejectStore
from loader_svc.warehouses.redshift_copy import CopyAccess
from loader_svc.warehouses.redshift_or_stand_in import RedshiftOrStandIn
from loader_svc.warehouses.sqlite import SqliteWriter
from loader_svc.warehouses.writer import Writer
from loader_svc.worker.follower import Follower
from loader_svc.worker.ingester import Ingester, Looks
from loader_svc.worker.job import Rejects
from loader_svc.worker.lanes import Lanes, Limits
from loader_svc.worker.loader import Loader, Stores
from loader_svc.worker.reject_files import RejectFiles
from loader_svc.worker.reporter import Reporter
from loader_svc.worker.warehouses import Warehouses

FULL_NAME = loader_service_pb2.DESCRIPTOR.services_by_name["LoaderService"].full_name


@dataclass(frozen=True)
class Parts:
    """What a loader is made of."""

    engine: sa.Engine
    warehouse_dir: Path
    generator_address: str
    staging: StagingRoot
    limits: Limits
    redshift_url: SecretStr | None = None
    snowflake_url: SecretStr | None = None
    snowflake_integration: str = ""
    redshift_access: CopyAccess = field(default_factory=CopyAccess)
    enforced: bool = False
    schema_address: str = ""
    looks: Looks = field(default_factory=Looks)
    sweep_seconds: float = 3600.0

    def writers(self) -> list[Writer]:
        """The configured warehouses in the server-wide order of priority."""
        url, access = self.redshift_url, self.redshift_access
        redshift = [RedshiftOrStandIn(url, access, self.limits.connections)] if url else []
        return [*redshift, *self._snowflake(), SqliteWriter(self.warehouse_dir)]

    def _snowflake(self) -> Iterator[Writer]:
        if self.snowflake_url:
            from loader_svc.warehouses.snowflake import SnowflakeWriter  # its connector takes 0.7 s to import

            yield SnowflakeWriter(self.snowflake_url, self.snowflake_integration)


async def assemble(parts: Parts) -> Service:
    """Wire store, warehouses, worker and door."""
    log_store = LogStore(parts.engine)
    loads = LoadStore(parts.engine, log_store.loader_id(), enforced=parts.enforced)
    warehouses = Warehouses(parts.writers())
    changes = Bell()
    rejects = RejectStore(parts.engine)
    lanes = Lanes(loads, Rejects(rejects, RejectFiles(parts.staging)), warehouses, changes.ring, parts.limits)
    peer = GeneratorPeer(parts.generator_address)
    follower = Follower(peer, log_store, warehouses, lanes)
    schema = SchemaPeer(parts.schema_address)
    ingester = Ingester(IngestStore(parts.engine), schema, warehouses, lanes.poke, parts.looks)
    stores = Stores(log_store, loads, PlaceStore(parts.engine), rejects)
    background = (ingester, Reporter(peer, log_store, changes))
    sweeps = parts.sweep_seconds
    loader = Loader(stores, warehouses, lanes, follower, changes, background, sweep_seconds=sweeps)

    def register(server: grpc.aio.Server) -> None:
        loader_service_pb2_grpc.add_LoaderServiceServicer_to_server(LoaderServicer(loader, ingester), server)

    async def stop() -> None:
        await peer.close()
        await schema.close()
        await asyncio.to_thread(parts.engine.dispose)

    return Service(
        name="loader",
        full_name=FULL_NAME,
        register=register,
        named=partial(name_fault, "loader"),
        statuses=STATUS,
        start=loader.start,
        stop=stop,
        drain=loader.stop,
    )
