"""Batches in line to be staged: handed out in order to several threads, their files read ahead."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from typing import NamedTuple

import pyarrow as pa

from loader_svc.core.loads import Batch

Read = Callable[[Batch], pa.Table]


class Waiting(NamedTuple):
    """A batch whose file is being read."""

    batch: Batch
    rows: Future[pa.Table]


class BatchLine:
    """As many files are read ahead as there are hands that take them."""

    def __init__(self, batches: Iterable[Batch], read: Read, readers: Executor, hands: int) -> None:
        self._batches = iter(batches)
        self._read, self._readers = read, readers
        self._lock = threading.Lock()
        self._ahead: deque[Waiting] = deque()
        self._closed = False
        for _ in range(hands):
            self._read_on()

    def take(self) -> Waiting | None:
        """The next batch; None at the end, or once the line is closed."""
        with self._lock:
            if self._closed or not self._ahead:
                return None
            first = self._ahead.popleft()
            self._read_on()
            return first

    def close(self) -> None:
        """Hand out nothing more."""
        with self._lock:
            self._closed = True
            for waiting in self._ahead:
                waiting.rows.cancel()
            self._ahead.clear()

    def _read_on(self) -> None:
        batch = next(self._batches, None)
        if batch is not None:
            self._ahead.append(Waiting(batch, self._readers.submit(self._read, batch)))
