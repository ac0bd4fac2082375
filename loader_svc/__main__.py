"""Wakes the loader: chooses its allocator, reads its configuration, wires it, serves.

Arrow's own allocator keeps what is freed with the thread that had it; the C library's lets all threads use it.
"""

import os
from pathlib import Path

os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # read once, while pyarrow is imported

from dwsim_wire.database import open_database
from dwsim_wire.entry import end_process, run_service
from dwsim_wire.memory import share_heaps
from dwsim_wire.object_store import keep_trying
from dwsim_wire.server import Service
from loader_svc.core.ingests import LookLimits
from loader_svc.service.assembly import Parts, assemble
from loader_svc.settings import LoaderSettings
from loader_svc.warehouses.redshift_copy import CopyAccess
from loader_svc.worker.ingester import Looks
from loader_svc.worker.lanes import Limits

MIGRATIONS = Path(__file__).parent / "migrations"
HEAPS = 1
"""Batches pass from thread to thread: with a heap for each, what is free lies scattered over all of them."""


async def build(settings: LoaderSettings) -> Service:
    """Build the loader from its settings."""
    keep_trying(settings.staging_retry_seconds)
    return await assemble(
        Parts(
            engine=open_database(settings, "loader", MIGRATIONS),
            warehouse_dir=settings.warehouses,
            generator_address=settings.generator_address,
            staging=settings.staging,
            limits=Limits(settings.parallel_loads, settings.load_connections, settings.retry_seconds),
            redshift_url=settings.redshift_url,
            redshift_access=CopyAccess(
                settings.redshift_iam_role,
                settings.redshift_copy_access_key_id,
                settings.redshift_copy_secret_access_key,
            ),
            snowflake_url=settings.snowflake_url,
            snowflake_integration=settings.snowflake_storage_integration,
            enforced=settings.constraints == "enforced",
            schema_address=settings.schema_address,
            sweep_seconds=settings.sweep_seconds,
            looks=Looks(
                settings.ingest_look_seconds,
                limits=LookLimits(settings.ingest_look_limit_seconds, settings.ingest_look_files),
                piece_bytes=settings.ingest_piece_bytes,
                system_directories=settings.ingest_system_directories,
            ),
        )
    )


def main() -> int:
    """Run the loader until it is told to stop."""
    share_heaps(HEAPS)
    return run_service(LoaderSettings, build)


if __name__ == "__main__":
    end_process(main())
