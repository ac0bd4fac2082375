"""What every warehouse's reader promises: rows as Arrow batches, read-only, cancellable, in bounded memory."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from dwsim_wire.fault import Fault
from query_svc.core.faults import StatementTimeout
from query_svc.core.types import SqlType

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Statement:
    """A translated statement: `databases` maps schema names to namespaces, `columns` has names and types.

    `columns` is empty where only the warehouse can tell; UNKNOWN types are told by the first rows. `longest_text`:
    bytes that a text of the result may have, 0 where there is no end.
    """

    sql: str
    columns: tuple[tuple[str, SqlType], ...]
    databases: Mapping[str, str]
    tables: frozenset[str] = frozenset()
    native: bool = False
    longest_text: int = 0


class Stop:
    """Tells a running statement to end, from any thread; holds the fault that says why, and the time that is left."""

    def __init__(self, seconds: float, late: Fault | None = None) -> None:
        self.seconds, self._late = seconds, late
        self.fault: Fault | None = None
        self._deadline = time.monotonic() + seconds
        self._interrupt: Callable[[], None] | None = None
        self._lock = threading.Lock()

    def end(self, fault: Fault) -> None:
        """End the statement; the first fault stands."""
        with self._lock:
            self.fault = self.fault or fault
            if self._interrupt:
                self._interrupt()

    def on_end(self, interrupt: Callable[[], None] | None) -> None:
        """Register what wakes the warehouse; None when it is closed."""
        with self._lock:
            self._interrupt = interrupt

    def waited(self, seconds: float) -> None:
        """Leave out time that the statement waited for its client."""
        self._deadline += seconds

    def left(self) -> float:
        """Seconds that the statement may go on."""
        return self._deadline - time.monotonic()

    def due(self) -> bool:
        """Whether the statement is to end; a passed deadline ends it."""
        if self.fault is None and time.monotonic() >= self._deadline:
            self.fault = self._late or StatementTimeout(
                f"the statement ran longer than {self.seconds:g} s",
                hint="filter more, or raise limits.timeout_seconds",
                metadata={"limit": f"{self.seconds:g}"},
            )
        return self.fault is not None

    def check(self) -> None:
        """Raise the fault that ended the statement, if one did."""
        if self.due() and self.fault:
            raise self.fault


class Result(Protocol):
    """A running statement's rows; `columns` and `schema` are settled before the first batch."""

    columns: tuple[tuple[str, SqlType], ...]
    schema: pa.Schema

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows in batches of about `CHUNK_BYTES`."""

    def close(self) -> None:
        """Let go of the warehouse."""


class Reader(Protocol):
    """Runs statements on one kind of warehouse."""

    def run(self, statement: Statement, stop: Stop) -> Result:
        """Begin a statement; `stop` ends it from another thread."""

    def explain(self, statement: Statement, stop: Stop) -> str:
        """Plan of a statement as the warehouse prints it."""

    def close(self) -> None:
        """Let go of what is kept between statements."""
