"""Continuous laws: the quantile of a 64-bit hash. A score is drawn, laid on a line, and carried to the law by a link.

| law | score | link | source |
|---|---|---|---|
| lognormal | normal quantile z | e^(mu + sigma z) | the law's definition |
| exponential | -log2(1 - u) | mean ln 2 score | inverse of 1 - e^(-x / mean) |
| pareto | -log2(1 - u) | minimum 2^(score / alpha) | inverse of 1 - (minimum / x)^alpha |
| gamma | octave table of ln x | scale e^score | integrated density |
| beta | octave table of ln(x / (1 - x)) | 1 / (1 + e^-score) | integrated density |

A quantile never falls as the hash rises, so that bounds of values are bounds of the hash: a truncated law draws its
hash from the interval whose values lie within.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from generator_svc.core.kernels.densities import BETA, GAMMA, LN_2, LOG2_E, Density
from generator_svc.core.kernels.floats import FloatLaw, Floats
from generator_svc.core.kernels.kernel import Integers, RowSource, row_at
from generator_svc.core.kernels.normal import limit, quantile_at, quantiles
from generator_svc.core.kernels.octaves import octave_quantile, octave_table
from generator_svc.core.kernels.powers import exp2, log2
from generator_svc.core.primitives import compiled, mix, multiply_high

HASHES: Final = 1 << 64
_LAST: Final = np.uint64(HASHES - 1)
_NORMAL: Final = 0
_BITS: Final = 1
_TABLE: Final = 2
_STRAIGHT: Final = 0
_POWER: Final = 1
_LOGISTIC: Final = 2
_FARTHEST: Final = 1000.0
_OUTLIER: Final = 10.0
_WHOLE: Final = 2.0**63 - 1024.0


class Line(NamedTuple):
    """How a score becomes a value: base + width * link(shift + slope * score); `flip` reads the hash from its end."""

    score: int
    link: int
    shift: float
    slope: float
    base: float
    width: float
    flip: np.uint64


@dataclass(frozen=True, slots=True)
class Curve:
    """A law's quantiles; `above` says that its outliers lie only above the middle: it has a lowest value."""

    line: Line
    table: Floats
    above: bool = True

    def at(self, hash64: int) -> float:
        """Quantile at the probability (hash + 1/2) / 2^64."""
        return float(_value(np.uint64(hash64), self.line, self.table))

    def scaled(self, base: float, width: float) -> "Curve":
        """Carry the curve from its own scale: base + width * value."""
        line = self.line
        return replace(self, line=line._replace(base=base + width * line.base, width=width * line.width))

    def first_hash(self, holds: Callable[[float], bool]) -> int:
        """Smallest hash whose value satisfies a condition that never ceases to hold; 2^64 if none does."""
        low, high = 0, HASHES
        while low < high:
            middle = (low + high) // 2
            if holds(self.at(middle)):
                high = middle
            else:
                low = middle + 1
        return low


def _line(score: int, link: int, shift: float, slope: float, width: float = 1.0) -> Line:
    return Line(score, link, float(shift), float(slope), 0.0, float(width), np.uint64(0))


def lognormal(mu: float, sigma: float) -> Curve:
    """e^(mu + sigma z), z normal."""
    return Curve(_line(_NORMAL, _POWER, mu * LOG2_E, sigma * LOG2_E), quantiles())


def exponential(mean: float) -> Curve:
    """-mean ln(1 - u)."""
    return Curve(_line(_BITS, _STRAIGHT, 0.0, 1.0, mean * LN_2), quantiles())


def pareto(minimum: float, alpha: float) -> Curve:
    """Minimum (1 - u)^(-1 / alpha)."""
    return Curve(_line(_BITS, _POWER, 0.0, 1.0 / alpha, minimum), quantiles())


def gamma(shape: float, scale: float) -> Curve:
    """Density x^(shape - 1) e^(-x / scale)."""
    table = octave_table(Density(GAMMA, float(shape), 0.0))
    return Curve(_line(_TABLE, _POWER, float(log2(float(shape))), LOG2_E, scale), table)


def beta(alpha: float, beta: float) -> Curve:
    """Density x^(alpha - 1) (1 - x)^(beta - 1) on [0, 1]; of two mirrored laws one table is made."""
    low, high = float(min(alpha, beta)), float(max(alpha, beta))
    table, shift = octave_table(Density(BETA, low, high)), float(log2(low / high))
    line = _line(_TABLE, _LOGISTIC, shift, LOG2_E)
    if alpha > beta:
        line = line._replace(shift=-shift, slope=-LOG2_E, flip=_LAST)
    return Curve(line, table, above=False)


@dataclass(frozen=True, slots=True)
class Window:
    """Limits of the values, the hashes that fall within, digits (`grain` > 0 rounds to multiples of 1 / grain)."""

    low: float
    high: float
    first_hash: int = 0
    hashes: int = HASHES
    grain: float = 0.0
    outlier_fraction: float = 0.0


class Continuous:
    """Real numbers of a law within a window; an outlier is ten times as far from the median."""

    def __init__(self, key: np.uint64, curve: Curve, window: Window) -> None:
        self._key, self._curve, self._window = key, curve, window
        self._outliers = outlier_hashes(window.outlier_fraction)
        self._middle = curve.at(HASHES // 2)

    def draw(self, rows: RowSource, count: int) -> Floats:
        """Numbers of `count` rows."""
        window, out = self._window, np.empty(count, np.float64)
        first, width = np.uint64(window.first_hash), np.uint64(window.hashes % HASHES)
        line, table, middle = self._curve.line, self._curve.table, self._middle
        _draw(rows, self._key, line, table, first, width, self._outliers, middle, self._curve.above, out)
        limit(out, window.low, window.high, window.grain)
        return out


class Rounded:
    """Whole numbers nearest to a law's, halves to even."""

    def __init__(self, law: FloatLaw) -> None:
        self._law = law

    def draw(self, rows: RowSource, count: int) -> Integers:
        """Numbers of `count` rows."""
        values = self._law.draw(rows, count)
        return np.rint(np.clip(values, -_WHOLE, _WHOLE)).astype(np.int64)


def outlier_hashes(fraction: float) -> np.uint64:
    """Hashes below this are outliers."""
    return np.uint64(min(int(fraction * 2.0**64), HASHES - 1))


@compiled
def _value(hash64: np.uint64, line: Line, table: Floats) -> float:
    hash64 ^= line.flip
    if line.score == _NORMAL:
        score = float(quantile_at(hash64, table))
    elif line.score == _TABLE:
        score = float(octave_quantile(hash64, table))
    else:
        score = 64.0 - log2(float(hash64 ^ _LAST) + 0.5)
    score = line.shift + line.slope * score
    if line.link == _POWER:
        score = exp2(min(max(score, -_FARTHEST), _FARTHEST))
    elif line.link == _LOGISTIC:
        score = 1.0 / (1.0 + exp2(min(max(-score, -_FARTHEST), _FARTHEST)))
    return line.base + line.width * score


@compiled
def _draw(
    rows: RowSource,
    key: np.uint64,
    line: Line,
    table: Floats,
    first: np.uint64,
    width: np.uint64,
    outliers: np.uint64,
    middle: float,
    above: bool,
    out: Floats,
) -> None:
    for i in range(len(out)):
        h = mix(row_at(rows, i) + key)
        value = _value(first + multiply_high(h, width) if width != np.uint64(0) else h, line, table)
        if outliers > np.uint64(0) and mix(h) < outliers:
            far = value - middle
            value = middle + _OUTLIER * (abs(far) if above else far)
        out[i] = value
