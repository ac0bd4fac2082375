"""The process that runs a shared stack: `python -m dwsim.host --data-dir … --warehouse …`.

It says on one line of standard output that the services are healthy, or why they are not. It ends when it is told to,
or when nobody has used the stack for some seconds.
"""

import argparse
import asyncio
import fcntl
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from dwsim.sharing import KEEP, USERS, client_dir
from dwsim_wire.fault import Fault
from local_stack import LocalStack
from local_stack.stack import Warehouse

LOOK_SECONDS = 0.5
START_SECONDS = 180.0
PORTS = ("schema", "generator", "loader", "query", "gateway", "redshift", "snowflake")


class Users:
    """Everybody who holds the shared lock of a data directory."""

    def __init__(self, meeting: Path) -> None:
        self._meeting = meeting
        self._file: BinaryIO = (meeting / USERS).open("ab")

    def shut_out(self) -> bool:
        """Take the lock for ourselves, so that newcomers wait until we have ended; false where somebody has it."""
        if (self._meeting / KEEP).exists():
            return False
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def let_in(self) -> None:
        """Give the lock back."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    async def gone(self, seconds: float) -> None:
        """Wait until nobody is there for so many seconds; newcomers are shut out from then on."""
        loop, empty_since = asyncio.get_running_loop(), 0.0
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if not self.shut_out():
                empty_since = 0.0
                continue
            empty_since = empty_since or loop.time()
            if loop.time() - empty_since >= seconds:
                return
            self.let_in()


async def run(data_dir: Path, warehouse: Warehouse, linger: float) -> None:
    """Run the stack until it is told to stop, nobody uses it, or a service of it ends."""
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    users = Users(client_dir(data_dir))
    ports = dict.fromkeys(_ports(warehouse), 0)
    async with LocalStack(data_dir, ports=ports, warehouse=warehouse, start_seconds=START_SECONDS) as stack:
        _say({"ready": True})
        ends = [asyncio.create_task(end) for end in (told.wait(), users.gone(linger), stack.wait())]
        done, left = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
    (client_dir(data_dir) / KEEP).unlink(missing_ok=True)
    for task in done:
        task.result()


def _ports(warehouse: Warehouse) -> list[str]:
    """Services whose ports are free ones, so that the usual ones stay for `dw-sim up`."""
    return [name for name in PORTS if name not in {"redshift", "snowflake"} or name == warehouse]


def _say(answer: dict[str, Any]) -> None:
    """Answer whoever started us; nothing is said after that."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the stack to its end; the exit code is 1 where it could not go on."""
    parser = argparse.ArgumentParser(prog="dwsim.host", description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--warehouse", choices=("redshift", "snowflake", "sqlite"), required=True)
    parser.add_argument("--linger", type=float, required=True, help="seconds that it stays without a user")
    given = parser.parse_args(argv)
    try:
        asyncio.run(run(given.data_dir, given.warehouse, given.linger))
    except Fault as fault:
        sys.stderr.write(f"{fault.reason}: {fault.message}\n" + (f"hint: {fault.hint}\n" if fault.hint else ""))
        try:
            _say({"error": {"message": fault.message, "reason": fault.reason, "hint": fault.hint}})
        except BrokenPipeError:  # the stack had been ready: nobody listens any more
            sys.stderr.close()
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
