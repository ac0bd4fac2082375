"""Generate and write the standard table, against a Parquet writer that is handed the same batches; one thread each.

Ours is what the generator's worker does with a batch, in a thread and with the allocator of a service: cells, content
hash, Parquet, checksum, synced file and directory. The reference writes files of the same encodings and does nothing
else; it need not even be synced.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bench import standard_table
from bench.measure import Effort, Figure, Target, compare, interleaved, timed
from bench.standard_table import TABLE
from dwsim_wire.memory import keep_freed_memory
from dwsim_wire.staging import StagingRoot
from generator_svc.core.content_hash import ContentHash
from generator_svc.core.plan import Plan
from generator_svc.core.run import Batch
from generator_svc.staging.files import Cells, prepare, write_batch

TARGET = Target(most=1.35)
BYTES_APART = 0.05
ENCODINGS = {
    "order_id": "DELTA_BINARY_PACKED",
    "customer_id": "DELTA_BINARY_PACKED",
    "email": "DELTA_LENGTH_BYTE_ARRAY",
    "amount": "DELTA_BINARY_PACKED",
    "created_at": "DELTA_BINARY_PACKED",
    "ship_date": "DELTA_BINARY_PACKED",
    "note": "DELTA_LENGTH_BYTE_ARRAY",
}
DICTIONARY = ["status"]


async def run(effort: Effort, folder: Path) -> AsyncIterator[Figure]:
    """Seconds for all rows."""
    keep_freed_memory()
    plan = standard_table.plan(effort.rows)
    cuts = list(standard_table.batches(effort.rows))
    made = [plan.batch(TABLE, cut.first_row, cut.rows) for cut in cuts]
    ours, plain = StagingRoot(folder / "ours"), folder / "plain"
    plain.mkdir()
    prepare(ours, [TABLE])

    async def generate_and_write() -> float:
        with timed() as watch:
            await asyncio.to_thread(_generate_and_write, plan, cuts, ours)
        return watch.seconds

    async def write() -> float:
        with timed() as watch:
            await asyncio.to_thread(_write_all, made, plain)
        return watch.seconds

    await generate_and_write()
    samples = await interleaved(effort.rounds, {"ours": generate_and_write, "writer alone": write})
    _refuse_other_bytes(_size(ours.path), _size(plain))
    yield compare("generate + write", "s", samples, against="writer alone", target=TARGET)


def _generate_and_write(plan: Plan, cuts: list[Batch], run: StagingRoot) -> None:
    for cut in cuts:
        cells = plan.batch(cut.table, cut.first_row, cut.rows)
        ContentHash().add(cut.first_row, cells)
        write_batch(run, cut.table, cut.index, Cells(cells))


def _write_all(batches: list[pa.RecordBatch], folder: Path) -> None:
    for place, batch in enumerate(batches):
        _write(batch, folder / f"{place}.parquet")


def _write(batch: pa.RecordBatch, path: Path) -> None:
    pq.write_table(
        pa.Table.from_batches([batch]),
        path,
        row_group_size=batch.num_rows,
        compression="zstd",
        compression_level=1,
        use_dictionary=DICTIONARY,
        column_encoding=ENCODINGS,
        store_decimal_as_integer=True,
    )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.parquet"))


def _refuse_other_bytes(ours: int, reference: int) -> None:
    """A writer that writes something else is no reference."""
    if abs(ours - reference) > BYTES_APART * reference:
        raise AssertionError(f"the files have {ours:,} and {reference:,} bytes: too far apart to compare their writers")
