"""Keys that cannot repeat, proven while batches pass by, so that the target need not be asked about them.

Two proofs, both sound and neither complete: every batch has its keys in ascending order and no two batches overlap (in
constant memory, for what a sequence makes), or all keys' 64-bit words are kept and no two are equal (for a few million
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

MOST_WORDS: Final = 4 << 20
"""Words of 8 bytes that are kept for all keys of a load."""
FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
HALF: Final = np.uint64(32)
Words: TypeAlias = npt.NDArray[np.integer[Any]]


@dataclass
class _Seen:
    """What is known of one key: the span of batches in ascending order, the sorted words of the others."""

    spans: dict[int, tuple[tuple[int, ...], tuple[int, ...]]] = field(default_factory=dict)
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
        self._kept = 0
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
        else:
            self._keep(seen, index, _folded(words))

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
            seen.hopeless = True
            seen.words, seen.spans = {}, {}


def _is_distinct(seen: _Seen) -> bool:
    """Whether all batches are known in one and the same way, and tell of no key twice."""
    if seen.hopeless or (seen.spans and seen.words):
        return False
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
