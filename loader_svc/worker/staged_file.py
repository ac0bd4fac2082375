"""Reading staged files: the bytes that were checked are the bytes that are loaded."""

import pyarrow as pa
import pyarrow.parquet as pq

from dwsim_wire.object_store import GiveUp, never
from loader_svc.core.conforming import conform
from loader_svc.core.loads import Batch
from loader_svc.warehouses.staged_content import changed, checked_content
from loader_svc.worker.reject_files import without_facts


def read_batch(batch: Batch, give_up: GiveUp = never) -> pa.Table:
    """Read the rows of a batch, be it a run's or one of rejects."""
    return without_facts(read_file(batch, give_up))


def read_file(batch: Batch, give_up: GiveUp = never) -> pa.Table:
    """Read a batch's file whole, after its size and checksum are found right.

    A bucket that is away is tried again until `give_up`.
    """
    content = checked_content(batch, give_up)
    try:
        rows = pq.ParquetFile(pa.BufferReader(pa.py_buffer(content))).read(use_threads=False)
    except (pa.ArrowException, ValueError, OSError) as error:  # which of them is the damage's whim
        raise changed(batch, "is not a whole Parquet file") from error
    return conform(rows, batch.conform_to) if batch.conform_to else rows
