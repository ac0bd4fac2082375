"""Batches as Parquet: every type comes back as it was, with the encodings that make files small."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from generator_svc.staging.parquet import encode

ROWS = 5000


def every_type(rows: int = ROWS) -> pa.RecordBatch:
    """One column of every Arrow type that a plan yields, NULLs in some."""
    numbers = np.arange(rows, dtype=np.int64) * 7919 % 10_007
    columns = {
        "int16": pa.array(numbers % 30_000, pa.int16()),
        "int32": pa.array(numbers, pa.int32()),
        "int64": pa.array(numbers * 2**40, pa.int64()),
        "float": pa.array(numbers / 3, pa.float32()),
        "double": pa.array(numbers / 7, pa.float64()),
        "bool": pa.array(numbers % 3 == 0),
        "money": pa.array([Decimal(int(n)).scaleb(-2) for n in numbers], pa.decimal128(12, 2)),
        "wide": pa.array([Decimal(int(n)).scaleb(20) for n in numbers], pa.decimal128(38, 2)),
        "text": pa.array([f"wört {n}" if n % 5 else None for n in numbers]),
        "few": pa.array([("new", "paid", "sent")[n % 3] for n in numbers]),
        "bytes": pa.array([bytes([n % 256, 0]) for n in numbers], pa.binary()),
        "day": pa.array(numbers.astype(np.int32)).cast(pa.date32()),
        "time": pa.array(numbers * 1_000_001).cast(pa.time64("us")),
        "at": pa.array(numbers * 1_000_003).cast(pa.timestamp("us")),
        "at_tz": pa.array(numbers * 1_000_003).cast(pa.timestamp("us", "UTC")),
        "none": pa.nulls(rows, pa.int32()),
    }
    return pa.RecordBatch.from_pydict(columns)


def test_every_type_comes_back_as_it_was() -> None:
    """The loader reads what the engine made, to the last digit and the last NULL."""
    for batch in (every_type(), every_type(1), every_type(0), every_type().slice(17, 2100)):
        read = pq.ParquetFile(pa.BufferReader(encode(batch))).read()
        assert read.schema.equals(batch.schema)
        assert read.equals(pa.Table.from_batches([batch]))


def test_types_get_the_encodings_that_were_measured_best() -> None:
    """A wrong encoding is silent: files grow by half and writing slows down."""
    group = pq.ParquetFile(pa.BufferReader(encode(every_type()))).metadata.row_group(0)
    encodings = {
        group.column(index).path_in_schema: set(group.column(index).encodings) for index in range(group.num_columns)
    }
    for name in ("int64", "money", "at", "at_tz", "time"):
        assert "DELTA_BINARY_PACKED" in encodings[name], name
    assert "DELTA_LENGTH_BYTE_ARRAY" in encodings["text"]
    assert "BYTE_STREAM_SPLIT" in encodings["double"]
    assert "RLE_DICTIONARY" in encodings["few"]
    assert "RLE_DICTIONARY" not in encodings["text"] | encodings["int64"]
    assert {group.column(index).compression for index in range(group.num_columns)} == {"ZSTD"}


def test_one_file_is_one_row_group_and_the_same_bytes_each_time() -> None:
    """A resumed run makes the same file again: its checksum was told already."""
    batch = every_type()
    assert pq.ParquetFile(pa.BufferReader(encode(batch))).num_row_groups == 1
    assert encode(batch).equals(encode(batch))
    assert dt.date(1970, 1, 1) <= batch["day"][0].as_py()


def test_only_text_has_no_least_and_greatest_value() -> None:
    """Engines skip row groups by them; a text that is anywhere in the alphabet skips none."""
    group = pq.ParquetFile(pa.BufferReader(encode(every_type()))).metadata.row_group(0)
    columns = [group.column(index) for index in range(group.num_columns)]
    without = {column.path_in_schema for column in columns if not column.is_stats_set}
    assert without == {"text", "few", "bytes"}


@pytest.mark.parametrize("rows", [1, ROWS])
def test_text_made_with_a_dictionary_is_read_as_text(rows: int) -> None:
    """How a column was made must not show: the files of one table would have different schemas."""
    words = pa.array(["new", None, "paid", "", "sent"] * rows)[:rows]
    compact = pa.record_batch([words.dictionary_encode().cast(pa.dictionary(pa.int8(), pa.string()))], ["status"])
    read = pq.ParquetFile(pa.BufferReader(encode(compact))).read()
    assert read.equals(pa.table({"status": words}))


def test_a_table_of_texts_alone_is_written() -> None:
    """No column has statistics."""
    batch = every_type().select(["text"])
    assert pq.ParquetFile(pa.BufferReader(encode(batch))).read().equals(pa.Table.from_batches([batch]))
