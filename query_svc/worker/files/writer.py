"""What every file format does: batches in, bytes out as soon as there are some."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from query_svc.core.types import SqlType

PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class Columns:
    """The columns of a result."""

    columns: tuple[tuple[str, SqlType], ...]
    schema: pa.Schema

    @property
    def names(self) -> list[str]:
        """Names, not always distinct."""
        return [name for name, _ in self.columns]


class FileWriter(Protocol):
    """A file in the making; used by one thread at a time."""

    def write(self, batch: pa.RecordBatch) -> bytes:
        """Take a batch; answer the bytes that are ready."""

    def finish(self) -> Iterator[bytes]:
        """Yield the rest of the file."""

    def close(self) -> None:
        """Let go of what the writer holds, finished or not."""


Open = Callable[[Columns], FileWriter]


class Ready:
    """A sink for pyarrow's writers: what it was given since it was last emptied."""

    def __init__(self) -> None:
        self._held = bytearray()
        self.closed = False

    def write(self, data: bytes) -> int:
        """Hold some bytes."""
        self._held += memoryview(data)
        return len(data)

    def flush(self) -> None:
        """Nothing lies behind."""

    def close(self) -> None:
        """Nothing is to close."""

    def take(self) -> bytes:
        """Bytes since the last time."""
        taken, self._held = bytes(self._held), bytearray()
        return taken


class Compressed:
    """A file of text inside a compression."""

    def __init__(self, inner: FileWriter, codec: str) -> None:
        self._inner, self._ready = inner, Ready()
        self._stream = pa.CompressedOutputStream(pa.PythonFile(self._ready, "w"), codec)

    def write(self, batch: pa.RecordBatch) -> bytes:
        """Compress what the batch makes."""
        self._stream.write(self._inner.write(batch))
        return self._ready.take()

    def finish(self) -> Iterator[bytes]:
        """End the compressed stream."""
        for piece in self._inner.finish():
            self._stream.write(piece)
        self._stream.close()
        yield self._ready.take()

    def close(self) -> None:
        """Close the text."""
        self._inner.close()


def text_file(inner: FileWriter, codec: str) -> FileWriter:
    """Put a file of text into a compression."""
    return Compressed(inner, codec)
