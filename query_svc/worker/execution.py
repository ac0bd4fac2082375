"""One running statement: a thread reads, the event loop hands on, a few chunks at most lie between them."""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from dwsim_wire.fault import Fault
from query_svc.core.faults import CancelledByUser, ExecutionFailed, ResultTooLarge
from query_svc.core.types import Kind, SqlType
from query_svc.warehouses.reader import Reader, Result, Statement, Stop

log = logging.getLogger("dwsim.query.execution")

CHUNKS_BETWEEN = 2
LOOK_SECONDS = 0.2
LEAVE_SECONDS = 10.0


@dataclass(frozen=True)
class Limits:
    """What a query may take; `fail_…` where a larger result is an error instead of being cut."""

    seconds: float
    rows: int
    bytes: int
    chunk_bytes: int
    stall_seconds: float
    fail_rows: bool = False
    fail_bytes: bool = False


@dataclass(frozen=True)
class Opened:
    """The columns of a result."""

    columns: tuple[tuple[str, SqlType], ...]
    schema: pa.Schema


@dataclass(frozen=True)
class Closed:
    """How a statement ended."""

    truncated: bool = False
    fault: Fault | None = None


Piece: TypeAlias = Opened | pa.RecordBatch | Closed


class Execution:
    """Reads a statement's rows in a thread; memory is bounded by the chunks between thread and event loop."""

    def __init__(self, reader: Reader, statement: Statement, limits: Limits, stop: Stop) -> None:
        self.limits, self.stop = limits, stop
        self.rows = 0
        self.bytes = 0
        self.first_row_at: float | None = None
        self.closed: Closed | None = None
        self._reader, self._statement = reader, statement
        self._loop = asyncio.get_running_loop()
        self._pieces: asyncio.Queue[Piece] = asyncio.Queue()
        self._room = threading.Semaphore(CHUNKS_BETWEEN)
        self._thread = threading.Thread(target=self._read, name="query", daemon=True)

    async def open(self) -> Opened:
        """Start; raise what ends the statement before its first row."""
        self._thread.start()
        first = await self._next()
        if isinstance(first, Opened):
            return first
        raise (self.closed.fault if self.closed else None) or ExecutionFailed("the statement gave no result")

    async def batches(self) -> AsyncIterator[pa.RecordBatch]:
        """Yield batches until the statement has ended; `closed` says how."""
        while self.closed is None:
            piece = await self._next()
            if isinstance(piece, pa.RecordBatch):
                self.rows += piece.num_rows
                self.bytes += piece.nbytes
                yield piece

    async def _next(self) -> Piece:
        piece = await self._pieces.get()
        self._room.release()
        if isinstance(piece, Closed):
            self.closed = piece
        return piece

    def give_up(self) -> None:
        """End a statement whose client has left; nothing happens to one that has ended."""
        if self.closed is None:
            self.stop.end(CancelledByUser("the client left before the result was read", hint="read it to its end"))

    async def leave(self) -> None:
        """End a statement whose result nobody reads on, and wait until its thread has let go of the warehouse.

        A warehouse that does not even answer that it was told to end is left to the thread.
        """
        self.give_up()
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                while self.closed is None and self._thread.is_alive():
                    await self._next()
        except TimeoutError:
            log.warning("the warehouse did not end a statement: nobody waits for it any longer")
        self.closed = self.closed or Closed(fault=self.stop.fault)

    def _read(self) -> None:
        result: Result | None = None
        closed = Closed()
        try:
            result = self._reader.run(self._statement, self.stop)
            self.first_row_at = time.monotonic()
            self._hand_over(Opened(result.columns, result.schema))
            closed = self._read_batches(measured(result, self._statement.longest_text))
        except Fault as fault:
            closed = Closed(fault=fault)
        except Exception:
            log.exception("query failed")
            closed = Closed(fault=Fault("the query failed for a reason of the server's own"))
        finally:
            if result is not None:
                result.close()
            with contextlib.suppress(RuntimeError):  # the service may have ended meanwhile
                self._loop.call_soon_threadsafe(self._pieces.put_nowait, closed)

    def _read_batches(self, batches: Iterable[pa.RecordBatch]) -> Closed:
        rows, size = self.limits.rows, self.limits.bytes
        for batch in batches:
            fits = _fitting(batch, rows, size)
            for piece in _within(batch.slice(0, fits), self.limits.chunk_bytes):
                self._hand_over(piece)
            if fits < batch.num_rows:
                return self._exceeded(self.limits.fail_rows if fits == rows else self.limits.fail_bytes)
            rows, size = rows - batch.num_rows, size - batch.nbytes
        return Closed()

    def _exceeded(self, fail: bool) -> Closed:
        if not fail:
            return Closed(truncated=True)
        raise ResultTooLarge(
            f"the result is larger than {self.limits.rows:,} rows or {self.limits.bytes:,} bytes",
            hint="aggregate, add LIMIT, or raise the limits",
            metadata={"limit": f"{self.limits.rows} rows, {self.limits.bytes} bytes"},
        )

    def _hand_over(self, piece: Piece) -> None:
        """Give a piece to the event loop; waiting for the client does not count as running."""
        began = time.monotonic()
        while not self._room.acquire(timeout=LOOK_SECONDS):
            self.stop.waited(LOOK_SECONDS)
            if self.stop.fault:
                raise self.stop.fault
            if time.monotonic() - began > self.limits.stall_seconds:
                raise CancelledByUser(f"the client took no rows for {self.limits.stall_seconds:g} s")
        self._loop.call_soon_threadsafe(self._pieces.put_nowait, piece)


