"""Files that others wrote, in the types of a table: what fits is cast, what does not is refused by its column."""

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from loader_svc.core.document import Column, LogicalType, Table
from loader_svc.core.faults import SchemaMismatch, ValueOutOfRange

ARROW: dict[str, pa.DataType] = {
    "BOOLEAN": pa.bool_(),
    "INT16": pa.int16(),
    "INT32": pa.int32(),
    "INT64": pa.int64(),
    "FLOAT32": pa.float32(),
    "FLOAT64": pa.float64(),
    "BINARY": pa.binary(),
    "DATE": pa.date32(),
    "TIME": pa.time64("us"),
    "TIMESTAMP": pa.timestamp("us"),
    "TIMESTAMP_TZ": pa.timestamp("us", tz="UTC"),
}
ANY_INTEGER = pa.decimal128(20)
AS_JSON = frozenset({"JSON", "ARRAY", "VECTOR"})
KINDS: dict[str, Callable[[pa.DataType], bool]] = {
    "boolean": pa.types.is_boolean,
    "integer": pa.types.is_integer,
    "decimal": pa.types.is_decimal,
    "float": pa.types.is_floating,
    "text": lambda t: pa.types.is_string(t) or pa.types.is_large_string(t) or pa.types.is_string_view(t),
    "binary": lambda t: any(f(t) for f in (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view)),
    "fixed binary": pa.types.is_fixed_size_binary,
    "date": pa.types.is_date,
    "time": pa.types.is_time,
    "timestamp": pa.types.is_timestamp,
}
TAKEN: dict[str, frozenset[str]] = {
    "integer": frozenset({"integer", "decimal"}),
    "decimal": frozenset({"integer", "decimal"}),
    "float": frozenset({"integer", "decimal", "float"}),
    "binary": frozenset({"binary", "fixed binary"}),
    "date": frozenset({"date", "timestamp"}),
    "timestamp": frozenset({"date", "timestamp"}),
}
"""Kinds that a kind takes beside its own. Arrow would also make truth, days and moments of integers, and back."""


def refuse_other_columns(table: Table, schema: pa.Schema) -> None:
    """Refuse a file that lacks columns of the table, has others, or has types that none of its values could fit."""
    wanted = {column.name: column for column in table.columns}
    problems = [f"{name} is missing" for name in wanted if name not in schema.names]
    problems += [f"{name} is not in the table" for name in dict.fromkeys(schema.names) if name not in wanted]
    problems += [f"{name} is there twice" for name in wanted if schema.names.count(name) > 1]
    if not problems:
        problems = [
            f"{field.name} is {field.type}, not {wanted[field.name].data_type}"
            for field in schema
            if not _castable(field.type, wanted[field.name].logical_type)
        ]
    if problems:
        raise SchemaMismatch(
            f"the file does not have the columns of table {table.name!r}: {', '.join(problems)}",
            hint="write the table's columns, by their names, in any order",
            metadata={"table": table.name},
        )


def conform(rows: pa.Table, table: Table) -> pa.Table:
    """Put rows into the columns of a table, in its order, in the Arrow types of its logical ones."""
    refuse_other_columns(table, rows.schema)
    return pa.table({column.name: _cast(rows.column(column.name), column) for column in table.columns})


def arrow_type(logical: LogicalType) -> pa.DataType:
    """Arrow type of a column; kinds without one of their own (JSON, UUID, …) are text."""
    if logical.kind == "DECIMAL":
        return pa.decimal128(logical.precision, logical.scale)
    return ARROW.get(logical.kind, pa.string())


def _castable(given: pa.DataType, logical: LogicalType) -> bool:
    plain = given.value_type if pa.types.is_dictionary(given) else given
    if pa.types.is_null(plain) or _stays(given, logical):
        return True
    wanted = _kind(arrow_type(logical))
    return _kind(plain) in TAKEN.get(wanted, {wanted})


def _kind(of: pa.DataType) -> str:
    return next((name for name, is_it in KINDS.items() if is_it(of)), "")


def _cast(values: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    wanted = arrow_type(column.logical_type)
    if values.type == wanted or _stays(values.type, column.logical_type):
        return values
    try:
        plain = values.cast(values.type.value_type) if pa.types.is_dictionary(values.type) else values
        if pa.types.is_decimal(wanted) and pa.types.is_integer(plain.type):
            plain = plain.cast(ANY_INTEGER)  # Arrow refuses types that may not fit; we refuse values that do not
        cast = plain.cast(wanted)
        stayed = _stayed(plain, cast)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        stayed = False
    if not stayed:
        raise ValueOutOfRange(
            f"column {column.name!r} is {column.data_type}, and a value of the file's {values.type} does not fit",
            metadata={"column": column.name},
        )
    return cast


def _stayed(values: pa.ChunkedArray, cast: pa.ChunkedArray) -> bool:
    """Whether values stayed what they were where Arrow does not look: times cut off, infinite floats."""
    if pa.types.is_floating(values.type):
        lost = pc.and_(pc.is_inf(cast), pc.invert(pc.is_inf(values)))
        return not pc.any(lost).as_py()
    if pa.types.is_date(cast.type) and not pa.types.is_null(values.type):
        return bool(cast.cast(values.type).equals(values))
    return True


def _stays(given: pa.DataType, logical: LogicalType) -> bool:
    """Whether values are for the warehouse to write as JSON."""
    return logical.kind in AS_JSON and bool(pa.types.is_nested(given))
