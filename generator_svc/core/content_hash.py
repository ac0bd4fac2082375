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

from generator_svc.core.kernels.few_texts import has_dictionary
from generator_svc.core.kernels.kernel import RowSource, row_at
from generator_svc.core.primitives import GOLDEN, MIX_1, MIX_2, Rows, compiled, derive_key, load64, mix

_SUM: Final = 1 << 128
_WORD: Final = 1 << 64
_NULL: Final = derive_key("content hash", "null")
_ROW: Final = derive_key("content hash", "row")
_ZERO: Final = np.uint64(0)
_WORD_BYTES: Final = 8
_PAIR_BYTES: Final = 16
_ONE, _PAIR = np.uint64(_WORD_BYTES), np.uint64(_PAIR_BYTES)
_FOLD: Final = np.uint64(32)
_HALF: Final = np.uint64(0xFFFFFFFF)
_HALF_BITS: Final = np.uint64(32)
_NARROW = {8: np.int8, 16: np.int16, 32: np.int32, 64: np.int64}
Valid = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.signedinteger[Any]]
Data = npt.NDArray[np.uint8]
_MASKS: Final = np.array(
    [(1 << 8 * min(max(size - first, 0), 8)) - 1 for first in (0, 8) for size in range(_PAIR_BYTES + 1)], np.uint64
)
"""What of two words belongs to a text of 0 to 16 bytes: masks of the first word by size, then of the second."""
Sums = dict[str, int]


class ContentHash:
    """A growing content hash of one table."""

    def __init__(self) -> None:
        self.rows = 0
        self._sums: Sums = {}

    def add(self, rows: RowSource | int, batch: pa.RecordBatch) -> None:
        """Add rows `rows` … of the table, or those of listed numbers."""
        self.rows += batch.num_rows
        keys = np.empty(batch.num_rows, np.uint64)
        _row_keys(rows if isinstance(rows, np.ndarray) else np.uint64(rows), keys)
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            self._sums[name] = (self._sums.get(name, 0) + _column_sum(column, keys)) % _SUM

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


def _column_sum(column: pa.Array, keys: Rows) -> int:
    """Sum modulo 2^128 of one column's hashes."""
    count = len(column)
    if count == 0:
        return 0
    out = np.zeros(3, np.uint64)
    valid = _validity(column)
    if has_dictionary(column.type):
        _add_places(keys, valid, _places_of(column.indices), _word_hashes(column.dictionary), out)
    elif _is_bytes(column.type):
        offsets, data = _bytes_of(column)
        _add_bytes(keys, valid, offsets, data, out)
    elif pa.types.is_decimal128(column.type):
        words = np.frombuffer(column.buffers()[1], np.uint64)[2 * column.offset : 2 * (column.offset + count)]
        _add_pairs(keys, valid, words, out)
    else:
        _add_words(keys, valid, _words_of(column), out)
    lower, middle, upper = (int(word) for word in out)
    return ((upper % _WORD) * _WORD + (middle << 32) + lower) % _SUM


def _validity(column: pa.Array) -> Valid:
    """One flag a row, or none at all where nothing is NULL."""
    if column.null_count == 0:
        return np.empty(0, np.bool_)
    return np.asarray(column.is_valid().to_numpy(zero_copy_only=False), np.bool_)


def _is_bytes(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_string(kind) or types.is_binary(kind) or types.is_large_string(kind) or types.is_large_binary(kind)
    )


def _bytes_of(column: pa.Array) -> tuple[Whole, Data]:
    """Offsets and bytes of a text column; the bytes may be none at all."""
    _, offsets, data = column.buffers()
    wide = pa.types.is_large_string(column.type) or pa.types.is_large_binary(column.type)
    all_offsets: Whole = np.frombuffer(offsets, np.int64 if wide else np.int32)
    chosen = all_offsets[column.offset : column.offset + len(column) + 1]
    return chosen, np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)


def _places_of(indices: pa.Array) -> npt.NDArray[np.int8]:
    return np.frombuffer(indices.buffers()[1], np.int8)[indices.offset : indices.offset + len(indices)]


def _word_hashes(words: pa.Array) -> Rows:
    """Hash of each word of a dictionary, as `_add_bytes` takes it from the text itself."""
    hashes = np.zeros(len(words), np.uint64)
    offsets, data = _bytes_of(words)
    _hash_words(offsets, np.concatenate([data, np.zeros(_PAIR_BYTES, np.uint8)]), hashes)
    return hashes


def _words_of(column: pa.Array) -> npt.NDArray[np.int64]:
    """A column's values as 64-bit integers, so that one compiled sum serves all widths."""
    if pa.types.is_boolean(column.type):
        return np.asarray(column.cast(pa.uint8()).fill_null(0), np.int64)
    if pa.types.is_floating(column.type):
        return _float_words(column)
    width = column.type.bit_width
    values = np.frombuffer(column.buffers()[1], _NARROW[width])[column.offset : column.offset + len(column)]
    return values.astype(np.int64, copy=False)


