"""Columns that add a drawn amount to another column of the row. Sums beyond the type stop at its ends."""

from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from generator_svc.core.kernels.arrow_types import arrow_type
from generator_svc.core.kernels.kernel import Integers, RowSource
from generator_svc.core.kernels.numbers import Law
from generator_svc.core.kernels.storage import DecimalStorage, fixed_width
from generator_svc.core.primitives import compiled
from generator_svc.core.spec import LogicalType, TypeKind
from generator_svc.core.units import DAY, Range, type_range

Words = npt.NDArray[np.uint64]
_NARROW: Final = {TypeKind.INT16: np.int16, TypeKind.INT32: np.int32, TypeKind.DATE: np.int32}
_STORED: Final = {**_NARROW, TypeKind.FLOAT32: np.float32, TypeKind.FLOAT64: np.float64}
_WORD: Final = 1 << 64


class OffsetKernel(Protocol):
    """Values of one column from those of another, row by row; like it, without nulls."""

    def after(self, source: pa.Array, rows: RowSource, count: int) -> pa.Array:
        """Add each row's amount to `source`."""
        ...


@dataclass(frozen=True, slots=True)
class Amounts:
    """Amounts `base + step * k` for the k that the law draws."""

    law: Law
    base: int
    step: int


@dataclass(frozen=True, slots=True)
class Scaling:
    """How whole units become others: times `factor`, or down to whole multiples of `divisor`."""

    factor: int = 1
    divisor: int = 1

    def of(self, units: Integers) -> Integers:
        """Convert; division rounds down, before 1970 too."""
        scaled = units * np.int64(self.factor) if self.factor > 1 else units
        return np.floor_divide(scaled, np.int64(self.divisor)) if self.divisor > 1 else scaled


TO_MOMENTS: Final = Scaling(factor=DAY)
TO_DAYS: Final = Scaling(divisor=DAY)


class WordOffset:
    """Integers, dates and times: the source's units are scaled, the amount is added, the sum is scaled."""

    def __init__(self, target: LogicalType, source: LogicalType, amounts: Amounts, into: Scaling, back: Scaling):
        self._type, self._amounts, self._into, self._back = arrow_type(target), amounts, into, back
        self._source = np.dtype(_NARROW.get(source.kind, np.int64))
        self._target = np.dtype(_NARROW.get(target.kind, np.int64))
        self._whole = _whole(type_range(target), back)

    def after(self, source: pa.Array, rows: RowSource, count: int) -> pa.Array:
        """Add each row's amount to `source`."""
        values = self._into.of(stored_values(source, self._source).astype(np.int64, copy=False))
        sums = np.empty(count, np.int64)
        drawn, amounts = self._amounts.law.draw(rows, count), self._amounts
        _add(values, drawn, np.int64(amounts.base), np.int64(amounts.step), *self._whole, sums)
        return fixed_width(self._type, self._back.of(sums).astype(self._target, copy=False))


class DecimalOffset:
    """Decimals: 128-bit sums of the source, brought to the column's scale, and whole numbers."""

    def __init__(self, target: LogicalType, source: LogicalType, amounts: Amounts) -> None:
        self._type, one = arrow_type(target), 10**target.scale
        self._wide = pa.decimal128(38, target.scale)
        self._source, self._integers = source, DecimalStorage(self._wide, 0, one)
        self._law, self._amounts = amounts.law, DecimalStorage(self._wide, amounts.base * one, one)
        self._top = _words(10**target.precision - 1)

    def after(self, source: pa.Array, rows: RowSource, count: int) -> pa.Array:
        """Add each row's amount to `source`."""
        if self._source.kind is TypeKind.DECIMAL:
            values = source.cast(self._wide)
        else:
            dtype = np.dtype(_NARROW.get(self._source.kind, np.int64))
            values = self._integers.array(stored_values(source, dtype).astype(np.int64, copy=False))
        amounts = self._amounts.array(self._law.draw(rows, count))
        out = np.empty((count, 2), np.uint64)
        _add_128(_pairs(values), _pairs(amounts), *self._top, out)
        return pa.Array.from_buffers(self._type, count, [None, pa.py_buffer(out)])


class FloatOffset:
    """Floats: IEEE sums."""

    def __init__(self, target: LogicalType, source: LogicalType, amounts: Amounts) -> None:
        self._type, self._amounts = arrow_type(target), amounts
        self._source, self._target = np.dtype(_STORED.get(source.kind, np.int64)), np.dtype(_STORED[target.kind])
        self._largest = float(np.finfo(np.float32 if target.kind is TypeKind.FLOAT32 else np.float64).max)

    def after(self, source: pa.Array, rows: RowSource, count: int) -> pa.Array:
        """Add each row's amount to `source`."""
        drawn = self._amounts.law.draw(rows, count) + np.int64(self._amounts.base)
        sums = stored_values(source, self._source).astype(np.float64) + drawn.astype(np.float64)
        return fixed_width(self._type, np.clip(sums, -self._largest, self._largest).astype(self._target, copy=False))


def stored_values(array: pa.Array, dtype: "np.dtype[Any]") -> npt.NDArray[Any]:
    """Values of a fixed-width array as they lie in its buffer."""
    return np.frombuffer(array.buffers()[1], dtype, len(array), array.offset * dtype.itemsize)


def _whole(target: Range, back: Scaling) -> tuple[np.int64, np.int64]:
    """First and last sum that the column holds, before it is scaled back."""
    return np.int64(target.low * back.divisor), np.int64(target.high * back.divisor + back.divisor - 1)


def _words(number: int) -> tuple[np.uint64, np.uint64]:
    return np.uint64(number % _WORD), np.uint64(number // _WORD)


def _pairs(array: pa.Array) -> Words:
    words: Words = np.frombuffer(array.buffers()[1], np.uint64, 2 * len(array), array.offset * 16).reshape(-1, 2)
    return words


@compiled
def _add(
    values: Integers, drawn: Integers, base: np.int64, step: np.int64, low: np.int64, high: np.int64, out: Integers
) -> None:
    for i in range(len(out)):
        amount = base + drawn[i] * step
        if amount >= 0:
            out[i] = high if values[i] > high - amount else max(values[i] + amount, low)
        else:
            out[i] = low if values[i] < low - amount else min(values[i] + amount, high)


@compiled
def _add_128(values: Words, amounts: Words, top_low: np.uint64, top_high: np.uint64, out: Words) -> None:
    """Sums of signed pairs of words, kept within plus and minus the pair `top`."""
    bottom_low = np.uint64(0) - top_low
    bottom_high = ~top_high + np.uint64(top_low == np.uint64(0))
    for i in range(len(out)):
        low = values[i, 0] + amounts[i, 0]
        high = values[i, 1] + amounts[i, 1] + np.uint64(low < values[i, 0])
        if np.int64(high) > np.int64(top_high) or (high == top_high and low > top_low):
            low, high = top_low, top_high
        elif np.int64(high) < np.int64(bottom_high) or (high == bottom_high and low < bottom_low):
            low, high = bottom_low, bottom_high
        out[i, 0] = low
        out[i, 1] = high
