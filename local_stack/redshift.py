"""The Redshift stand-in as one process: PostgreSQL behind the start-up filter, until SIGTERM.

It listens once PostgreSQL is ready. A server that is killed is started again, and recovers by itself what was
committed; one that cannot start ends this process.
"""

import argparse
import asyncio
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from dwsim_wire.fault import Fault
from local_stack.cluster import Cluster
from local_stack.faults import ServerFailed
from local_stack.startup_filter import StartupFilter

HOST = "127.0.0.1"
PAUSE_SECONDS = 0.02
STOP_SECONDS = 15.0
MOST_FAILED_STARTS = 3


class Keeper:
    """Keeps a cluster's server running."""

    def __init__(self, cluster: Cluster, port: int, server_port: int) -> None:
        self._cluster, self._port, self._server_port = cluster, port, server_port
        self._told_to_stop = asyncio.Event()
        self._failed_starts = 0

    def stop(self) -> None:
        """Begin to end."""
        self._told_to_stop.set()

    async def run(self) -> None:
        """Serve until told to stop."""
        door: asyncio.Task[None] | None = None
        try:
            while not self._told_to_stop.is_set():
                server = await self._start()
                try:
                    ready = await self._until(server, ready=True)
                    self._failed_starts = 0 if ready else self._failed_starts + 1
                    if ready and door is None:
                        door = asyncio.create_task(StartupFilter(HOST, self._port, self._server_port).serve())
                    await self._until(server, ready=False)
                finally:
                    await _end(server)
        finally:
            if door:
                door.cancel()
                await asyncio.gather(door, return_exceptions=True)

    async def _start(self) -> "subprocess.Popen[bytes]":
        if self._failed_starts == MOST_FAILED_STARTS:
            raise ServerFailed(
                f"PostgreSQL ended {MOST_FAILED_STARTS} times before it was ready", hint="its log says why"
            )
        if left := await asyncio.to_thread(self._cluster.clear):
            _say(f"ended {left} processes that a killed server left behind")
        return self._cluster.start(HOST, self._server_port)

    async def _until(self, server: "subprocess.Popen[bytes]", *, ready: bool) -> bool:
        """Wait until the server is ready, or ends, or we are told to stop; whether it is ready."""
        while server.poll() is None and not self._told_to_stop.is_set():
            if ready and self._cluster.is_ready(server.pid):
                return True
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told_to_stop.wait(), PAUSE_SECONDS)
        return False


async def _end(server: "subprocess.Popen[bytes]") -> None:
    """Shut the server down: connections first, then at once if it takes too long."""
    for number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, STOP_SECONDS)):
        if server.poll() is None:
            server.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(server.wait, seconds)


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def _created(cluster: Cluster) -> bool:
    try:
        return cluster.create()
    except OSError as error:
        raise ServerFailed(f"PostgreSQL's directory cannot be made: {error.strerror}") from error


async def _serve(cluster: Cluster, port: int, server_port: int) -> None:
    keeper = Keeper(cluster, port, server_port)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, keeper.stop)
    await keeper.run()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the stand-in to its end; the exit code is 1 where it could not go on, with the reason as the last line."""
    parser = argparse.ArgumentParser(prog="local_stack.redshift", description=__doc__)
    parser.add_argument("--directory", type=Path, required=True, help="state")
    parser.add_argument("--port", type=int, required=True, help="port for every client")
    parser.add_argument("--server-port", type=int, required=True, help="PostgreSQL's own port, without the filter")
    given = parser.parse_args(argv)
    try:
        cluster = Cluster(given.directory)
        if _created(cluster):
            _say("made a new PostgreSQL directory")
        for folder in cluster.opened:
            _say(f"made {folder} passable for everybody, so that PostgreSQL, which refuses to run as root, gets there")
        asyncio.run(_serve(cluster, given.port, given.server_port))
    except Fault as fault:
        sys.stderr.write(f"{fault.reason}: {fault.message}\n" + (f"hint: {fault.hint}\n" if fault.hint else ""))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
