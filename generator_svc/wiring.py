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
from generator_svc.staging.bucket_setup import prepare
from generator_svc.staging.files import sweep
from generator_svc.staging.references import ReferenceFiles
from generator_svc.store import MIGRATIONS, Store
from generator_svc.worker import BatchMaker, Keep, Plans, Quota, Removal, Retention, Worker, warm_up


async def wire(settings: GeneratorSettings) -> Service:
    """Open the store under a lease and build the service; nothing runs before `start`."""
    keep_trying(settings.staging_retry_seconds)
    lease = Lease(settings.data_dir / "generator.lock")
    bell = Bell()
    store = Store(open_database(settings, "generator", MIGRATIONS), bell.ring)
    schema = SchemaPeer(settings.schema_address, max_message_bytes=settings.max_message_bytes)
    read = ReferenceFiles(settings.references).read
    generated = settings.staging.child("generated")
    area = f"{generated.uri}/"
    quota = Quota(store.batches, area, settings.staging_quota_bytes)
    maker = BatchMaker(bell, quota, settings.threads)
    worker = Worker(store, bell, maker, read, parallel_runs=settings.generator_parallel_runs)
    removal = Removal(store, worker, generated)
    retention = Retention(store, removal, area, _kept(settings))
    servicer = GeneratorServicer(
        store=store,
        worker=worker,
        removal=removal,
        starting=Starting(
            store,
            schema,
            settings.staging,
            quota,
            data_dir=settings.data_dir,
            batch_rows=settings.generator_batch_rows,
            read=read,
        ),
        watching=Watching(store, bell, worker),
        preview=Preview(schema, Plans(), read),
        checking=Checking(store, worker.refuse_draining),
    )

    warming: list[asyncio.Task[None]] = []

    async def start() -> None:
        await asyncio.to_thread(prepare, settings.staging, settings.bucket_wish)
        await asyncio.to_thread(sweep, generated)
        await worker.start()
        retention.start()
        warming.append(asyncio.create_task(asyncio.to_thread(warm_up)))

    async def drain() -> None:
        await retention.stop()
        await worker.stop()
        bell.ring()

    async def stop() -> None:
        await schema.close()
        store.close()
        lease.release()

    return Service(
        name="generator",
        full_name=FULL_NAME,
        register=lambda server: generator_service_pb2_grpc.add_GeneratorServiceServicer_to_server(servicer, server),
        named=partial(name_fault, "generator"),
        statuses=STATUS,
        start=start,
        stop=stop,
        drain=drain,
    )


def _kept(settings: GeneratorSettings) -> Keep:
    return Keep(
        events=settings.keep_events,
        events_days=settings.keep_events_days,
        runs=settings.keep_runs,
        runs_days=settings.keep_runs_days,
        files_days=settings.keep_files_days,
    )
