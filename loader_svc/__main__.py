"""Wakes the loader: reads its configuration, wires it, serves."""

from pathlib import Path

from dwsim_wire.database import open_database
from dwsim_wire.entry import end_process, run_service
from dwsim_wire.object_store import keep_trying
from dwsim_wire.server import Service
from loader_svc.core.ingests import LookLimits
from loader_svc.service.assembly import Parts, assemble
from loader_svc.settings import LoaderSettings
from loader_svc.warehouses.redshift_copy import CopyAccess
from loader_svc.worker.ingester import Looks
from loader_svc.worker.lanes import Limits

MIGRATIONS = Path(__file__).parent / "migrations"


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
    return run_service(LoaderSettings, build)


if __name__ == "__main__":
    end_process(main())
