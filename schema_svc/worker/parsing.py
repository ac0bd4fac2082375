"""Parsing off the event loop: small texts in threads of their own, large ones in processes that can be killed.

A thread holds the interpreter's lock and cannot be stopped. There are a few processes, and a few texts may wait for
them; who comes then is told to come again: many large texts at once cost bounded memory. A client that leaves while its
text waits takes it along.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any, TypeVar

from dwsim_wire.fault import Fault
from schema_svc.core.faults import ParseTimeout, TooComplex, TooManyTexts
from schema_svc.worker.parsing_process import MIB, ParsingProcess, ProcessDied, ProcessSlow, guarded

LARGE_TEXT = 64 * 1024
_SMALL_TEXTS_AT_ONCE = 4
Result = TypeVar("Result")


class ParsingDefect(RuntimeError):
    """Parsing failed in a way that nobody foresaw; the text is the other process's traceback."""


class Parser:
    """Runs pure functions on texts."""

    def __init__(self, seconds: float, *, processes: int = 1, waiting: int = 8, memory_mib: int = 4096) -> None:
        self._seconds, self._memory_mib = seconds, memory_mib
        self._most = processes + waiting
        self._idle: SimpleQueue[ParsingProcess] = SimpleQueue()
        self._processes = [ParsingProcess(seconds, memory_mib * MIB) for _ in range(processes)]
        for process in self._processes:
            self._idle.put(process)
        self._small = ThreadPoolExecutor(_SMALL_TEXTS_AT_ONCE, thread_name_prefix="small texts")
        self._talking = ThreadPoolExecutor(processes, thread_name_prefix="large texts")
        self._lock, self._taken = threading.Lock(), 0

    async def run(self, size: int, function: Callable[..., Result], *arguments: Any) -> Result:
        """Run `function`; `size` is the length of its texts."""
        if size < LARGE_TEXT:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._small, guarded, function, *arguments)
        self._take_place()
        future = self._talking.submit(self._ask, function, arguments)
        future.add_done_callback(self._leave_place)
        kind, value = await asyncio.wrap_future(future)
        if kind == "defect":
            raise ParsingDefect(value)
        if isinstance(value, Fault):
            raise value
        result: Result = value
        return result

    def close(self) -> None:
        """End the processes; texts that are being parsed or wait for it are given up."""
        for pool in (self._talking, self._small):
            pool.shutdown(wait=False, cancel_futures=True)
        for process in self._processes:
            process.kill()

    def _take_place(self) -> None:
        with self._lock:
            if self._taken >= self._most:
                raise TooManyTexts(
                    f"{self._taken} large texts are being parsed or wait for it",
                    hint="send it again in a while",
                    metadata={"limit": str(self._most)},
                )
            self._taken += 1

    def _leave_place(self, _: Future[Any]) -> None:
        with self._lock:
            self._taken -= 1

    def _ask(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[str, Any]:
        """Talk to a process that nobody else talks to."""
        process = self._idle.get()
        try:
            return process.ask(function, arguments)
        except ProcessDied:
            return "result", TooComplex(
                f"the text could not be parsed in the {self._memory_mib} MiB that one text may take",
                hint="import it in several parts",
                metadata={"limit": f"{self._memory_mib} MiB"},
            )
        except ProcessSlow:
            return "result", ParseTimeout(
                f"parsing took longer than {self._seconds:g} seconds",
                hint="import the text in several parts",
                metadata={"seconds": f"{self._seconds:g}"},
            )
        finally:
            self._idle.put(process)
