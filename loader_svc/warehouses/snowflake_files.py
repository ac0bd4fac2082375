"""Staged files on their way to Snowflake: as they are where it reads them so, else written again.

A file is written again where a column has a name that is cut, values that are nested or a type of others. An account
gets files of Parquet's first version alone: COPY is not known to read the delta and split encodings of the generator.
The emulator reads all of them.
"""

import io
from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from dwsim_wire.object_store import GiveUp
from loader_svc.core.applying import refuse_other_count
from loader_svc.core.conforming import conform
from loader_svc.core.document import Column, Table
from loader_svc.core.loads import Batch
from loader_svc.warehouses.snowflake_types import sendable, wanted_type
from loader_svc.warehouses.staged_content import changed, checked_content, checked_rows

OLD_ENCODINGS = frozenset({"PLAIN", "PLAIN_DICTIONARY", "RLE", "RLE_DICTIONARY", "BIT_PACKED"})


@dataclass(frozen=True)
class Upload:
    """A batch's file, read when it is uploaded."""

    batch: Batch
    table: Table
    any_encoding: bool
    give_up: GiveUp

    @property
    def name(self) -> str:
        """Name of the file in its folder of the stage."""
        return f"{self.batch.index}.parquet"

    def open(self) -> BinaryIO:
        """Read the file, check it, and write it again where it has to be."""
        if self.batch.groups:
            rows = checked_rows(self.batch, self.give_up)
            refuse_other_count(self.batch, rows.num_rows)
            return written(sendable(rows, self.table))
        content = checked_content(self.batch, self.give_up)
        try:
            file = pq.ParquetFile(pa.BufferReader(pa.py_buffer(content)))
            refuse_other_count(self.batch, file.metadata.num_rows)
            if self.batch.conform_to is None and _is_ready(file, self.table, any_encoding=self.any_encoding):
                return io.BytesIO(content)
            rows = file.read(use_threads=False)
        except (pa.ArrowException, ValueError, OSError) as error:  # which of them is the damage's whim
            raise changed(self.batch, "is not a whole Parquet file") from error
        own = conform(rows, self.batch.conform_to) if self.batch.conform_to else rows
        return written(sendable(own, self.table))


@dataclass(frozen=True)
class Rows:
    """Rows in memory."""

    rows: pa.Table
    table: Table
    name: str = "rows.parquet"

    def open(self) -> BinaryIO:
        """Write them as a file."""
        return written(sendable(self.rows, self.table))


def written(rows: pa.Table) -> BinaryIO:
    """Write rows as a file that every Snowflake reads."""
    content = io.BytesIO()
    pq.write_table(rows, content, compression="snappy")
    content.seek(0)
    return content


def _is_ready(file: pq.ParquetFile, table: Table, *, any_encoding: bool) -> bool:
    types = {field.name: field.type for field in file.schema_arrow}
    same = types.keys() == {column.name for column in table.columns}
    return (
        same
        and all(_fits(types[column.name], column) for column in table.columns)
        and (any_encoding or OLD_ENCODINGS.issuperset(_encodings(file.metadata)))
    )


def _fits(found: pa.DataType, column: Column) -> bool:
    """Whether COPY finds a column by its name and takes its values; it widens floats as we would."""
    wanted = wanted_type(column.logical_type)
    return column.target == column.name.upper() and (
        found == wanted or (pa.types.is_float32(found) and pa.types.is_float64(wanted))
    )


def _encodings(facts: pq.FileMetaData) -> set[str]:
    chunks = (
        facts.row_group(group).column(place)
        for group in range(facts.num_row_groups)
        for place in range(facts.num_columns)
    )
    return {encoding for chunk in chunks for encoding in chunk.encodings}