def within(batches: Iterable[pa.RecordBatch], limits: Limits, hint: str) -> Iterator[pa.RecordBatch]:
    """The batches of a query whose rows are written somewhere; more than the limits let pass is an error."""
    rows = size = 0
    for batch in batches:
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows > limits.rows or size > limits.bytes:
            raise ResultTooLarge(
                f"the statement writes more than {limits.rows:,} rows or {limits.bytes:,} bytes",
                hint=hint,
                metadata={"limit": f"{limits.rows} rows, {limits.bytes} bytes"},
            )
        yield batch


def measured(result: Result, longest: int) -> Iterator[pa.RecordBatch]:
    """The rows of a result; a text of more bytes than `longest` is an error, where that is not 0."""
    texts = [(place, name) for place, (name, kind) in enumerate(result.columns) if kind.kind is Kind.STRING]
    for batch in result.batches():
        for place, name in texts if longest else ():
            refuse_long_texts(batch.column(place), name, longest)
        yield batch


def refuse_long_texts(column: pa.Array, name: str, longest: int) -> None:
    """Refuse a text that the user's warehouse does not have."""
    if column.nbytes > longest and (found := pc.max(pc.binary_length(column)).as_py() or 0) > longest:
        raise ExecutionFailed(
            f"column {name!r} has a text of {found:,} bytes; the longest VARCHAR has {longest:,}",
            hint="cut it with LEFT, or select a SUPER as it is",
            metadata={"column": name},
        )


def _fitting(batch: pa.RecordBatch, rows: int, size: int) -> int:
    """Rows of a batch that the limits let pass."""
    fits = min(int(batch.num_rows), rows)
    return fits if batch.nbytes <= size else min(fits, int(batch.num_rows * size // max(batch.nbytes, 1)))


def _within(batch: pa.RecordBatch, most: int) -> Iterator[pa.RecordBatch]:
    """Refuse a single row that no message can hold."""
    if batch.num_rows == 0:
        return
    if batch.num_rows == 1 and batch.nbytes > most:
        raise ResultTooLarge(
            f"one row has {batch.nbytes:,} bytes; a message holds {most:,}",
            hint="select fewer columns, or cut long texts with LEFT",
            metadata={"limit": str(most)},
        )
    yield batch


def capped(asked: Limits, ceiling: Limits) -> Limits:
    """Limits of a call, each within the server's; 0 asks for the server's own."""
    return replace(
        ceiling,
        seconds=min(asked.seconds or ceiling.seconds, ceiling.seconds),
        rows=min(asked.rows or ceiling.rows, ceiling.rows),
        bytes=min(asked.bytes or ceiling.bytes, ceiling.bytes),
        fail_rows=asked.fail_rows,
        fail_bytes=asked.fail_bytes,
    )
