"""Reading staged files: the bytes that were checked are the bytes that are loaded."""

import pyarrow as pa

from dwsim_wire.object_store import GiveUp, never
from loader_svc.core.loads import Batch
from loader_svc.warehouses.staged_content import checked_rows
from loader_svc.worker.reject_files import without_facts


def read_batch(batch: Batch, give_up: GiveUp = never) -> pa.Table:
    """Read the rows of a batch, be it a run's or one of rejects."""
    return without_facts(checked_rows(batch, give_up))
