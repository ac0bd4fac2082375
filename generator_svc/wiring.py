"""Puts the rooms of the generator together."""

import asyncio
from functools import partial

from dwsim.generator.v1 import generator_service_pb2_grpc

from dwsim_wire.bell import Bell
from dwsim_wire.database import name_fault, open_database
from dwsim_wire.object_store import keep_trying
from dwsim_wire.server import Service
from generator_svc.lease import Lease
from generator_svc.peers import SchemaPeer
from generator_svc.service import FULL_NAME, STATUS, GeneratorServicer
from generator_svc.service.checking import Checking
from generator_svc.service.preview import Preview
from generator_svc.service.starting import Starting
from generator_svc.service.watching import Watching
from generator_svc.settings import GeneratorSettings
from generator_svc.staging.files import sweep
from generator_svc.staging.references import ReferenceFiles
from generator_svc.store import MIGRATIONS, Store
from generator_svc.worker import BatchMaker, Keep, Plans, Quota, Removal, Retention, Worker, warm_up


async def wire(settings: GeneratorSettings) -> Service:
    """Open the store under a lease and build the service; nothing runs before `start`."""
    keep_trying(settings.staging_retry_seconds)
    rooms = _Rooms(settings)
    servicer = rooms.servicer()
    return Service(
        name="generator",
        full_name=FULL_NAME,
        register=lambda server: generator_service_pb2_grpc.add_GeneratorServiceServicer_to_server(servicer, server),
        named=partial(name_fault, "generator"),
        statuses=STATUS,
        start=rooms.start,
        stop=rooms.stop,
        drain=rooms.drain,
    )


class _Rooms:
    """What the generator is made of."""

    def __init__(self, settings: GeneratorSettings) -> None:
        self._settings = settings
        self._lease = Lease(settings.data_dir / "generator.lock")
        self._bell = Bell()
        self._store = Store(open_database(settings, "generator", MIGRATIONS), self._bell.ring)
        self._schema = SchemaPeer(settings.schema_address, max_message_bytes=settings.max_message_bytes)
        self._read = ReferenceFiles(settings.references).read
        self._generated = settings.staging.child("generated")
        area = f"{self._generated.uri}/"
        self._quota = Quota(self._store.batches, area, settings.staging_quota_bytes)
        maker = BatchMaker(self._bell, self._quota, settings.threads)
        parallel = settings.generator_parallel_runs
        self._worker = Worker(self._store, self._bell, maker, self._read, parallel_runs=parallel)
        self._removal = Removal(self._store, self._worker, self._generated)
        self._retention = Retention(self._store, self._removal, area, _kept(settings))
        self._warming: asyncio.Task[None] | None = None

    def servicer(self) -> GeneratorServicer:
        """The rpcs, which share these rooms."""
        starting = Starting(
            self._store,
            self._schema,
            self._settings.staging,
            self._quota,
            data_dir=self._settings.data_dir,
            batch_rows=self._settings.generator_batch_rows,
            read=self._read,
        )
        return GeneratorServicer(
            store=self._store,
            worker=self._worker,
            removal=self._removal,
            starting=starting,
            watching=Watching(self._store, self._bell, self._worker),
            preview=Preview(self._schema, Plans(), self._read),
            checking=Checking(self._store, self._worker.refuse_draining),
        )

    async def start(self) -> None:
        """Make the staging area ready, go on with runs, warm the engine up."""
        await asyncio.to_thread(self._prepare_bucket)
        await asyncio.to_thread(sweep, self._generated)
        await self._worker.start()
        self._retention.start()
        self._warming = asyncio.create_task(asyncio.to_thread(warm_up))

    async def drain(self) -> None:
        """Let runs come to the end of their batches, and streams to theirs."""
        await self._retention.stop()
        await self._worker.stop()
        self._bell.ring()

    async def stop(self) -> None:
        """Let go of everything."""
        await self._schema.close()
        self._store.close()
        self._lease.release()

    def _prepare_bucket(self) -> None:
        """Bring the bucket to what is wanted, where there is one: AWS's library takes long to import."""
        if self._settings.staging.bucket:
            from generator_svc.staging.bucket_setup import prepare

            prepare(self._settings.staging, self._settings.bucket_wish)


def _kept(settings: GeneratorSettings) -> Keep:
    return Keep(
        events=settings.keep_events,
        events_days=settings.keep_events_days,
        runs=settings.keep_runs,
        runs_days=settings.keep_runs_days,
        files_days=settings.keep_files_days,
    )
