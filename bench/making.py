"""Tables made and written as the generator's worker does it: cells, content hash, Parquet, checksum, synced file."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from bench import standard_table
from dwsim_wire.memory import keep_freed_memory
from dwsim_wire.staging import StagingRoot
from generator_svc.core.content_hash import ContentHash
from generator_svc.core.document import read_tables, read_target_rows
from generator_svc.core.plan import Plan, first_segments
from generator_svc.core.run import Batch, RunTable
from generator_svc.staging.files import Cells, prepare, write_batch
from schema_svc.core.document import import_spec


def plan_of(text: str, rows: Mapping[str, int]) -> Plan:
    """The plan of a run of a document, with the rows that are named."""
    document = import_spec(text).document()
    tables = read_tables(document)
    segments = first_segments(tables, read_target_rows(document) | dict(rows))
    return Plan(tables, segments, standard_table.SEED, standard_table.AS_OF)


def batches_of(rows: Mapping[str, int]) -> list[Batch]:
    """The batches of tables, as a run cuts them."""
    return [cut for table, count in rows.items() for cut in RunTable(table, 0, count, standard_table.BATCH_ROWS).cut()]


def make(plan: Plan, batches: Iterable[Batch], folder: Path, *, threads: int = 1, keep: bool = True) -> None:
    """Make and write batches on so many worker threads; without `keep`, remove each file once it is durable."""
    keep_freed_memory()
    root = StagingRoot(folder)
    todo = list(batches)
    prepare(root, {batch.table for batch in todo})
    one = partial(_make_one, plan, root, keep=keep)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, todo))


def _make_one(plan: Plan, root: StagingRoot, batch: Batch, *, keep: bool) -> None:
    numbers, cells = plan.made(batch)
    ContentHash().add(numbers, cells)
    written = write_batch(root, batch.table, batch.index, Cells(cells))
    if not keep:
        StagingRoot.parse(written.uri).path.unlink()
