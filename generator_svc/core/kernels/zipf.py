"""Zipf's law over 1 … n for any n, without a table of size n.

The first 64 ranks are exact. Behind them the sum of j^-s is C + G(k + 1/2) with the midpoint form of Euler-Maclaurin,
G(x) = (x^(1-s) - 1) / (1-s) + s/24 x^(-1-s); a rank is the inverse of G, one power and one Newton step (-s/24 / x).
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from generator_svc.core.kernels.kernel import Integers, RowSource, row_at
from generator_svc.core.kernels.powers import power
from generator_svc.core.primitives import compiled, mix, unit

_HEAD: Final = 64
_NEAR_ONE: Final = 1e-9


class Zipf:
    """Ranks 0 … ranks - 1, rank k with weight (k + 1)^-exponent."""

    def __init__(self, key: np.uint64, ranks: int, exponent: float) -> None:
        # At exponent 1 the formula divides by zero; the next exponent beside it is indistinguishable.
        self._exponent = exponent if abs(exponent - 1.0) >= _NEAR_ONE else 1.0 + _NEAR_ONE
        self._key, self._ranks = key, ranks
        self._head = np.empty(min(_HEAD, ranks), np.float64)
        self._total = float(_weigh(self._exponent, float(ranks), self._head))

    def draw(self, rows: RowSource, count: int) -> Integers:
        """Ranks of `count` rows."""
        out = np.empty(count, np.int64)
        _ranks(rows, self._key, self._head, self._total, self._exponent, float(self._ranks), out)
        return out


@compiled
def _mass(x: float, s: float) -> float:
    return (power(x, 1.0 - s) - 1.0) / (1.0 - s) + s / 24.0 * power(x, -1.0 - s)


@compiled
def _weigh(s: float, ranks: float, head: npt.NDArray[np.float64]) -> float:
    """Fill `head` with the cumulative weights of the first ranks; the sum of all weights."""
    total = 0.0
    for k in range(len(head)):
        total += power(float(k + 1), -s)
        head[k] = total
    if ranks > len(head):
        total += _mass(ranks + 0.5, s) - _mass(len(head) + 0.5, s)
    return total


@compiled
def _ranks(
    rows: RowSource,
    key: np.uint64,
    head: npt.NDArray[np.float64],
    total: float,
    s: float,
    ranks: float,
    out: Integers,
) -> None:
    """Invert the tail for all rows, which vectorises, then put the rows of the head right."""
    q, correction = 1.0 - s, s / 24.0
    inverse_q = 1.0 / q
    start = _mass(64.5, s)
    head_mass = head[-1]
    for i in range(len(out)):
        target = unit(mix(row_at(rows, i) + key)) * total - head_mass + start
        x = max(power(max(1.0 + q * target, 1e-300), inverse_q), 1.0)
        out[i] = np.int64(min(max(np.ceil(x - correction / x - 0.5), 1.0), ranks)) - 1
    for i in range(len(out)):
        target = unit(mix(row_at(rows, i) + key)) * total
        if target <= head_mass:
            k = min(out[i], len(head) - 1)
            while k > 0 and target <= head[k - 1]:
                k -= 1
            while target > head[k]:
                k += 1
            out[i] = k
