"""Keys that cannot repeat, proven while batches pass by, so that the target need not be asked about them.

Three proofs, all sound and none complete: every batch has its keys in ascending order and no two batches overlap (in
constant memory, for what a sequence makes); every value of an integer key has a bit of its own, and there are as many
bits as rows (for what a permutation makes); or all keys' 64-bit words are kept and no two are equal (for a few million
rows). Text and floats are left to the target, whose idea of equal text is its own.
"""

import itertools
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from loader_svc.core.duplicates import Key, declared_keys
from loader_svc.core.loads import Batch, OrderTable

MOST_WORDS: Final = 2 << 20
"""Words of 8 bytes that are kept for all keys of a load."""
MOST_BYTES: Final = 8 << 20
"""Bytes of bits that are kept for all keys of a load."""
PAGE: Final = 1 << 20
"""Values that get their bits at once."""
FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
HALF: Final = np.uint64(32)
Words: TypeAlias = npt.NDArray[np.integer[Any]]


@dataclass
class _Bits:
    """A bit for each value from `low` on.

    Bits are set by adding them: two of the same value carry, and leave fewer bits than there were rows.
    """

    low: int = 0
    bytes: npt.NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    rows: dict[int, int] = field(default_factory=dict)

    def span(self, values: npt.NDArray[np.int64]) -> tuple[int, int]:
        """The first value, and how many bytes, where these values have bits too."""
        low, high = int(values.min()) // PAGE * PAGE, (int(values.max()) // PAGE + 1) * PAGE
        if self.rows:
            low, high = min(low, self.low), max(high, self.low + 8 * len(self.bytes))
        return low, (high - low) // 8

    def add(self, index: int, values: npt.NDArray[np.int64], span: tuple[int, int]) -> None:
        """Set the bits of a batch."""
        low, size = span
        if size != len(self.bytes):
            before, self.bytes = self.bytes, np.zeros(size, np.uint8)
            first = (self.low - low) // 8 if self.rows else 0
            self.bytes[first : first + len(before)] = before
        self.low, self.rows[index] = low, len(values)
        place = values - np.int64(low)
        np.add.at(self.bytes, place >> 3, np.left_shift(1, place & 7).astype(np.uint8))

    def distinct(self) -> bool:
        """Whether no value came twice."""
        return int(np.bitwise_count(self.bytes).sum(dtype=np.int64)) == sum(self.rows.values())


@dataclass
class _Seen:
    """What is known of one key: the span of batches in ascending order, the bits or the words of the others."""

    spans: dict[int, tuple[tuple[int, ...], tuple[int, ...]]] = field(default_factory=dict)
    bits: _Bits = field(default_factory=_Bits)
    words: dict[int, npt.NDArray[np.uint64]] = field(default_factory=dict)
    hopeless: bool = False


