"""Parquet, whose columns go into those of the table by their places, as Redshift reads them."""

from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import types

from query_svc.core.catalog import Column
from query_svc.core.faults import InvalidFile
from query_svc.core.transfers.copy import Copy
from query_svc.core.types import Kind
from query_svc.warehouses.arrow_columns import arrow_type
from query_svc.worker.intake.values import Misfit, checked

ROWS = 65_536
Fits = Callable[[pa.DataType], bool]


def _is_text(kind: pa.DataType) -> bool:
    return bool(types.is_string(kind) or types.is_large_string(kind))


def _is_exact(kind: pa.DataType) -> bool:
    return bool(types.is_decimal(kind) or types.is_integer(kind))


_FITS: dict[Kind, Fits] = {
    Kind.BOOLEAN: types.is_boolean,
    **dict.fromkeys((Kind.INT16, Kind.INT32, Kind.INT64), types.is_integer),
    **dict.fromkeys((Kind.FLOAT32, Kind.FLOAT64), types.is_floating),
    Kind.DECIMAL: _is_exact,
    Kind.BINARY: types.is_binary,
    Kind.DATE: types.is_date,
    Kind.TIME: types.is_time,
    **dict.fromkeys((Kind.TIMESTAMP, Kind.TIMESTAMP_TZ), types.is_timestamp),
}


def parquet_rows(source: pa.NativeFile, uri: str, copied: Copy) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a file."""
    with pq.ParquetFile(source) as file:
        _refuse_shape(file.schema_arrow, uri, copied)
        row = 1
        for batch in file.iter_batches(ROWS):
            arrays = [_column(a, c, row) for a, c in zip(batch.columns, copied.columns, strict=True)]
            yield pa.RecordBatch.from_arrays(arrays, [column.name for column in copied.columns])
            row += batch.num_rows


def _refuse_shape(schema: pa.Schema, uri: str, copied: Copy) -> None:
    if len(schema) != len(copied.columns):
        raise InvalidFile(
            f"{uri} has {len(schema)} columns for {len(copied.columns)} of the table",
            hint="name the columns that the files have behind the table",
            metadata={"uri": uri},
        )
    for field, column in zip(schema, copied.columns, strict=True):
        if not _FITS.get(column.type.kind, _is_text)(field.type):
            raise InvalidFile(
                f"column {column.name!r} is {column.declared}; column {field.name!r} of {uri} is {field.type}",
                hint="Parquet is read by the places of columns; write the files in the types of the table",
                metadata={"uri": uri, "column": column.name},
            )


def _column(values: pa.Array, column: Column, first: int) -> pa.Array:
    try:
        return checked(_cast(values, arrow_type(column.type)), column)
    except Misfit as misfit:
        why, row = misfit.why, misfit.row
    except pa.ArrowInvalid:
        row = next(row for row in range(len(values)) if not _casts(values.slice(row, 1), arrow_type(column.type)))
        why = f"{str(values[row].as_py())[:40]!r} is no {column.type}"
    raise Misfit(first + row, why, column=column.name, unit="row")


def _cast(values: pa.Array, kind: pa.DataType) -> pa.Array:
    if types.is_timestamp(values.type) and values.type.tz and not kind.tz:
        values = pc.local_timestamp(values.cast(pa.timestamp(values.type.unit, "UTC")))
    return values.cast(kind)


def _casts(values: pa.Array, kind: pa.DataType) -> bool:
    try:
        _cast(values, kind)
    except pa.ArrowInvalid:
        return False
    return True
