"""Values as text, column by column: as JSON messages, CSV and JSON Lines have them.

Decimals have all digits of their scale and no exponent, moments are ISO 8601 with a blank in the middle (in UTC where
they have a zone), bytes are base64, floats are the shortest text that reads back the same.
"""

import base64
from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from query_svc.core.types import Kind, SqlType

MOST_PLAIN_SCALE = 6
"""Arrow writes decimals of a larger scale with an exponent."""
_NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def texts(column: pa.Array, kind: SqlType) -> pa.Array:
    """Text of every value; nulls stay."""
    if kind.kind is Kind.BINARY:
        return _made(column, (base64.b64encode(value).decode() for value in column.drop_null().to_pylist()))
    if kind.is_decimal and kind.scale > MOST_PLAIN_SCALE:
        return _made(column, (format(value, "f") for value in column.drop_null().to_pylist()))
    plain = column.cast(pa.string())
    if kind.is_float:
        return _named(plain)
    if kind.is_moment or kind.kind is Kind.TIME:
        return pc.replace_substring(pc.replace_substring_regex(plain, r"\.000000(Z?)$", r"\1"), "Z", "+00:00")
    return plain


def distinct(names: Sequence[str]) -> list[str]:
    """Names for a format whose columns need distinct ones: a repeated one gets a number behind."""
    taken: dict[str, None] = {}
    for name in names:
        free, number = name, 1
        while free in taken:
            number += 1
            free = f"{name}_{number}"
        taken[free] = None
    return list(taken)


def _made(column: pa.Array, values: Iterable[str]) -> pa.Array:
    """Texts in the places of the values that are not null."""
    return pc.replace_with_mask(pa.nulls(len(column), pa.string()), column.is_valid(), pa.array(values, pa.string()))


def _named(plain: pa.Array) -> pa.Array:
    """Name what is no number as JavaScript and PostgreSQL do."""
    for text, name in _NOT_FINITE.items():
        plain = pc.if_else(pc.equal(plain, text), name, plain)
    return plain
