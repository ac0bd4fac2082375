"""One process that parses texts, one after the other, and may be killed at any time.

It is spawned, never forked (grpc has threads), on the first text; it ends with its parent, and an alarm ends it where
the parent could not. It has a limit of memory, and is replaced once it has become large: what a huge text took does not
stay.
"""

import multiprocessing
import resource
import signal
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, TypeVar

from dwsim_wire.fault import Fault
from schema_svc.core.faults import TooComplex

MIB = 1 << 20
_GRACE_SECONDS = 10
_LARGE_BYTES = 160 * MIB
Result = TypeVar("Result")


class ProcessDied(Exception):
    """The process ended before it answered: it was killed, or memory was short."""


class ProcessSlow(Exception):
    """The process took longer than it is given, and was killed."""


class ParsingProcess:
    """Starts with the first text and again after every end."""

    def __init__(self, seconds: float, memory_bytes: int) -> None:
        self._seconds, self._memory_bytes = seconds, memory_bytes
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._closing = threading.Lock()

    def ask(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[str, Any]:
        """Run `function` in the process: `result` with what it answers or raises, or `defect` with a traceback."""
        pipe = self._pipe or self._begin()
        try:
            pipe.send((function, arguments, int(self._seconds) + _GRACE_SECONDS))
            if not pipe.poll(self._seconds):
                self.kill()
                raise ProcessSlow
            kind, value, grown = pipe.recv()
        except (EOFError, OSError):
            self.kill()
            raise ProcessDied from None
        if grown:
            self.kill()
        return kind, value

    def kill(self) -> None:
        """End the process; the next text gets a new one."""
        with self._closing:
            process, pipe, self._process, self._pipe = self._process, self._pipe, None, None
        if process and pipe:
            process.kill()
            process.join()
            pipe.close()

    def _begin(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_parse_until_closed, args=(theirs, self._memory_bytes), name="parser", daemon=True
        )
        process.start()
        theirs.close()
        self._process, self._pipe = process, ours
        return ours


def guarded(function: Callable[..., Result], *arguments: Any) -> Result:
    """Run `function`; a text that is too much for the interpreter is the text's fault."""
    try:
        return function(*arguments)
    except RecursionError:
        raise TooComplex("the text nests too deep to be parsed", hint="write it flatter") from None
    except MemoryError:
        raise TooComplex(
            "the text could not be parsed in the memory that one text may take", hint="import it in several parts"
        ) from None


def _parse_until_closed(pipe: Connection, memory_bytes: int) -> None:
    """The life of the process: one text after the other, until the parent closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    while True:
        try:
            function, arguments, seconds = pipe.recv()
        except EOFError:
            return
        signal.alarm(seconds)
        try:
            answer = ("result", guarded(function, *arguments))
        except Fault as fault:
            answer = ("result", fault)
        except Exception:
            answer = ("defect", traceback.format_exc())
        signal.alarm(0)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        pipe.send((*answer, peak > _LARGE_BYTES))
