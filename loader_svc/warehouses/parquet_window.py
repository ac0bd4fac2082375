"""A Parquet file of which a part is read: its bytes come from wherever they are, when they are asked for."""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.parquet as pq

from dwsim_wire.object_store import GiveUp, never, open_bucket
from dwsim_wire.staging import StagingRoot

MAGIC = b"PAR1"
TAIL_BYTES = 4 + len(MAGIC)
"""A Parquet file ends with the length of its footer and the four letters that it begins with."""
Fetch = Callable[[int, int], bytes | memoryview]
"""Bytes of a file, from a place on; fewer at its end."""


class Window(io.RawIOBase):
    """A file for reading at any place."""

    def __init__(self, size: int, fetch: Fetch) -> None:
        self._size, self._fetch, self._at = size, fetch, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Read from another place on."""
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """Read on."""
        left = max(self._size - self._at, 0)
        wanted = left if size is None or size < 0 else min(size, left)
        content = bytes(self._fetch(self._at, wanted)) if wanted else b""
        self._at += len(content)
        return content


@contextmanager
def opened(place: StagingRoot, give_up: GiveUp = never) -> Iterator[tuple[int, Fetch]]:
    """Size and bytes of a file or object; FileNotFoundError where there is none."""
    if place.bucket:
        bucket = open_bucket(place.bucket)
        size = bucket.size(place)
        if size is None:
            raise FileNotFoundError(place.key)
        yield size, lambda start, length: bucket.get_range(place, start, length, give_up)
        return
    with place.path.open("rb") as file:
        yield os.fstat(file.fileno()).st_size, lambda start, length: os.pread(file.fileno(), length, start)


def parquet(size: int, fetch: Fetch, end: bytes = b"") -> pq.ParquetFile:
    """A Parquet file whose bytes are fetched, but for its footer where it is known."""
    facts = pq.read_metadata(pa.BufferReader(MAGIC + end)) if end else None
    return pq.ParquetFile(pa.PythonFile(Window(size, fetch), mode="r"), metadata=facts, pre_buffer=False)


def footer(size: int, fetch: Fetch) -> bytes:
    """The footer of a Parquet file; a file that has none gets an empty one."""
    if size < TAIL_BYTES:
        return b""
    length = int.from_bytes(fetch(size - TAIL_BYTES, 4), "little") + TAIL_BYTES
    return bytes(fetch(size - length, length)) if length <= size else b""
