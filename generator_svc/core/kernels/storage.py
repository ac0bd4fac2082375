"""How integers become Arrow values: every numeric and time type stores `base + step * k` of whole units.

A unit is 1 for integers, 10^-scale for decimals, a day for dates, a microsecond for times.
"""

from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from generator_svc.core.kernels.arrow_types import arrow_type
from generator_svc.core.kernels.kernel import Integers
from generator_svc.core.primitives import compiled, multiply_high
from generator_svc.core.spec import LogicalType, TypeKind

_DTYPES: dict[TypeKind, npt.DTypeLike] = {
    TypeKind.INT16: np.int16,
    TypeKind.INT32: np.int32,
    TypeKind.INT64: np.int64,
    TypeKind.FLOAT32: np.float32,
    TypeKind.FLOAT64: np.float64,
    TypeKind.DATE: np.int32,
    TypeKind.TIME: np.int64,
    TypeKind.TIMESTAMP: np.int64,
    TypeKind.TIMESTAMP_TZ: np.int64,
}
_WORD = 1 << 64


class Storage(Protocol):
    """Turns steps k, counted by a law, into values of one Arrow type."""

    arrow_type: pa.DataType

    def array(self, steps: Integers) -> pa.Array:
        """Values base + step * k."""
        ...


def storage(logical: LogicalType, base: int, step: int) -> Storage:
    """Choose the storage of a type."""
    match logical.kind:
        case TypeKind.DECIMAL:
            return DecimalStorage(arrow_type(logical), base, step)
        case TypeKind.STRING:
            return TextStorage(base, step)
        case _:
            return WordStorage(logical, base, step)


def fixed_width(kind: pa.DataType, values: npt.NDArray[np.generic]) -> pa.Array:
    """Wrap values as an Arrow array without a copy."""
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


class WordStorage:
    """Types whose units fit a machine word."""

    def __init__(self, logical: LogicalType, base: int, step: int) -> None:
        self.arrow_type = arrow_type(logical)
        self._dtype = np.dtype(_DTYPES[logical.kind])
        self._base, self._step = np.int64(base), np.int64(step)

    def array(self, steps: Integers) -> pa.Array:
        """Values base + step * k."""
        if self._base == 0 and self._step == 1 and self._dtype == np.int64:
            return fixed_width(self.arrow_type, steps)
        out = np.empty(len(steps), self._dtype)
        _affine(steps, self._base, self._step, out)
        return fixed_width(self.arrow_type, out)


class DecimalStorage:
    """decimal128, written as pairs of 64-bit words; exact for all 38 digits."""

    def __init__(self, kind: pa.DataType, base: int, step: int) -> None:
        self.arrow_type = kind
        self._low, self._high = np.uint64(base % _WORD), np.int64(base // _WORD)
        self._step_low, self._step_high = np.uint64(abs(step) % _WORD), np.uint64(abs(step) // _WORD)
        self._falls = step < 0

    def array(self, steps: Integers) -> pa.Array:
        """Values base + step * k, for k of either sign."""
        out = np.empty((len(steps), 2), np.uint64)
        counts, high = -steps if self._falls else steps, np.uint64(int(self._high) % _WORD)
        _affine_128(counts, self._low, high, self._step_low, self._step_high, out)
        return pa.Array.from_buffers(self.arrow_type, len(steps), [None, pa.py_buffer(out)])


class TextStorage:
    """Integers as decimal digits, for text columns that count."""

    arrow_type = pa.string()

    def __init__(self, base: int, step: int) -> None:
        self._base, self._step = np.int64(base), np.int64(step)

    def array(self, steps: Integers) -> pa.Array:
        """Digits of base + step * k."""
        offsets = np.zeros(len(steps) + 1, np.int32)
        text = np.empty(20 * len(steps), np.uint8)
        size = _digits(steps, self._base, self._step, offsets, text)
        return pa.Array.from_buffers(
            self.arrow_type, len(steps), [None, pa.py_buffer(offsets), pa.py_buffer(text[:size].copy())]
        )


@compiled
def _affine(steps: Integers, base: np.int64, step: np.int64, out: npt.NDArray[np.number]) -> None:
    for i in range(len(out)):
        out[i] = base + steps[i] * step


@compiled
def _affine_128(
    steps: Integers,
    base_low: np.uint64,
    base_high: np.uint64,
    step_low: np.uint64,
    step_high: np.uint64,
    out: npt.NDArray[np.uint64],
) -> None:
    for i in range(len(steps)):
        k = np.uint64(steps[i])
        high = multiply_high(k, step_low) + k * step_high
        if steps[i] < 0:
            high -= step_low
        low = k * step_low + base_low
        out[i, 0] = low
        out[i, 1] = high + base_high + np.uint64(low < base_low)


@compiled
def _digits(
    steps: Integers, base: np.int64, step: np.int64, offsets: npt.NDArray[np.int32], text: npt.NDArray[np.uint8]
) -> int:
    end = 0
    for i in range(len(steps)):
        value = base + steps[i] * step
        rest = np.uint64(value)
        if value < 0:
            text[end] = 45
            end += 1
            rest = np.uint64(0) - rest
        size, probe = 1, rest
        while probe >= np.uint64(10):
            probe //= np.uint64(10)
            size += 1
        for place in range(end + size - 1, end - 1, -1):
            quotient = rest // np.uint64(10)
            text[place] = np.uint8(np.uint64(48) + rest - quotient * np.uint64(10))
            rest = quotient
        end += size
        offsets[i + 1] = end
    return end
