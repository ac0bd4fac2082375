"""Files that others wrote, in the types of a table: what fits is cast, what does not is refused by its column."""

import pyarrow as pa

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
AS_JSON = frozenset({"JSON", "ARRAY", "VECTOR"})


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
    wanted = arrow_type(logical)
    if _stays(given, logical):
        return True
    plain = given.value_type if pa.types.is_dictionary(given) else given
    if _is_text(plain) != _is_text(wanted):  # Arrow would read numbers from text, and nobody meant that
        return False
    if pa.types.is_floating(plain) and not pa.types.is_floating(wanted):
        return False
    try:
        pa.nulls(0, given).cast(wanted)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return False
    return True


def _cast(values: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    wanted = arrow_type(column.logical_type)
    if values.type == wanted or _stays(values.type, column.logical_type):
        return values
    try:
        return values.cast(wanted)
    except pa.ArrowInvalid:
        raise ValueOutOfRange(
            f"column {column.name!r} is {column.data_type}, and a value of the file's {values.type} does not fit",
            metadata={"column": column.name},
        ) from None


def _stays(given: pa.DataType, logical: LogicalType) -> bool:
    """Whether values are for the warehouse to write as JSON."""
    return logical.kind in AS_JSON and bool(pa.types.is_nested(given))


def _is_text(given: pa.DataType) -> bool:
    return any(test(given) for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view))
