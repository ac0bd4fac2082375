"""Wakes the query service: chooses its allocator, reads its configuration, wires it, serves.

Arrow's own allocator keeps what is freed with the thread that had it, and no other thread can give it back; results
are read by threads that come and go. The C library's gives back what all threads have freed.
"""

import gc
import os
from pathlib import Path

os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # read once, while pyarrow is imported

from dwsim_wire.database import open_database
from dwsim_wire.entry import end_process, run_service
from dwsim_wire.memory import give_libraries_back, share_heaps
from dwsim_wire.object_store import keep_trying
from dwsim_wire.server import Service
from query_svc.service.assembly import Parts, assemble
from query_svc.settings import QuerySettings
from query_svc.worker.execution import Limits

MIGRATIONS = Path(__file__).parent / "migrations"
HEAPS = 4
"""A statement has a thread of its own: with a heap for each, what is free lies scattered over all of them."""


async def build(settings: QuerySettings) -> Service:
    """Build the query service from its settings."""
    keep_trying(settings.staging_retry_seconds)
    return await assemble(
        Parts(
            engine=open_database(settings, "query", MIGRATIONS),
            warehouse_dir=settings.warehouses,
            kernels=settings.data_dir.resolve() / "numba" / "query",
            redshift_url=settings.redshift_url,
            snowflake_url=settings.snowflake_url,
            loader_address=settings.loader_address,
            staging=settings.staging,
            spool=settings.data_dir.resolve() / "spool",
            ceiling=Limits(
                seconds=settings.query_timeout_seconds,
                rows=settings.query_max_rows,
                bytes=settings.query_max_bytes,
                chunk_bytes=settings.max_message_bytes // 2,
                stall_seconds=settings.query_stall_seconds,
            ),
            most=settings.max_queries,
            most_per_client=settings.max_queries_per_client,
            kept_bytes=settings.query_kept_bytes,
            scratch_idle_seconds=settings.scratch_idle_seconds,
            drain_seconds=settings.drain_seconds,
        )
    )


def main() -> int:
    """Run the query service until it is told to stop."""
    share_heaps(HEAPS)
    give_libraries_back()
    gc.freeze()  # modules stay: whoever looks for what is unused need not look at them
    return run_service(QuerySettings, build)


if __name__ == "__main__":
    end_process(main())