class DistinctKeys:
    """Watches the batches of one load; any thread may show one."""

    def __init__(self, tables: Sequence[OrderTable]) -> None:
        self._rows = {item.table.name: item.rows for item in tables}
        self._shown: dict[str, dict[int, int]] = {name: {} for name in self._rows}
        self._keys: dict[Key, _Seen] = {
            (item.table.name, key): _Seen() for item in tables for key in declared_keys(item.table)
        }
        self._kept = self._bytes = 0
        self._lock = threading.Lock()

    def show(self, batch: Batch, rows: pa.Table) -> None:
        """Look at the rows of a batch; to see one twice changes nothing."""
        for key, seen in self._keys.items():
            if key[0] == batch.table and not seen.hopeless:
                self._look(seen, batch.index, [rows.column(name) for name in key[1]])
        self._shown[batch.table][batch.index] = batch.rows

    def proven(self) -> set[Key]:
        """Keys of whole tables that do not repeat; of the others nothing is known."""
        whole = {name for name, rows in self._rows.items() if sum(self._shown[name].values()) == rows}
        return {key for key, seen in self._keys.items() if key[0] in whole and _is_distinct(seen)}

    def _look(self, seen: _Seen, index: int, columns: list[pa.ChunkedArray]) -> None:
        words = list(_words(columns))
        if not words:
            self._give_up(seen)
        elif _ascends(words):
            if len(words[0]):
                seen.spans[index] = _at(words, 0), _at(words, -1)
        elif len(words) > 1 or not self._mark(seen, index, words[0].astype(np.int64, copy=False)):
            self._keep(seen, index, _folded(words))

    def _mark(self, seen: _Seen, index: int, values: npt.NDArray[np.int64]) -> bool:
        """Set the bits of a batch's values; False where they lie too far apart to begin with."""
        with self._lock:
            bits, span = seen.bits, seen.bits.span(values)
            more = span[1] - len(bits.bytes)
            fits = self._bytes + more <= MOST_BYTES
            if seen.words or not (fits or bits.rows):
                return False
            if fits and index not in bits.rows and not seen.hopeless:
                self._bytes += more
                bits.add(index, values, span)
        if not fits:
            self._give_up(seen)
        return True

    def _keep(self, seen: _Seen, index: int, words: npt.NDArray[np.uint64]) -> None:
        with self._lock:
            self._kept += 0 if index in seen.words else len(words)
            if self._kept <= MOST_WORDS and not seen.hopeless:
                seen.words[index] = words
                return
        self._give_up(seen)

    def _give_up(self, seen: _Seen) -> None:
        with self._lock:
            self._kept -= sum(map(len, seen.words.values()))
            self._bytes -= len(seen.bits.bytes)
            seen.hopeless = True
            seen.words, seen.spans, seen.bits = {}, {}, _Bits()


def _is_distinct(seen: _Seen) -> bool:
    """Whether all batches are known in one and the same way, and tell of no key twice."""
    if seen.hopeless or sum(map(bool, (seen.spans, seen.bits.rows, seen.words))) > 1:
        return False
    if seen.bits.rows:
        return seen.bits.distinct()
    if seen.words:
        every = np.concatenate(list(seen.words.values()))
        every.sort()
        return bool((every[1:] != every[:-1]).all())
    spans = sorted(seen.spans.values())
    return all(before[1] < after[0] for before, after in itertools.pairwise(spans))


def _words(columns: Sequence[pa.ChunkedArray]) -> Iterator[Words]:
    """Words of a key, one or two a column, whose order is that of the values; none where a column has no such words."""
    found: list[Words] = []
    for column in columns:
        values = column.combine_chunks()
        kind = values.type
        if values.null_count:
            return
        if pa.types.is_decimal128(kind):
            pairs = np.frombuffer(values.buffers()[1], np.uint64)[2 * values.offset :][: 2 * len(values)]
            found += [pairs[1::2].view(np.int64), pairs[::2]]
        elif pa.types.is_integer(kind):
            found.append(np.asarray(values))
        elif pa.types.is_temporal(kind) and getattr(kind, "unit", "") != "ns":  # warehouses round nanoseconds
            found.append(np.asarray(values.view(pa.int64() if kind.bit_width == 64 else pa.int32())))
        else:
            return
    yield from found


def _ascends(words: Sequence[Words]) -> bool:
    """Whether every row's words are above those of the row before."""
    rows = max(len(words[0]) - 1, 0)
    above, equal = np.zeros(rows, np.bool_), np.ones(rows, np.bool_)
    for word in words:
        above |= equal & (word[1:] > word[:-1])
        equal &= word[1:] == word[:-1]
    return bool(above.all())


def _at(words: Sequence[Words], row: int) -> tuple[int, ...]:
    return tuple(int(word[row]) for word in words)


def _folded(words: Sequence[Words]) -> npt.NDArray[np.uint64]:
    """One word a row: equal keys have equal ones."""
    folded = np.zeros(len(words[0]), np.uint64)
    for word in words:
        folded = (folded ^ (folded >> HALF)) * FACTOR + word.astype(np.int64, copy=False).view(np.uint64)
    return folded
