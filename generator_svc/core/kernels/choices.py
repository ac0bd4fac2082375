"""Columns of listed values: weighted choices, permuted choices, constants."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dwsim_wire.fault import InvalidArgument
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.alias import AliasTable, alias_table, draw_alias
from generator_svc.core.kernels.arrow_types import arrow_type
from generator_svc.core.kernels.few_texts import MOST_WORDS, few_texts
from generator_svc.core.kernels.kernel import Integers, Kernel, RowSource, row_at
from generator_svc.core.kernels.numbers import Law
from generator_svc.core.kernels.slots import TextBuffers, copy_slot, slot_table, string_cells
from generator_svc.core.primitives import Rows, compiled, mix
from generator_svc.core.spec import LogicalType, TypeKind
from generator_svc.core.units import EXACT, LATTICES, MOMENTS, type_range, units_of

_TRUTH = {"true": True, "t": True, "1": True, "yes": True, "false": False, "f": False, "0": False, "no": False}


def listed_kernel(law: Law, logical: LogicalType, texts: Sequence[str]) -> Kernel:
    """Kernel of listed values, written as text of the type."""
    values = literals(logical, texts)
    if values.type != pa.string():
        return ListedKernel(law, values)
    few = isinstance(law, Weighted) and len(set(texts)) <= MOST_WORDS
    return FewWordsKernel(law, texts) if few else WordsKernel(law, texts)


class ListedKernel:
    """Values of a list at the positions that a law draws."""

    def __init__(self, law: Law, values: pa.Array) -> None:
        self.arrow_type = values.type
        self._law, self._values = law, values

    def cells(self, rows: Rows) -> pa.Array:
        """Values of any rows, in that order."""
        return self._values.take(pa.array(self._law.draw(rows, len(rows))))

    def span(self, first: int, count: int) -> pa.Array:
        """Values of rows first … first + count - 1."""
        return self._values.take(pa.array(self._law.draw(np.uint64(first), count)))


class WordsKernel:
    """Words of a list at the positions that a law draws."""

    arrow_type: pa.DataType = pa.string()

    def __init__(self, law: Law, words: Sequence[str]) -> None:
        self._law, self._table = law, slot_table(words)

    def cells(self, rows: Rows) -> pa.Array:
        """Values of any rows, in that order."""
        return self._array(self._law.draw(rows, len(rows)))

    def span(self, first: int, count: int) -> pa.Array:
        """Values of rows first … first + count - 1."""
        return self._array(self._law.draw(np.uint64(first), count))

    def _array(self, positions: Integers) -> pa.Array:
        return string_cells(positions.view(np.uint64), max(int(self._table.lengths.max()), 1), self._fill)

    def _fill(self, positions: Rows, buffers: TextBuffers) -> None:
        _write_words(positions, self._table.slots, self._table.lengths, buffers.offsets, buffers.data)


class FewWordsKernel:
    """Words of a list at the positions that a law draws, as `few_texts`; the list may have a word several times."""

    arrow_type: pa.DataType = pa.string()

    def __init__(self, law: Law, words: Sequence[str]) -> None:
        different = list(dict.fromkeys(words))
        self._law, self._words = law, pa.array(different, pa.string())
        self._places = np.array([different.index(word) for word in words], np.int8)

    def cells(self, rows: Rows) -> pa.Array:
        """Values of any rows, in that order."""
        return few_texts(self._places[self._law.draw(rows, len(rows))], self._words)

    def span(self, first: int, count: int) -> pa.Array:
        """Values of rows first … first + count - 1."""
        return few_texts(self._places[self._law.draw(np.uint64(first), count)], self._words)


class ConstantKernel:
    """The same value in every row; text as `few_texts`."""

    def __init__(self, values: pa.Array) -> None:
        self.arrow_type = values.type
        self._values = values

    def cells(self, rows: Rows) -> pa.Array:
        """Values of any rows."""
        return self.span(0, len(rows))

    def span(self, first: int, count: int) -> pa.Array:  # noqa: ARG002 the same everywhere
        """Values of rows first … first + count - 1."""
        if self.arrow_type == pa.string():
            return few_texts(np.zeros(count, np.int8), self._values)
        return pa.repeat(self._values[0], count)


class Weighted:
    """Positions of a list, by weight."""

    def __init__(self, key: np.uint64, weights: Sequence[float]) -> None:
        self._key = key
        self._table: AliasTable = alias_table(weights)

    def draw(self, rows: RowSource, count: int) -> Integers:
        """Positions of `count` rows."""
        out = np.empty(count, np.int64)
        _weighted(rows, self._key, self._table.threshold, self._table.other, out)
        return out


def literals(logical: LogicalType, texts: Sequence[str]) -> pa.Array:
    """Values written as text, as an array of the type."""
    return pa.array([_literal(logical, text) for text in texts], type=arrow_type(logical))


def distinct_texts(logical: LogicalType, texts: Sequence[str]) -> list[str]:
    """Texts of different values, each as it was written first: 1, 01 and 1.0 may be one value."""
    first: dict[Any, str] = {}
    for value, text in zip(literals(logical, texts).to_pylist(), texts, strict=True):
        first.setdefault("NaN" if value != value else value, text)
    return list(first.values())


def _literal(logical: LogicalType, text: str) -> Any:
    if logical.kind in LATTICES:
        return _lattice_value(logical, text)
    match logical.kind:
        case TypeKind.BOOLEAN:
            return _truth(text)
        case TypeKind.FLOAT32 | TypeKind.FLOAT64:
            return _float(text)
        case TypeKind.BINARY:
            return _fitting(logical, text).encode()
        case _:
            return _fitting(logical, text)


def _lattice_value(logical: LogicalType, text: str) -> int | Decimal:
    low, high = units_of(logical, text, up=True), units_of(logical, text, up=False)
    if logical.kind not in MOMENTS and low != high:
        raise InvalidArgument(f"{text!r} has more digits after the point than the column")
    whole = type_range(logical)
    if not whole.low <= low <= whole.high:
        raise ImpossibleRule(f"{text!r} is outside the column's type", hint="values of a rule fit the column's type")
    return Decimal(low).scaleb(-logical.scale, EXACT) if logical.kind is TypeKind.DECIMAL else low


def _truth(text: str) -> bool:
    try:
        return _TRUTH[text.strip().lower()]
    except KeyError:
        raise InvalidArgument(f"{text!r} is not a BOOLEAN", hint="write true or false") from None


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InvalidArgument(f"{text!r} is not a number") from None


def _fitting(logical: LogicalType, text: str) -> str:
    if logical.length and len(text) > logical.length:
        raise ImpossibleRule(
            f"{text!r} has {len(text)} characters, the column holds {logical.length}",
            hint="shorten the value or lengthen the column",
        )
    return text


@compiled
def _weighted(
    rows: RowSource,
    key: np.uint64,
    threshold: npt.NDArray[np.uint64],
    other: npt.NDArray[np.uint32],
    out: Integers,
) -> None:
    size = np.uint64(len(threshold))
    for i in range(len(out)):
        out[i] = np.int64(draw_alias(mix(row_at(rows, i) + key), size, threshold, other))


@compiled
def _write_words(
    positions: Rows,
    slots: npt.NDArray[np.uint8],
    lengths: Rows,
    offsets: npt.NDArray[np.int32],
    data: npt.NDArray[np.uint8],
) -> None:
    first, stride = np.uint64(slots.ctypes.data), np.uint64(slots.shape[1])
    start = np.uint64(data.ctypes.data)
    end = start
    for i in range(len(positions)):
        end = copy_slot(end, first + positions[i] * stride, lengths[positions[i]])
        offsets[i + 1] = np.int32(end - start)
