"""Reading staged files: the bytes that were checked are the bytes that are loaded."""

import pyarrow as pa
import pyarrow.parquet as pq
import xxhash

from dwsim_wire.object_store import GiveUp, never, open_bucket
from dwsim_wire.staging import StagingRoot
from loader_svc.core.conforming import conform
from loader_svc.core.faults import StagedFileChanged
from loader_svc.core.loads import Batch
from loader_svc.worker.reject_files import without_facts


def read_batch(batch: Batch, give_up: GiveUp = never) -> pa.Table:
    """Read the rows of a batch, be it a run's or one of rejects."""
    return without_facts(read_file(batch, give_up))


def read_file(batch: Batch, give_up: GiveUp = never) -> pa.Table:
    """Read a batch's file whole, after its size and checksum are found right.

    A bucket that is away is tried again until `give_up`.
    """
    content = _content(batch, give_up)
    if len(content) != batch.bytes:
        raise _changed(batch, f"has {len(content)} bytes, not {batch.bytes}")
    if xxhash.xxh3_128_hexdigest(content) != batch.checksum:
        raise _changed(batch, "has another checksum")
    try:
        rows = pq.ParquetFile(pa.BufferReader(pa.py_buffer(content))).read(use_threads=False)
    except (pa.ArrowException, ValueError, OSError) as error:  # which of them is the damage's whim
        raise _changed(batch, "is not a whole Parquet file") from error
    return conform(rows, batch.conform_to) if batch.conform_to else rows


def _content(batch: Batch, give_up: GiveUp) -> memoryview:
    file = StagingRoot.parse(batch.uri)
    if file.bucket:
        content = open_bucket(file.bucket).get(file, give_up)
        if content is None:
            raise _changed(batch, "is missing")
        return content
    try:
        return memoryview(file.path.read_bytes())
    except FileNotFoundError:
        raise _changed(batch, "is missing") from None
    except OSError as error:
        raise _changed(batch, f"cannot be read: {error.strerror}") from error


def _changed(batch: Batch, what: str) -> StagedFileChanged:
    return StagedFileChanged(
        f"the staged file of batch {batch.index} of table {batch.table!r} {what}",
        hint="write the file again" if batch.conform_to else "generate the run again",
        metadata={"uri": batch.uri},
    )
