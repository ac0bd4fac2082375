"""Content hash of a table: equal for equal rows, however they were cut into batches, ordered, packed or split.

Per column, the sum modulo 2^128 of hash(row number, canonical value). Canonical: integers, dates and times as their
64-bit units, decimals as 128-bit units, floats as the bits of a double (-0 is 0, one NaN), text and bytes by their
bytes; NULL is a value of its own. Sums add up, so parts are merged in any order.
"""

import hashlib
import json
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from generator_svc.core.kernels.kernel import Integers, RowSource, row_at
from generator_svc.core.primitives import GOLDEN, Rows, compiled, derive_key, load64, mix

_SUM: Final = 1 << 128
_WORD: Final = 1 << 64
_NULL: Final = derive_key("content hash", "null")
_ROW: Final = derive_key("content hash", "row")
_SECOND: Final = derive_key("content hash", "second word")
_ZERO: Final = np.uint64(0)
_WORD_BYTES: Final = 8
_FOLD: Final = np.uint64(32)
_HALF: Final = np.uint64(0xFFFFFFFF)
_HALF_BITS: Final = np.uint64(32)
_NARROW = {8: np.int8, 16: np.int16, 32: np.int32, 64: np.int64}
Sums = dict[str, int]


class ContentHash:
    """A growing content hash of one table."""

    def __init__(self) -> None:
        self.rows = 0
        self._sums: Sums = {}

    def add(self, rows: RowSource | int, batch: pa.RecordBatch) -> None:
        """Add rows `rows` … of the table, or those of listed numbers."""
        source = rows if isinstance(rows, np.ndarray) else np.uint64(rows)
        self.rows += batch.num_rows
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            self._sums[name] = (self._sums.get(name, 0) + _column_sum(column, source)) % _SUM

    def merge(self, other: "ContentHash") -> None:
        """Add the rows of another part of the table."""
        self.rows += other.rows
        for name, value in other._sums.items():
            self._sums[name] = (self._sums.get(name, 0) + value) % _SUM

    def hex(self) -> str:
        """32 hex digits: names, sums and number of rows together."""
        facts = json.dumps([self.rows, sorted(self._sums.items())]).encode()
        return hashlib.blake2b(facts, digest_size=16).hexdigest()

    def dump(self) -> str:
        """Everything there is, as text to be stored."""
        return json.dumps({"rows": self.rows, "sums": {name: f"{value:032x}" for name, value in self._sums.items()}})

    @classmethod
    def load(cls, text: str) -> "ContentHash":
        """Read what `dump` wrote."""
        facts: dict[str, Any] = json.loads(text)
        loaded = cls()
        loaded.rows = int(facts["rows"])
        loaded._sums = {name: int(value, 16) for name, value in facts["sums"].items()}
        return loaded


def _column_sum(column: pa.Array, rows: RowSource) -> int:
    """Sum modulo 2^128 of one column's hashes."""
    count = len(column)
    if count == 0:
        return 0
    out = np.zeros(3, np.uint64)
    valid = _validity(column)
    if _is_bytes(column.type):
        offsets, data = _bytes_of(column)
        _add_bytes(rows, valid, offsets, data, out)
    elif pa.types.is_decimal128(column.type):
        words = np.frombuffer(column.buffers()[1], np.uint64)[2 * column.offset : 2 * (column.offset + count)]
        _add_words(rows, valid, np.ascontiguousarray(words[0::2]), np.ascontiguousarray(words[1::2]), out)
    else:
        words = _words_of(column).view(np.uint64)
        _add_words(rows, valid, words, words[:0], out)
    lower, middle, upper = (int(word) for word in out)
    return ((upper % _WORD) * _WORD + (middle << 32) + lower) % _SUM


def _validity(column: pa.Array) -> npt.NDArray[np.bool_]:
    """One flag a row, or none at all where nothing is NULL."""
    if column.null_count == 0:
        return np.empty(0, np.bool_)
    return np.asarray(column.is_valid().to_numpy(zero_copy_only=False), np.bool_)


