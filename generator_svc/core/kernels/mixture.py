"""Mixtures: each row takes the value of one of several kernels, chosen by weight."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from generator_svc.core.kernels.choices import Weighted
from generator_svc.core.kernels.few_texts import plain
from generator_svc.core.kernels.kernel import Kernel, row_range
from generator_svc.core.primitives import Rows


class MixtureKernel:
    """Values of `parts`, all of one type; the choice and each part have keys of their own."""

    def __init__(self, key: np.uint64, weights: Sequence[float], parts: Sequence[Kernel]) -> None:
        self.arrow_type = parts[0].arrow_type
        self._choice, self._parts = Weighted(key, weights), parts

    def cells(self, rows: Rows) -> pa.Array:
        """Values of any rows: those of each part, put back into the rows' order."""
        chosen = self._choice.draw(rows, len(rows))
        used = [number for number in range(len(self._parts)) if (chosen == number).any()]
        pieces = [plain(self._parts[number].cells(rows[chosen == number])) for number in used]
        if len(pieces) <= 1:
            return pieces[0] if pieces else pa.array([], self.arrow_type)
        back = np.argsort(np.argsort(chosen, kind="stable"), kind="stable")
        return pa.concat_arrays(pieces).take(pa.array(back))

    def span(self, first: int, count: int) -> pa.Array:
        """Values of rows first … first + count - 1."""
        return self.cells(row_range(first, count))
