"""The bytes of staged files, checked: those that were checked are those that are loaded."""

import pyarrow as pa
import pyarrow.parquet as pq
import xxhash

from dwsim_wire.object_store import GiveUp, never, open_bucket
from dwsim_wire.staging import StagingRoot
from loader_svc.core.conforming import conform
from loader_svc.core.faults import StagedFileChanged
from loader_svc.core.loads import Batch
from loader_svc.warehouses.parquet_window import footer, opened, parquet


def checked_rows(batch: Batch, give_up: GiveUp = never) -> pa.Table:
    """Read the rows of a batch, be it a file or a piece of one; those that others wrote get the table's types.

    A bucket that is away is tried again until `give_up`.
    """
    try:
        rows = _piece(batch, give_up) if batch.groups else _whole(batch, give_up)
    except (pa.ArrowException, ValueError, OSError) as error:  # which of them is the damage's whim
        raise changed(batch, "is not a whole Parquet file") from error
    return conform(rows, batch.conform_to) if batch.conform_to else rows


def checked_content(batch: Batch, give_up: GiveUp = never) -> memoryview:
    """Read a batch's file whole, after its size and checksum are found right.

    A bucket that is away is tried again until `give_up`.
    """
    content = _content(batch, give_up)
    if len(content) != batch.bytes:
        raise changed(batch, f"has {len(content)} bytes, not {batch.bytes}")
    if xxhash.xxh3_128_hexdigest(content) != batch.checksum:
        raise changed(batch, "has another checksum")
    return content


def changed(batch: Batch, what: str) -> StagedFileChanged:
    """Say that a file is not the one that was staged."""
    return StagedFileChanged(
        f"the staged file of batch {batch.index} of table {batch.table!r} {what}",
        hint="write the file again" if batch.conform_to else "generate the run again",
        metadata={"uri": batch.uri},
    )


def _whole(batch: Batch, give_up: GiveUp) -> pa.Table:
    content = checked_content(batch, give_up)
    return pq.ParquetFile(pa.BufferReader(pa.py_buffer(content))).read(use_threads=False)


def _piece(batch: Batch, give_up: GiveUp) -> pa.Table:
    """Some row groups of a file: their bytes and the footer are read, checked, and then taken from memory alone."""
    try:
        with opened(StagingRoot.parse(batch.uri), give_up) as (size, fetch):
            end = footer(size, fetch)
            content = memoryview(fetch(batch.offset, batch.bytes))
    except FileNotFoundError:
        raise changed(batch, "is missing") from None
    checksum = xxhash.xxh3_128(content)
    checksum.update(end)
    if len(content) != batch.bytes or checksum.hexdigest() != batch.checksum:
        raise changed(batch, "has another checksum")

    def from_memory(start: int, length: int) -> memoryview:
        if start < batch.offset:
            raise ValueError("a column begins before its row group does")
        return content[start - batch.offset : start - batch.offset + length]

    groups = range(batch.first_group, batch.first_group + batch.groups)
    return parquet(size, from_memory, end).read_row_groups(list(groups), use_threads=False)


def _content(batch: Batch, give_up: GiveUp) -> memoryview:
    file = StagingRoot.parse(batch.uri)
    if file.bucket:
        content = open_bucket(file.bucket).get(file, give_up)
        if content is None:
            raise changed(batch, "is missing")
        return content
    try:
        return memoryview(file.path.read_bytes())
    except FileNotFoundError:
        raise changed(batch, "is missing") from None
    except OSError as error:
        raise changed(batch, f"cannot be read: {error.strerror}") from error
