"""Shell completion of names that only the services know. Silent: a completion must never print an error."""

import asyncio
import os
from pathlib import Path

from dwsim.schema.v1 import schema_service_pb2 as schema

from dwsim_cli.contract import all_rpcs
from dwsim_cli.mesh import Mesh
from dwsim_cli.place import find_place
from dwsim_wire.fault import Fault
from dwsim_wire.settings import ENV_PREFIX, default_data_dir

SECONDS = 1.0


def experiment_names(incomplete: str) -> list[str]:
    """Names of experiments that begin with `incomplete`."""
    try:
        return [name for name in asyncio.run(_names()) if name.startswith(incomplete)]
    except (Fault, TimeoutError):
        return []


def rpc_names(incomplete: str) -> list[str]:
    """Names of rpcs that begin with `incomplete`."""
    return [rpc.name for rpc in all_rpcs() if rpc.name.lower().startswith(incomplete.lower())]


async def _names() -> list[str]:
    named = os.environ.get(ENV_PREFIX + "DATA_DIR")
    given = {"schema": os.environ.get(ENV_PREFIX + "SCHEMA_ADDRESS")}
    place = find_place(Path(named or default_data_dir()), given, named=bool(named))
    async with asyncio.timeout(SECONDS), Mesh(place.doors, place.data_dir) as mesh:
        page = await mesh.call(mesh.schema.ListExperiments, schema.ListExperimentsRequest(page_size=500))
    return [experiment.name for experiment in page.experiments]
