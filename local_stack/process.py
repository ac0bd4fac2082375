"""One service as a child process: its log by lines, its end, its drain."""

import asyncio
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from local_stack.leash import leashed

LineSink = Callable[[str, str], None]
TAIL_LINES = 40


class ServiceProcess:
    """A module that runs as `python -m module arguments…` in a process group of its own.

    Ctrl-C in a terminal reaches only us, so that we choose the order of the drain.
    """

    def __init__(self, name: str, module: str, arguments: Sequence[str], log_file: Path, sink: LineSink) -> None:
        self.name = name
        self._command = leashed([sys.executable, "-P", "-m", module, *arguments])
        self._log_file = log_file
        self._sink = sink
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._process: asyncio.subprocess.Process | None = None
        self._ended: asyncio.Task[int] | None = None

    async def start(self, environment: Mapping[str, str]) -> None:
        """Start the process and begin to read its log."""
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            env=dict(environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        self._ended = asyncio.create_task(self._follow(self._process), name=f"log of {self.name}")

    @property
    def pid(self) -> int:
        """Process id; 0 before the start."""
        return self._process.pid if self._process else 0

    @property
    def tail(self) -> tuple[str, ...]:
        """The last lines of the log."""
        return tuple(self._tail)

    async def ended(self) -> int:
        """Wait for the end; minus the signal's number where a signal ended it."""
        return await asyncio.shield(self._ended) if self._ended else 0

    async def drain(self, seconds: float) -> None:
        """Ask the process to end, give it `seconds`, then leave nothing of its group alive."""
        if not self._process or not self._ended:
            return
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.terminate()
            await asyncio.wait([self._ended], timeout=seconds)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._ended

    def kill(self) -> None:
        """End the process and its group at once."""
        if self._process:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def _follow(self, process: asyncio.subprocess.Process) -> int:
        """Read lines of any length until the process has ended."""
        assert process.stdout
        reading = asyncio.create_task(self._read(process.stdout))
        code = await process.wait()
        # a grandchild may hold the pipe open: what matters has been said by then
        await asyncio.wait([reading], timeout=1)
        reading.cancel()
        return code

    async def _read(self, stream: asyncio.StreamReader) -> None:
        rest = b""
        with self._log_file.open("ab") as log:
            while chunk := await stream.read(1 << 16):
                log.write(chunk)
                log.flush()
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    self._take(line)
        if rest:
            self._take(rest)

    def _take(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip("\r")
        self._tail.append(text)
        self._sink(self.name, text)
