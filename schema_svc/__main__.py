"""Starts the schema service: `python -m schema_svc`."""

import asyncio
from functools import partial

from dwsim_wire.database import name_fault, open_database
from dwsim_wire.entry import end_process, run_service
from dwsim_wire.server import Service
from schema_svc.peers import GeneratorPeer, LoaderPeer
from schema_svc.service import FULL_NAME, STATUS, SchemaServicer
from schema_svc.settings import SchemaSettings
from schema_svc.store import MIGRATIONS, Store
from schema_svc.worker.deletion import Deletions
from schema_svc.worker.parsing import Parser


async def build(settings: SchemaSettings) -> Service:
    """Open the store and put the rooms together; nothing runs before `start`."""
    store = Store(open_database(settings, "schema", MIGRATIONS))
    generator, loader = GeneratorPeer(settings.generator_address), LoaderPeer(settings.loader_address)
    parser = Parser(
        settings.schema_parse_seconds,
        processes=settings.schema_parse_processes,
        waiting=settings.schema_parse_waiting,
        memory_mib=settings.schema_parse_mib,
    )
    deletions = Deletions(store, generator, loader)
    servicer = SchemaServicer(
        store,
        parser,
        deletions,
        delete_wait_seconds=settings.schema_delete_wait_seconds,
        max_message_bytes=settings.max_message_bytes,
    )

    async def stop() -> None:
        await deletions.stop()
        await asyncio.to_thread(parser.close)
        await asyncio.gather(generator.close(), loader.close())
        store.close()

    return Service(
        name="schema",
        full_name=FULL_NAME,
        register=servicer.register,
        named=partial(name_fault, "schema"),
        statuses=STATUS,
        start=deletions.start,
        stop=stop,
        drain=deletions.stop,
    )


if __name__ == "__main__":
    end_process(run_service(SchemaSettings, build))
