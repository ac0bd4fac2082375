"""`dw-sim demo`: the main job on this machine, start to end, leaving no process behind."""

import asyncio
import contextlib
import signal
from pathlib import Path
from typing import Annotated

import typer

from dwsim_cli.demonstration import Demonstration
from dwsim_cli.log_lines import readable
from dwsim_cli.options import Json, StackWarehouse, StandIn
from dwsim_cli.session import begin
from dwsim_cli.state_directory import remove_state
from dwsim_wire.data_layout import LAYOUT_FILE, claim_data_dir
from local_stack.faults import ServiceFailed
from local_stack.lock import LOCK_FILE, DirectoryLock

COMPILED_KERNELS = "numba"


def demo(
    ctx: typer.Context,
    rows: Annotated[
        float, typer.Option("--rows", envvar="ROWS", min=0.00001, max=100, help="Factor for all row counts.")
    ] = 1.0,
    data_dir: Annotated[Path, typer.Option("--data-dir", file_okay=False, help="Wiped at the start.")] = Path(".demo"),
    warehouse: StandIn = StackWarehouse.redshift,
    as_json: Json = False,
) -> None:
    """Turn a real DDL file into a queried warehouse: import, generate 4 million rows, load, run three queries."""
    session = begin(ctx, as_json, data_dir)
    place = session.place.data_dir
    lock = DirectoryLock(place)
    lock.acquire()
    try:
        remove_state(place, keep={COMPILED_KERNELS, LOCK_FILE, LAYOUT_FILE})
        claim_data_dir(place)
    finally:
        lock.release()
    try:
        asyncio.run(_interruptible(Demonstration(session.output, place, rows, warehouse.value)))
    except ServiceFailed as failure:
        for line in failure.tail:
            session.output.note(readable(line))
        raise
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _interruptible(demonstration: Demonstration) -> None:
    """Let SIGTERM do what Ctrl-C does: end the services, then us."""
    task = asyncio.current_task()
    assert task
    with contextlib.suppress(NotImplementedError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await demonstration.run()
