"""Cells as text, the same in every text format.

Numbers are exact decimals (floats their shortest text that reads back equal), days, times and moments ISO 8601 (those
with a time zone in UTC, ending in Z), binary is base16. NULL stays NULL.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

LONGEST_PLAIN_SCALE = 6
"""Arrow writes small decimals of more digits with an exponent."""
DAY_LETTERS = 10
"""Letters before the time of a moment: the years of every warehouse have four digits."""
_HEX = np.frombuffer(b"".join(b"%02x" % value for value in range(256)), dtype=np.uint16)


def cell_text(column: pa.Array) -> pa.Array:
    """Text of every cell, as large_string; nothing is quoted."""
    kind = column.type
    if pa.types.is_binary(kind):
        return _base16(column)
    text = pc.cast(column, pa.large_string())
    if pa.types.is_timestamp(kind):
        return pc.binary_replace_slice(text, DAY_LETTERS, DAY_LETTERS + 1, "T")
    if pa.types.is_decimal(kind) and kind.scale > LONGEST_PLAIN_SCALE:
        return _without_exponents(column, text)
    return text


def is_text(kind: pa.DataType) -> bool:
    """Whether cells are free text, which may have any character."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def is_bare(kind: pa.DataType) -> bool:
    """Whether the text of cells is a number or a boolean."""
    return any(
        test(kind) for test in (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean)
    )


def joined(rows: pa.Array) -> pa.Buffer:
    """The texts of all rows, one after the other, without copying them."""
    _, offsets, data = rows.buffers()
    ends = np.frombuffer(offsets, np.int64, len(rows) + 1, rows.offset * 8)
    return data.slice(int(ends[0]), int(ends[-1] - ends[0])) if data is not None else pa.py_buffer(b"")


def _without_exponents(column: pa.Array, text: pa.Array) -> pa.Array:
    short = pc.fill_null(pc.match_substring(text, "E"), False)
    plain = [format(value, "f") for value in column.filter(short).to_pylist()]
    return pc.replace_with_mask(text, short, pa.array(plain, pa.large_string())) if plain else text


def _base16(column: pa.Array) -> pa.Array:
    validity, offsets, data = column.buffers()
    bounds = np.frombuffer(offsets, np.int32, len(column) + 1, column.offset * 4).astype(np.int64)
    held = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    digits = _HEX[held[bounds[0] : bounds[-1]]]
    whole = pa.Array.from_buffers(
        pa.large_string(), len(column), [None, pa.py_buffer((bounds - bounds[0]) * 2), pa.py_buffer(digits)]
    )
    return pc.if_else(column.is_valid(), whole, None) if validity is not None else whole
