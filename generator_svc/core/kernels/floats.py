"""Columns of IEEE floats."""

from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from generator_svc.core.kernels.arrow_types import arrow_type
from generator_svc.core.kernels.kernel import Integers, RowSource, row_at
from generator_svc.core.kernels.numbers import Law
from generator_svc.core.kernels.storage import fixed_width
from generator_svc.core.primitives import Rows, compiled, mix, unit
from generator_svc.core.spec import LogicalType, TypeKind

Floats = npt.NDArray[np.float64]


class FloatLaw(Protocol):
    """Draws a real number for each row."""

    def draw(self, rows: RowSource, count: int) -> Floats:
        """Numbers of `count` rows."""
        ...


class FloatKernel:
    """Real numbers of a law, as floats of 32 or 64 bits."""

    def __init__(self, law: FloatLaw, logical: LogicalType) -> None:
        self.arrow_type = arrow_type(logical)
        self._law, self._narrow = law, logical.kind is TypeKind.FLOAT32

    def cells(self, rows: Rows) -> pa.Array:
        """Values of any rows, in that order."""
        return self._array(self._law.draw(rows, len(rows)))

    def span(self, first: int, count: int) -> pa.Array:
        """Values of rows first … first + count - 1."""
        return self._array(self._law.draw(np.uint64(first), count))

    def _array(self, values: Floats) -> pa.Array:
        return fixed_width(self.arrow_type, values.astype(np.float32) if self._narrow else values)


class UniformFloat:
    """Evenly spread over [low, high]."""

    def __init__(self, key: np.uint64, low: float, high: float) -> None:
        self._key, self._low, self._high = key, low, high

    def draw(self, rows: RowSource, count: int) -> Floats:
        """Low + (high - low) * u, never outside."""
        out = np.empty(count, np.float64)
        _uniform(rows, self._key, self._low, self._high, out)
        return out


class LatticeFloat:
    """Whole numbers of a law, as low + step * k."""

    def __init__(self, law: Law, low: float, step: float) -> None:
        self._law, self._low, self._step = law, low, step

    def draw(self, rows: RowSource, count: int) -> Floats:
        """Numbers of `count` rows."""
        out = np.empty(count, np.float64)
        _lattice(self._law.draw(rows, count), self._low, self._step, out)
        return out


@compiled
def _uniform(rows: RowSource, key: np.uint64, low: float, high: float, out: Floats) -> None:
    width = high - low
    for i in range(len(out)):
        out[i] = min(max(low + width * unit(mix(row_at(rows, i) + key)), low), high)


@compiled
def _lattice(steps: Integers, low: float, step: float, out: Floats) -> None:
    for i in range(len(out)):
        out[i] = low + step * np.float64(steps[i])
