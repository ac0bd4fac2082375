"""Work in a process that can be killed: a thread cannot be, and it holds the interpreter's lock.

The process is given its end of a pipe alone; what it works on is sent afterwards: one that dies early breaks the
pipe instead of leaving the sender waiting. A timer kills it at its deadline or the statement's, CancelQuery at once.
"""

import multiprocessing
import threading
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, TypeVar, TypeVarTuple

from dwsim_wire.fault import Fault
from query_svc.core.faults import ExecutionFailed, TooComplex
from query_svc.warehouses.reader import Stop

Arguments = TypeVarTuple("Arguments")
Answer = TypeVar("Answer")
_SPAWN = multiprocessing.get_context("spawn")


class Apart:
    """A process that calls functions of modules; it starts with the first call, and one thread at a time calls."""

    def __init__(self, stop: Stop, seconds: float) -> None:
        self._stop, self._seconds = stop, seconds
        self._deadline = time.monotonic() + seconds
        self._process: SpawnProcess | None = None
        self._pipe: Connection[Any, Any] | None = None
        self._killed = False
        self._busy = threading.Lock()

    def call(self, function: Callable[[*Arguments], Answer], *args: *Arguments) -> Answer:
        """Answer what the function answers, or raise its fault."""
        with self._busy:
            self._stop.check()
            pipe = self._started()
            timer = threading.Timer(min(self._deadline - time.monotonic(), self._stop.left()), self.kill)
            timer.daemon = True
            timer.start()
            self._stop.on_end(self.kill)
            try:
                if self._stop.fault:
                    raise self._stop.fault
                pipe.send((function, args))
                fault, answer = pipe.recv()
            except (EOFError, OSError):
                raise self._died() from None
            finally:
                self._stop.on_end(None)
                timer.cancel()
        if fault is not None:
            raise _revived(*fault)
        return answer  # type: ignore[no-any-return]  # a pipe knows no types

    def kill(self) -> None:
        """End the process, from any thread; whoever waits for it gets a fault."""
        self._killed = True
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """End the process and forget it."""
        self.kill()
        with self._busy:
            if self._process is not None:
                self._process.join()
            if self._pipe is not None:
                self._pipe.close()

    def _started(self) -> "Connection[Any, Any]":
        if self._pipe is None:
            self._pipe, theirs = _SPAWN.Pipe()
            process = _SPAWN.Process(target=_serve, args=(theirs,), daemon=True)
            process.start()
            theirs.close()
            self._process = process
        if self._killed:
            self.kill()
        return self._pipe

    def _died(self) -> Fault:
        """Say why the process is no more."""
        self._stop.check()
        if time.monotonic() >= self._deadline:
            return TooComplex(
                f"the statement took longer than {self._seconds:g} s to read",
                hint="send a smaller statement",
                metadata={"limit": f"{self._seconds:g} s"},
            )
        return ExecutionFailed(
            "the process that read the statement died",
            hint="send it again; if that ends the same way, the server lacks memory for it: send a smaller statement",
        )


def _serve(pipe: "Connection[Any, Any]") -> None:
    """Call what arrives until the other side is gone."""
    while True:
        try:
            function, args = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send((None, function(*args)))
        except Fault as fault:
            pipe.send(((type(fault), fault.message, fault.hint, fault.metadata), None))
        except Exception:
            traceback.print_exc()
            pipe.send(((Fault, "the query failed for a reason of the server's own", "", {}), None))


def _revived(kind: type[Fault], message: str, hint: str, metadata: dict[str, str]) -> Fault:
    """Make a fault again on this side of the pipe."""
    fault = kind.__new__(kind)
    Fault.__init__(fault, message, hint=hint, metadata=metadata)
    return fault
