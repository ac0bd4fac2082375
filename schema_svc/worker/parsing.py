"""Parsing off the event loop: small texts in a thread, large ones in a process that can be killed.

A thread holds the interpreter's lock and cannot be stopped. The process is spawned, never forked (grpc has threads), on
the first large text; it ends with its parent, and an alarm ends it where the parent could not. One thread talks to it,
one text at a time: a caller that leaves does not leave its answer to the next one.
"""

import asyncio
import multiprocessing
import signal
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, TypeVar

from dwsim_wire.fault import Fault
from schema_svc.core.faults import ParseTimeout, TooComplex

LARGE_TEXT = 64 * 1024
_GRACE_SECONDS = 10
Result = TypeVar("Result")


class ParsingDefect(RuntimeError):
    """Parsing failed in a way that nobody foresaw; the text is the other process's traceback."""


class Parser:
    """Runs pure functions of `core` on texts."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._talking = ThreadPoolExecutor(1, thread_name_prefix="parser")
        self._closing = threading.Lock()

    async def run(self, size: int, function: Callable[..., Result], *arguments: Any) -> Result:
        """Run `function`; `size` is the length of its text."""
        if size < LARGE_TEXT:
            return await asyncio.to_thread(_guarded, function, *arguments)
        loop = asyncio.get_running_loop()
        kind, value = await loop.run_in_executor(self._talking, self._ask, function, arguments)
        if kind == "defect":
            raise ParsingDefect(value)
        if isinstance(value, Fault):
            raise value
        result: Result = value
        return result

    def close(self) -> None:
        """End the process; texts that are being parsed or wait for it are given up."""
        self._talking.shutdown(wait=False, cancel_futures=True)
        self._kill()

    def _kill(self) -> None:
        with self._closing:
            process, pipe, self._process, self._pipe = self._process, self._pipe, None, None
        if process and pipe:
            process.kill()
            process.join()
            pipe.close()

    def _ask(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[str, Any]:
        pipe = self._pipe or self._begin()
        try:
            pipe.send((function, arguments, int(self._seconds) + _GRACE_SECONDS))
            if pipe.poll(self._seconds):
                kind, value = pipe.recv()
                return kind, value
        except (EOFError, OSError):
            self._kill()
            return "result", TooComplex(
                "the text could not be parsed in the memory there is", hint="import it in several parts"
            )
        self._kill()
        return "result", ParseTimeout(
            f"parsing took longer than {self._seconds:g} seconds",
            hint="import the text in several parts",
            metadata={"seconds": f"{self._seconds:g}"},
        )

    def _begin(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_parse_until_closed, args=(theirs,), name="parser", daemon=True)
        process.start()
        theirs.close()
        self._process, self._pipe = process, ours
        return ours


def _guarded(function: Callable[..., Result], *arguments: Any) -> Result:
    try:
        return function(*arguments)
    except (RecursionError, MemoryError):
        raise TooComplex("the text nests too deep to be parsed", hint="write it flatter") from None


def _parse_until_closed(pipe: Connection) -> None:
    """The life of the process: one text after the other, until the parent closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            function, arguments, seconds = pipe.recv()
        except EOFError:
            return
        signal.alarm(seconds)
        try:
            answer = ("result", _guarded(function, *arguments))
        except Fault as fault:
            answer = ("result", fault)
        except Exception:
            answer = ("defect", traceback.format_exc())
        signal.alarm(0)
        pipe.send(answer)