def _is_bytes(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_string(kind) or types.is_binary(kind) or types.is_large_string(kind) or types.is_large_binary(kind)
    )


def _bytes_of(column: pa.Array) -> tuple[Integers, npt.NDArray[np.uint8]]:
    """Offsets and bytes of a text column; the bytes may be none at all."""
    _, offsets, data = column.buffers()
    wide = pa.types.is_large_string(column.type) or pa.types.is_large_binary(column.type)
    all_offsets = np.frombuffer(offsets, np.int64 if wide else np.int32)
    chosen = all_offsets[column.offset : column.offset + len(column) + 1].astype(np.int64)
    return chosen, np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)


def _words_of(column: pa.Array) -> Integers:
    """A column's values as 64-bit words."""
    if pa.types.is_boolean(column.type):
        return np.asarray(column.cast(pa.uint8()).fill_null(0), np.int64)
    if pa.types.is_floating(column.type):
        return _float_words(column)
    width = column.type.bit_width
    values = np.frombuffer(column.buffers()[1], _NARROW[width])[column.offset : column.offset + len(column)]
    return values.astype(np.int64)


def _float_words(column: pa.Array) -> Integers:
    kind = np.float32 if column.type == pa.float32() else np.float64
    values = np.frombuffer(column.buffers()[1], kind)[column.offset : column.offset + len(column)].astype(np.float64)
    values = np.where(np.isnan(values), np.nan, values + 0.0)
    return values.view(np.int64)


@compiled
def _low_word(row: np.uint64, value: np.uint64) -> np.uint64:
    """Lower 64 bits of the hash of a row and its value; the upper ones are a hash of these."""
    return mix(value ^ mix(row + _ROW))


@compiled
def _add_words(rows: RowSource, valid: npt.NDArray[np.bool_], low: Rows, high: Rows, out: Rows) -> None:
    """Sum 32-bit halves of the lower words, and the upper words: three sums that vectorise."""
    lower, middle, upper = _ZERO, _ZERO, _ZERO
    for i in range(len(low)):
        value = mix(low[i])
        if len(high) > 0:
            value ^= high[i]
        if len(valid) > 0 and not valid[i]:
            value = _NULL
        word = _low_word(row_at(rows, i), value)
        lower += word & _HALF
        middle += word >> _HALF_BITS
        upper += mix(word ^ _SECOND)
    out[0], out[1], out[2] = lower, middle, upper


@compiled
def _add_bytes(
    rows: RowSource, valid: npt.NDArray[np.bool_], offsets: Integers, data: npt.NDArray[np.uint8], out: Rows
) -> None:
    lower, middle, upper = _ZERO, _ZERO, _ZERO
    for i in range(len(offsets) - 1):
        value = _NULL
        if len(valid) == 0 or valid[i]:
            value = _hash_bytes(data, offsets[i], offsets[i + 1])
        word = _low_word(row_at(rows, i), value)
        lower += word & _HALF
        middle += word >> _HALF_BITS
        upper += mix(word ^ _SECOND)
    out[0], out[1], out[2] = lower, middle, upper


@compiled
def _hash_bytes(data: npt.NDArray[np.uint8], start: int, end: int) -> np.uint64:
    """Hash bytes: whole words, then the rest; nothing outside of the buffer is read."""
    h = np.uint64(end - start)
    address = np.uint64(data.ctypes.data)
    at = start
    while at + _WORD_BYTES <= end:
        h = (h ^ load64(address + np.uint64(at))) * GOLDEN
        h ^= h >> _FOLD
        at += _WORD_BYTES
    rest = _ZERO
    if at + _WORD_BYTES <= len(data):
        rest = load64(address + np.uint64(at)) & ((np.uint64(1) << np.uint64(8 * (end - at))) - np.uint64(1))
    else:
        for place in range(end - at):
            rest |= np.uint64(data[at + place]) << np.uint64(8 * place)
    return mix(h ^ rest)
