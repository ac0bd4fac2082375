"""How likely it is that data as far from its law come from it: p-values, exact or never too small."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from scipy import special

from generator_svc.quality.claims import Law, Numbers

_EXACT_ROWS: Final = 1_000
_LEAST_EXPECTED: Final = 5.0


def share_p_value(hits: int, rows: int, share: float) -> float:
    """Two-sided binomial test."""
    if not 0.0 < share < 1.0:
        return 1.0 if hits == round(rows * share) else 0.0
    below = float(special.bdtr(hits, rows, share))
    above = float(special.bdtrc(hits - 1, rows, share)) if hits else 1.0
    return min(1.0, 2.0 * min(below, above))


def law_p_value(values: Numbers, law: Law) -> float:
    """Kolmogorov and Smirnov's test; with rounded values it errs to the law's side."""
    found, counts = np.unique(values, return_counts=True)
    upto = np.cumsum(counts) / len(values)
    before = upto - counts / len(values)
    at, below = cumulative(law, found)
    distance = max(float(np.max(upto - at)), float(np.max(below - before)), 0.0)
    if len(values) <= _EXACT_ROWS:
        return min(1.0, 2.0 * float(special.smirnov(len(values), min(distance, 1.0))))
    return float(special.kolmogorov(np.sqrt(len(values)) * distance))


def cumulative(law: Law, values: Numbers) -> tuple[Numbers, Numbers]:
    """Probability of at most each value, and of less than it."""
    half = law.grain / 2
    if law.clip:
        at = np.where(values >= law.high, 1.0, np.where(values < law.low, 0.0, law.cdf(values + half)))
        below = np.where(values > law.high, 1.0, np.where(values <= law.low, 0.0, law.cdf(values - half)))
        return at, below
    first, last = law.cdf(np.array([law.low - half, law.high + half]))
    spread = last - first
    return (
        np.clip((law.cdf(values + half) - first) / spread, 0.0, 1.0),
        np.clip((law.cdf(values - half) - first) / spread, 0.0, 1.0),
    )


def mass(law: Law) -> float:
    """Probability that a law has within its limits."""
    first, last = law.cdf(np.array([law.low - law.grain / 2, law.high + law.grain / 2]))
    return float(last - first)


def shares_p_value(counts: Mapping[str, int], shares: Mapping[str, float]) -> float | None:
    """Pearson's chi-square test; rare values are counted together. None where there are too few rows."""
    rows = sum(counts.get(value, 0) for value in shares)
    cells = sorted((share * rows, float(counts.get(value, 0))) for value, share in shares.items() if share > 0.0)
    while len(cells) > 1 and cells[0][0] < _LEAST_EXPECTED:
        (first, seen), (second, also) = cells[:2]
        cells = sorted([(first + second, seen + also), *cells[2:]])
    if len(cells) < 2:
        return None
    expected, found = np.array(cells).T
    return float(special.chdtrc(len(cells) - 1, np.sum((found - expected) ** 2 / expected)))


def rank_correlation(first: Numbers, second: Numbers) -> float:
    """Spearman's coefficient; equal values share their middle rank."""
    return float(np.corrcoef(_ranks(first), _ranks(second))[0, 1])


def _ranks(values: Numbers) -> Numbers:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Numbers = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return ranks
