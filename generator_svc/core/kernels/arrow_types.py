"""The Arrow type of every logical type."""

import pyarrow as pa

from generator_svc.core.spec import LogicalType, TypeKind

_FIXED: dict[TypeKind, pa.DataType] = {
    TypeKind.BOOLEAN: pa.bool_(),
    TypeKind.INT16: pa.int16(),
    TypeKind.INT32: pa.int32(),
    TypeKind.INT64: pa.int64(),
    TypeKind.FLOAT32: pa.float32(),
    TypeKind.FLOAT64: pa.float64(),
    TypeKind.BINARY: pa.binary(),
    TypeKind.DATE: pa.date32(),
    TypeKind.TIME: pa.time64("us"),
    TypeKind.TIMESTAMP: pa.timestamp("us"),
    TypeKind.TIMESTAMP_TZ: pa.timestamp("us", tz="UTC"),
}
DOCUMENT_KINDS = frozenset({TypeKind.JSON, TypeKind.ARRAY, TypeKind.VECTOR})
"""Kinds whose text is JSON."""


def arrow_type(logical: LogicalType) -> pa.DataType:
    """Arrow type of a column; kinds without an Arrow type of their own (JSON, UUID, GEOGRAPHY, …) are text."""
    if logical.kind is TypeKind.DECIMAL:
        return pa.decimal128(logical.precision, logical.scale)
    return _FIXED.get(logical.kind, pa.string())
