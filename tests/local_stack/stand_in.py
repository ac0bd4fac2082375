"""Small services for tests of the stack: real processes behind the real wire, told how to behave by environment.

`STAND_IN_<NAME>` is `die` (before it serves), `deaf` (never healthy), `stubborn` (never drains, has a child) or empty.
"""

import asyncio
import os
import subprocess
import sys
import time

import grpc

from dwsim_wire.entry import run_service
from dwsim_wire.fault import Fault
from dwsim_wire.server import Service
from dwsim_wire.settings import ServiceSettings


class BrokenCellar(Fault):
    """Something that keeps the service from starting."""

    reason = "BROKEN_CELLAR"


def main(name: str) -> int:
    """Run the stand-in `name`."""
    behaviour = os.environ.get(f"STAND_IN_{name.upper()}", "")

    async def build(settings: ServiceSettings) -> Service:
        _misbehave(settings, name, behaviour)
        peers = f"{settings.schema_address} {settings.generator_address}"
        (settings.data_dir / f"{name}.peers").write_text(peers)
        (settings.data_dir / f"{name}.redshift").write_text(os.environ.get("DW_SIMULATOR_REDSHIFT_URL", ""))
        return Service(name, f"stand.in.{name}", _no_rpcs, {}, _nothing, lambda: _farewell(settings, name, behaviour))

    return run_service(ServiceSettings, build)


def _misbehave(settings: ServiceSettings, name: str, behaviour: str) -> None:
    if behaviour == "die":
        raise BrokenCellar(f"the cellar of {name} is broken", hint="mend it")
    if behaviour == "deaf":
        time.sleep(600)
    if behaviour == "stubborn":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        (settings.data_dir / "grandchild").write_text(str(child.pid))


def _no_rpcs(server: grpc.aio.Server) -> None:
    """Health and reflection are enough."""


async def _nothing() -> None:
    await asyncio.sleep(0)


async def _farewell(settings: ServiceSettings, name: str, behaviour: str) -> None:
    if behaviour == "stubborn":
        await asyncio.sleep(600)
    with (settings.data_dir / "farewells").open("a") as file:
        file.write(name + "\n")