def _float_words(column: pa.Array) -> npt.NDArray[np.int64]:
    kind = np.float32 if column.type == pa.float32() else np.float64
    values = np.frombuffer(column.buffers()[1], kind)[column.offset : column.offset + len(column)].astype(np.float64)
    values = np.where(np.isnan(values), np.nan, values + 0.0)
    return values.view(np.int64)


@compiled
def _row_keys(rows: RowSource, out: Rows) -> None:
    for i in range(len(out)):
        out[i] = mix(row_at(rows, i) + _ROW)


@compiled
def _second(word: np.uint64) -> np.uint64:
    """Make the upper 64 bits of a hash from its lower ones; not linear in them, so that two sums must agree."""
    return (word ^ (word >> _FOLD)) * MIX_2


@compiled
def _add_words(keys: Rows, valid: Valid, values: npt.NDArray[np.int64], out: Rows) -> None:
    """Sum 32-bit halves of the lower words, and the upper words: three sums without a carry."""
    lower, middle, upper = _ZERO, _ZERO, _ZERO
    for i in range(len(values)):
        value = np.uint64(values[i])
        if len(valid) > 0 and not valid[i]:
            value = _NULL
        word = mix(value ^ keys[i])
        lower += word & _HALF
        middle += word >> _HALF_BITS
        upper += _second(word)
    out[0], out[1], out[2] = lower, middle, upper


@compiled
def _add_pairs(keys: Rows, valid: Valid, words: Rows, out: Rows) -> None:
    """Sum hashes of 128-bit values, each two words."""
    lower, middle, upper = _ZERO, _ZERO, _ZERO
    for i in range(len(keys)):
        value = words[2 * i] ^ (words[2 * i + 1] * MIX_1)
        if len(valid) > 0 and not valid[i]:
            value = _NULL
        word = mix(value ^ keys[i])
        lower += word & _HALF
        middle += word >> _HALF_BITS
        upper += _second(word)
    out[0], out[1], out[2] = lower, middle, upper


@compiled
def _add_bytes(keys: Rows, valid: Valid, offsets: Whole, data: Data, out: Rows) -> None:
    lower, middle, upper = _ZERO, _ZERO, _ZERO
    address, safe = np.uint64(data.ctypes.data), len(data) - _PAIR_BYTES
    last = np.zeros(_PAIR_BYTES, np.uint8)
    for i in range(len(keys)):
        start, size = int(offsets[i]), int(offsets[i + 1] - offsets[i])
        value = _NULL
        if len(valid) == 0 or valid[i]:
            at = address + np.uint64(start)
            if start > safe and size <= _PAIR_BYTES:
                for place in range(size):
                    last[place] = data[start + place]
                at = np.uint64(last.ctypes.data)
            value = _hash_bytes(at, size)
        word = mix(value ^ keys[i])
        lower += word & _HALF
        middle += word >> _HALF_BITS
        upper += _second(word)
    out[0], out[1], out[2] = lower, middle, upper


@compiled
def _add_places(keys: Rows, valid: Valid, places: npt.NDArray[np.int8], hashes: Rows, out: Rows) -> None:
    """Sum hashes of texts that are listed once."""
    lower, middle, upper = _ZERO, _ZERO, _ZERO
    for i in range(len(keys)):
        value = _NULL
        if len(valid) == 0 or valid[i]:
            value = hashes[places[i]]
        word = mix(value ^ keys[i])
        lower += word & _HALF
        middle += word >> _HALF_BITS
        upper += _second(word)
    out[0], out[1], out[2] = lower, middle, upper


@compiled
def _hash_words(offsets: Whole, data: Data, out: Rows) -> None:
    """Hash each word; `data` ends with room for one more pair of words."""
    for i in range(len(out)):
        out[i] = _hash_bytes(np.uint64(data.ctypes.data) + np.uint64(offsets[i]), int(offsets[i + 1] - offsets[i]))


@compiled
def _hash_bytes(address: np.uint64, size: int) -> np.uint64:
    """Hash bytes in two lanes of words, the last ones over again; reads 16 bytes where there are fewer."""
    one, two = np.uint64(size) * MIX_2, _ZERO
    if size > _PAIR_BYTES:
        end = address + np.uint64(size)
        while address + _PAIR < end:
            one = _lane(one ^ load64(address), GOLDEN)
            two = _lane(two ^ load64(address + _ONE), MIX_1)
            address += _PAIR
        one ^= load64(end - _PAIR)
        two ^= load64(end - _ONE)
    else:
        one ^= load64(address) & _MASKS[size]
        two ^= load64(address + _ONE) & _MASKS[_PAIR_BYTES + 1 + size]
    two = _lane(two, MIX_1)
    return _lane(one, GOLDEN) ^ (two << _FOLD) ^ (two >> _FOLD)


@compiled
def _lane(word: np.uint64, factor: np.uint64) -> np.uint64:
    product = word * factor
    return product ^ (product >> _FOLD)
