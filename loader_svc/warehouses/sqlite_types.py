"""SQLite's types: how a logical type is declared, and the form in which its values are stored.

| logical type                    | declared | stored as                                                             |
|---------------------------------|----------|-----------------------------------------------------------------------|
| BOOLEAN, INT16, INT32, INT64    | INTEGER  | integer; booleans 0 and 1                                             |
| DECIMAL(p <= 18, 0)             | INTEGER  | integer                                                               |
| DECIMAL(p <= 15, s)             | REAL     | the double nearest to the decimal: rounding to s digits gives it back |
| DECIMAL, wider                  | (none)   | as above while it is exact, beyond that canonical text                |
| FLOAT32, FLOAT64                | REAL     | double; SQLite keeps NaN as NULL                                      |
| DATE                            | TEXT     | 2024-12-31                                                            |
| TIME                            | TEXT     | 23:59:59, with six decimals where there is a fraction                 |
| TIMESTAMP, TIMESTAMP_TZ         | TEXT     | 2024-12-31 23:59:59, likewise; UTC                                    |
| ARRAY, VECTOR                   | TEXT     | JSON                                                                  |
| BINARY                          | BLOB     | bytes                                                                 |
| STRING, UUID, JSON and the rest | TEXT     | text                                                                  |

REAL, not NUMERIC, for decimals: NUMERIC would keep 12.00 as the integer 12, and 12 / 8 is 1. A column without declared
type lets 15-digit values compare and add as numbers while longer ones stay exact.
"""

import json
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from loader_svc.core.applying import refuse_other_names
from loader_svc.core.document import Column, LogicalType, Table
from loader_svc.core.faults import ValueOutOfRange

EXACT_DOUBLE_DIGITS = 15
EXACT_INTEGER_DIGITS = 18
EXACT_POWER_OF_TEN = 22
Int64s: TypeAlias = npt.NDArray[np.int64]

DECLARED = {
    "BOOLEAN": "INTEGER",
    "INT16": "INTEGER",
    "INT32": "INTEGER",
    "INT64": "INTEGER",
    "FLOAT32": "REAL",
    "FLOAT64": "REAL",
    "BINARY": "BLOB",
}


def declared_type(logical: LogicalType) -> str:
    """Type to declare, chosen by the affinity that it gives; empty for wide decimals."""
    if logical.kind != "DECIMAL":
        return DECLARED.get(logical.kind, "TEXT")
    if is_wide(logical):
        return ""
    return "REAL" if logical.scale else "INTEGER"


def is_wide(logical: LogicalType) -> bool:
    """Whether a decimal has digits that its numeric form may not keep."""
    limit = EXACT_DOUBLE_DIGITS if logical.scale else EXACT_INTEGER_DIGITS
    return logical.kind == "DECIMAL" and logical.precision > limit


def storable(rows: pa.Table, table: Table) -> pa.Table:
    """Put `rows` into the columns of `table`, in its order, in the form that SQLite keeps."""
    refuse_other_names(table, rows.column_names)
    return pa.table({c.name: _stored(rows.column(c.name).combine_chunks(), c) for c in table.columns})


def _stored(values: pa.Array, column: Column) -> pa.Array:
    arrow = values.type
    if pa.types.is_decimal(arrow):
        return _decimal(values, column)
    if pa.types.is_timestamp(arrow):
        return _moment(values)
    if pa.types.is_time(arrow):
        return _time(values)
    if pa.types.is_nested(arrow):
        return pa.array([None if v is None else json.dumps(v) for v in values.to_pylist()], pa.string())
    if pa.types.is_duration(arrow):
        return pc.cast(pc.cast(values, pa.int64()), pa.string())
    return values


def _moment(values: pa.Array) -> pa.Array:
    """Write timestamps as text: whole seconds short, others with six decimals; a zone's values are in UTC."""
    micros = pc.cast(values, pa.timestamp("us"))
    seconds = pc.cast(micros, pa.timestamp("s"), safe=False)
    short = pc.cast(seconds, pa.string())
    whole = pc.equal(pc.cast(seconds, pa.timestamp("us")), micros)
    if pc.all(whole).as_py() is not False:
        return short
    # A division that truncates toward zero is a second late before 1970, but only where the long form is taken.
    return pc.if_else(whole, short, pc.cast(micros, pa.string()))


def _time(values: pa.Array) -> pa.Array:
    micros = pc.cast(values, pa.time64("us"))
    whole = pc.equal(pc.subtract(pc.cast(micros, pa.int64()), _floor_seconds(micros)), 0)
    text = pc.cast(micros, pa.string())
    return pc.if_else(whole, pc.utf8_slice_codeunits(text, 0, 8), text)


def _floor_seconds(micros: pa.Array) -> pa.Array:
    return pc.multiply(pc.divide(pc.cast(micros, pa.int64()), 1_000_000), 1_000_000)


def _decimal(values: pa.Array, column: Column) -> pa.Array:
    scale = values.type.scale
    digits = EXACT_DOUBLE_DIGITS if scale else EXACT_INTEGER_DIGITS
    low, exact = _unscaled(pc.cast(values, pa.decimal128(38, scale)), digits)
    if not exact:
        if not is_wide(column.logical_type):
            raise ValueOutOfRange(
                f"column {column.name!r} is {column.data_type} and a staged value has more than {digits} digits",
                metadata={"column": column.name},
            )
        return _plain_text(values, scale)
    if not scale:
        return pa.array(low, mask=_null_mask(values))
    if scale > EXACT_POWER_OF_TEN:
        return pc.cast(pc.cast(values, pa.string()), pa.float64())
    return pa.array(low / 10.0**scale, mask=_null_mask(values))


def _unscaled(values: pa.Array, digits: int) -> tuple[Int64s, bool]:
    """Integers of a decimal128 array, 0 for nulls, and whether all have at most `digits` digits."""
    words = np.frombuffer(values.buffers()[1], np.int64)[2 * values.offset : 2 * (values.offset + len(values))]
    valid = ~_null_mask(values)
    low, high = np.where(valid, words[0::2], 0), np.where(valid, words[1::2], 0)
    limit = 10**digits
    return low, bool(np.all((high == low >> 63) & (low < limit) & (low > -limit)))


def _null_mask(values: pa.Array) -> npt.NDArray[np.bool_]:
    return np.asarray(values.is_null().to_numpy(zero_copy_only=False), dtype=np.bool_)


def _plain_text(values: pa.Array, scale: int) -> pa.Array:
    """Write decimals without exponent; Arrow's own text has one where a value is below 10^-6."""
    if scale <= 6:
        return pc.cast(values, pa.string())
    return pa.array([None if v is None else f"{v:f}" for v in values.to_pylist()], pa.string())


def narrowing(name: str, logical: LogicalType) -> tuple[str, str]:
    """SQL that makes a wide decimal's text numeric where that is exact: the new value, and which rows take it."""
    digits = f"length(replace(ltrim(replace({name}, '-', ''), '0.'), '.', ''))"
    limit, target = (EXACT_DOUBLE_DIGITS, "REAL") if logical.scale else (EXACT_INTEGER_DIGITS, "INTEGER")
    return f"CAST({name} AS {target})", f"typeof({name}) = 'text' AND {digits} <= {limit}"
