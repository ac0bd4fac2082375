"""Staged values in the Arrow type that a warehouse takes."""

import json

import pyarrow as pa

from loader_svc.core.document import Column
from loader_svc.core.faults import SchemaMismatch, ValueOutOfRange


def cast_values(values: pa.ChunkedArray, wanted: pa.DataType, column: Column) -> pa.ChunkedArray:
    """Values of a column as `wanted`, nested ones as JSON texts; refuse what does not fit."""
    if pa.types.is_nested(values.type):
        values = pa.chunked_array([[None if v is None else json.dumps(v) for v in values.to_pylist()]], pa.string())
    try:
        return values if values.type == wanted else values.cast(wanted)
    except pa.ArrowInvalid:
        raise ValueOutOfRange(
            f"column {column.name!r} is {column.data_type} and a staged value does not fit",
            metadata={"column": column.name},
        ) from None
    except pa.ArrowNotImplementedError:
        raise SchemaMismatch(
            f"column {column.name!r} is {column.data_type} and its staged values are {values.type}",
            hint="files of another run may have been copied over it; generate again",
            metadata={"column": column.name},
        ) from None
