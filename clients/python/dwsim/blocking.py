"""What makes the asynchronous client a blocking one: an event loop in a thread of its own, and methods that wait.

    class Runs(Driven[AsyncRuns]):
        start = blocking(AsyncRuns.start)

`start` has the parameters, the docstring and the answer of the method that it drives, for readers and type checkers.
"""

import asyncio
import atexit
import os
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import suppress
from functools import lru_cache, wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from dwsim.faults import DwsimError

P = ParamSpec("P")
Answer = TypeVar("Answer")
Of = TypeVar("Of")


class LoopThread:
    """An event loop that runs in a daemon thread, for every blocking client of the process."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._over = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="dwsim", daemon=True)
        self._thread.start()
        atexit.register(self._end)

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Do `work` in the loop and wait for it; an interrupt cancels it."""
        if problem := self._problem():
            work.close()
            raise problem
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def iterate(self, source: AsyncGenerator[Answer, None]) -> Iterator[Answer]:
        """Iterate over `source` from outside of the loop; leaving early closes it."""

        async def following() -> Answer:
            return await anext(source)

        try:
            while True:
                try:
                    yield self.run(following())
                except StopAsyncIteration:
                    return
        finally:
            self._close(source)

    def _close(self, source: AsyncGenerator[Any, None]) -> None:
        """Close `source`; without waiting where this is the loop's own thread, as in a garbage collection."""

        async def closing() -> None:
            with suppress(RuntimeError):  # it runs: an interrupt has cancelled it already
                await source.aclose()

        if not self._problem():
            self.run(closing())
        elif threading.current_thread() is self._thread:
            self._closing = self._loop.create_task(closing())

    def _problem(self) -> DwsimError | None:
        """Why nobody can wait for the loop."""
        if os.getpid() != self._pid:
            return DwsimError(
                "a client does not outlive a fork", reason="FORKED", hint="connect in the process that uses it"
            )
        if threading.current_thread() is self._thread:
            return DwsimError("the client would wait for itself", hint="use `connect_async` in asynchronous code")
        if self._over:
            return DwsimError("the interpreter ends", reason="INTERPRETER_ENDS")
        return None

    def _end(self) -> None:
        """Leave nobody waiting for a loop whose thread ends with the interpreter."""
        self._over = True
        if os.getpid() == self._pid:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()


@lru_cache(maxsize=1)
def _loop_of(_pid: int) -> LoopThread:
    return LoopThread()


def loop_thread() -> LoopThread:
    """The loop of this process; a forked child gets its own."""
    return _loop_of(os.getpid())


class Driven(Generic[Of]):
    """A blocking face of `behind`, whose methods run in `loop`."""

    def __init__(self, behind: Of, loop: LoopThread) -> None:
        self._behind = behind
        self._loop = loop


def blocking(
    method: Callable[Concatenate[Any, P], Coroutine[Any, Any, Answer]],
) -> Callable[Concatenate[Driven[Any], P], Answer]:
    """The method of a Driven that waits for `method` of what is behind it."""

    @wraps(method)
    def wait(self: Driven[Any], /, *args: P.args, **kwargs: P.kwargs) -> Answer:
        return self._loop.run(method(self._behind, *args, **kwargs))

    return wait


def facing(
    method: Callable[Concatenate[Any, P], Coroutine[Any, Any, Of]], face: Callable[[Of, LoopThread], Answer]
) -> Callable[Concatenate[Driven[Any], P], Answer]:
    """The same, for a method whose answer needs a blocking `face` itself."""

    @wraps(method)
    def wait(self: Driven[Any], /, *args: P.args, **kwargs: P.kwargs) -> Answer:
        return face(self._loop.run(method(self._behind, *args, **kwargs)), self._loop)

    return wait


def iterating(
    method: Callable[Concatenate[Any, P], AsyncGenerator[Answer, None]],
) -> Callable[Concatenate[Driven[Any], P], Iterator[Answer]]:
    """The method of a Driven that iterates over what `method` of what is behind it yields."""

    @wraps(method)
    def iterate(self: Driven[Any], /, *args: P.args, **kwargs: P.kwargs) -> Iterator[Answer]:
        return self._loop.iterate(method(self._behind, *args, **kwargs))

    return iterate
