"""Skewed, bounded and counting laws: shapes, tails, bounds, digits. Seeds are fixed: a failure is a defect."""

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels import continuous
from generator_svc.core.kernels.continuous import Continuous, Curve, Window
from generator_svc.core.kernels.zipf import Zipf
from generator_svc.core.primitives import derive_key
from generator_svc.core.rules import (
    BetaRule,
    Bounds,
    BoundsMode,
    ExponentialRule,
    GammaRule,
    LognormalRule,
    MixturePart,
    MixtureRule,
    NormalRule,
    ParetoRule,
    PoissonRule,
    Rule,
    UniformRule,
)
from generator_svc.core.spec import LogicalType
from tests.generator_svc.core.catalog import BIGINT, DOUBLE, INT, MONEY, REAL, WIDE, one_column, plan, text

ROWS = 1_000_000
CURVES: dict[str, tuple[Curve, Any]] = {
    "lognormal": (continuous.lognormal(1.0, 0.5), stats.lognorm(0.5, scale=math.e)),
    "exponential": (continuous.exponential(3.0), stats.expon(scale=3.0)),
    "pareto": (continuous.pareto(2.0, 1.5), stats.pareto(1.5, scale=2.0)),
    "gamma": (continuous.gamma(2.5, 4.0), stats.gamma(2.5, scale=4.0)),
    "gamma below one": (continuous.gamma(0.2, 1.0), stats.gamma(0.2)),
    "gamma of a large shape": (continuous.gamma(5_000.0, 0.01), stats.gamma(5_000.0, scale=0.01)),
    "beta": (continuous.beta(2.0, 5.0), stats.beta(2.0, 5.0)),
    "beta of two heaps": (continuous.beta(0.5, 0.3), stats.beta(0.5, 0.3)),
    "beta of a large shape": (continuous.beta(900.0, 30.0), stats.beta(900.0, 30.0)),
}


def cells(logical: LogicalType, rule: Rule, rows: int = 20_000) -> pa.Array:
    return plan([one_column(logical, rule)], {"t": rows}).batch("t", 0, rows).column("c")


@pytest.mark.parametrize("name", CURVES)
def test_laws_have_their_shape_and_their_tails(name: str) -> None:
    """Kolmogorov-Smirnov for the shape; it does not notice lost tails, so they are counted out to 5 sigma."""
    curve, law = CURVES[name]
    found = Continuous(derive_key(name), curve, Window(-math.inf, math.inf)).draw(np.uint64(0), ROWS)
    assert stats.kstest(found, law.cdf).pvalue > 1e-4
    for sigma in (2.0, 3.0, 4.0, 5.0):
        expected = ROWS * stats.norm.sf(sigma)
        for count in ((found > law.isf(stats.norm.sf(sigma))).sum(), (found < law.ppf(stats.norm.sf(sigma))).sum()):
            assert abs(int(count) - expected) < 5 * math.sqrt(expected) + 3


@pytest.mark.parametrize("name", CURVES)
def test_quantiles_are_right_in_every_octave_and_never_fall(name: str) -> None:
    """Bounds are found by bisection on the hash; what lies beyond 5 sigma is right to a millionth too."""
    curve, law = CURVES[name]
    for exponent in range(1, 60, 2):
        tail = int(1.3 * 2 ** (63 - exponent))
        assert law.cdf(curve.at(tail)) == pytest.approx((tail + 0.5) / 2**64, rel=2e-6)
    values = [curve.at(int(each)) for each in np.linspace(0, 2**64 - 2**12, 5_000)]
    assert (np.diff(values) >= -1e-15 * np.abs(values[1:])).all()


@pytest.mark.parametrize(("shape", "other"), [(1e-3, 1e-3), (0.01, 50.0), (1.0, 1e6), (1e5, 1e5), (1e6, 2.0)])
def test_beta_tables_hold_for_extreme_shapes(shape: float, other: float) -> None:
    """Two heaps, one heap, a needle: one construction for all."""
    curve = continuous.beta(shape, other)
    for tail in (2**40, 2**52, 2**60, 2**62, 2**63, 2**64 - 2**62, 2**64 - 2**55):
        if 1e-290 < (x := curve.at(tail)) < 1 - 1e-9:
            assert special.betainc(shape, other, x) == pytest.approx(tail / 2**64, rel=1e-4)


@pytest.mark.parametrize(("mean", "bins"), [(0.3, 6), (4.2, 18), (300.0, 60), (250_000.5, 80)])
def test_poisson_is_poisson(mean: float, bins: int) -> None:
    """Chi-square over cells of counts, and the tail that a table of 16 bits would lose."""
    found = cells(BIGINT, PoissonRule(mean), ROWS).to_numpy()
    edges = np.unique(stats.poisson.ppf(np.linspace(0.002, 0.998, bins), mean))
    counts = np.histogram(found, [-np.inf, *(edges + 0.5), np.inf])[0]
    expected = np.diff([0.0, *stats.poisson.cdf(edges, mean), 1.0]) * ROWS
    assert stats.chisquare(counts, expected).pvalue > 1e-4
    far = stats.poisson.isf(1e-5, mean)
    expected_far = ROWS * stats.poisson.sf(far, mean)
    assert abs((found > far).sum() - expected_far) < 5 * math.sqrt(expected_far) + 3


def test_zipf_is_zipf_at_a_million_rows() -> None:
    """Head, seam and tail, by chi-square over cells of equal mass."""
    ranks, exponent = 10**6, 1.2
    found = Zipf(derive_key("a million"), ranks, exponent).draw(np.uint64(0), ROWS)
    cumulated = np.cumsum(np.arange(1, ranks + 1) ** -exponent)
    cumulated /= cumulated[-1]
    edges = np.unique([*np.searchsorted(cumulated, np.linspace(0.01, 0.99, 60)), ranks - 1])
    counts = np.histogram(found, [-0.5, *(edges + 0.5)])[0]
    assert stats.chisquare(counts, np.diff([0.0, *cumulated[edges]]) * ROWS).pvalue > 1e-4


_POSITIVE = st.floats(0.05, 50)
_RULES: list[Callable[[float, float, Bounds], Rule]] = [
    lambda a, b, bounds: LognormalRule(math.log(a), b / 25, bounds),
    lambda a, _, bounds: ExponentialRule(a, bounds),
    lambda a, b, bounds: GammaRule(a, b, bounds),
    lambda a, b, bounds: BetaRule(a, b, bounds),
    lambda a, b, bounds: ParetoRule(a, b, bounds),
    lambda a, _, bounds: PoissonRule(a, bounds),
]


@given(
    st.sampled_from(_RULES),
    _POSITIVE,
    _POSITIVE,
    st.integers(0, 40),
    st.integers(1, 1000),
    st.sampled_from([INT, MONEY, DOUBLE, REAL, text(8)]),
    st.sampled_from([0.0, 0.1]),
    st.sampled_from(BoundsMode),
)
@settings(deadline=None, max_examples=100)
def test_values_lie_within_bounds_and_any_split_makes_the_same_cells(
    make: Callable[[float, float, Bounds], Rule],
    first: float,
    second: float,
    low: int,
    width: int,
    logical: LogicalType,
    outliers: float,
    mode: BoundsMode,
) -> None:
    """Bounds are promises for every law, type and parameter; outliers keep them too."""
    bounds = Bounds(str(low), str(low + width), mode, None, outliers)
    try:
        made = plan([one_column(logical, make(first, second, bounds))], {"t": 400})
    except ImpossibleRule:
        assert mode is BoundsMode.TRUNCATE, "a clipped law always has values"
        clipped = Bounds(bounds.min, bounds.max, BoundsMode.CLIP)
        values = [float(value) for value in cells(logical, make(first, second, clipped), 400).to_pylist()]
        assert set(values) <= {low, low + width}, "the law has values between the bounds"
        return
    whole = made.batch("t", 0, 400)
    values = [float(value) for value in whole.column("c").to_pylist()]
    assert low <= min(values) <= max(values) <= low + width
    assert made.batch("t", 123, 77).equals(whole.slice(123, 77))
    rows = np.array([399, 0, 200], np.uint64)
    assert made.rows("t", rows).equals(whole.take(pa.array(rows)))


def test_truncated_laws_are_conditioned_on_their_bounds() -> None:
    """No heap at the ends: what is left of the law keeps its shape."""
    found = cells(DOUBLE, GammaRule(2, 10, Bounds("5", "30")), ROWS).to_numpy()
    law = stats.gamma(2, scale=10)
    low, high = law.cdf([5, 30])
    assert stats.kstest(found, lambda x: (law.cdf(x) - low) / (high - low)).pvalue > 1e-4
    counts = np.bincount(cells(INT, PoissonRule(3, Bounds("2", "6")), ROWS).to_numpy())[2:]
    mass = stats.poisson.pmf(np.arange(2, 7), 3)
    assert stats.chisquare(counts, mass / mass.sum() * ROWS).pvalue > 1e-4


def test_clipped_laws_heap_their_tails_at_the_bounds() -> None:
    """The mass beyond a bound sits on it."""
    found = cells(DOUBLE, ExponentialRule(10, Bounds("1", "20", BoundsMode.CLIP)), 200_000).to_numpy()
    assert (found == 1).mean() == pytest.approx(1 - math.exp(-0.1), rel=0.03)
    assert (found == 20).mean() == pytest.approx(math.exp(-2), rel=0.03)


def test_decimals_are_exact_and_as_many_as_asked_for() -> None:
    """Money to the cent; `decimals` coarser than the column; digits of a wide column as far as 64 bits reach."""
    rounded = cells(MONEY, LognormalRule(4, 1, Bounds(decimals=1)), 2_000).to_pylist()
    assert all(value == round(value, 1) for value in rounded)
    assert len({value % 1 for value in rounded}) == 10
    assert {value % 5 for value in cells(REAL, BetaRule(1, 1, Bounds("0", "100", decimals=0)), 500).to_pylist()} == {
        0, 1, 2, 3, 4
    }  # fmt: skip
    wide = cells(WIDE, ParetoRule(1, 0.5), 2_000).to_pylist()
    assert max(wide) > 10**5
    assert all(value >= 1 and isinstance(value, Decimal) for value in wide)


def test_values_round_to_the_nearest_unit() -> None:
    """Chi-square of rounded cells against the law's mass around each whole number."""
    counts = np.bincount(cells(INT, GammaRule(3, 4), ROWS).to_numpy(), minlength=60)[:45]
    mass = np.diff(stats.gamma(3, scale=4).cdf(np.arange(-0.5, 45)))
    assert stats.chisquare([*counts, ROWS - counts.sum()], [*(mass * ROWS), ROWS * (1 - mass.sum())]).pvalue > 1e-4


def test_outliers_lie_ten_times_as_far_and_above_where_a_law_has_a_lowest_value() -> None:
    """A share of rows is far away, none below the law's own beginning."""
    law, share = stats.lognorm(0.5), 0.05
    found = cells(DOUBLE, LognormalRule(0, 0.5, Bounds(outlier_fraction=share)), 200_000).to_numpy()
    assert found.min() > 0
    far = 8.0
    distant = law.sf(1 + (far - 1) / 10) + law.cdf(1 - (far - 1) / 10)
    expected = 200_000 * (share * distant + (1 - share) * law.sf(far))
    assert abs((found > far).sum() - expected) < 5 * math.sqrt(expected)


def test_mixtures_take_their_parts_by_weight() -> None:
    """Two laws far apart: the shares are the weights, each part keeps its shape, weight 0 never comes."""
    parts = (
        MixturePart(3, NormalRule(100, 5)),
        MixturePart(1, NormalRule(1000, 5)),
        MixturePart(0, UniformRule("-9", "-1")),
    )
    found = cells(INT, MixtureRule(parts), ROWS).to_numpy()
    low = found[found < 500]
    assert abs(len(low) - 0.75 * ROWS) < 5 * math.sqrt(ROWS * 0.1875)
    assert found.min() > 0
    for part, mean in ((low, 100), (found[found > 500], 1000)):
        assert part.mean() == pytest.approx(mean, abs=0.1)
        assert part.std() == pytest.approx(5, rel=0.02)


def test_mixtures_nest_and_take_texts() -> None:
    """Any rule of the column's type is a part."""
    inner = MixtureRule((MixturePart(1, UniformRule("1", "9")), MixturePart(1, UniformRule("100", "900"))))
    found = cells(text(6), MixtureRule((MixturePart(1, inner), MixturePart(1, PoissonRule(2)))), 500).to_pylist()
    assert {len(value) for value in found} >= {1, 3}


def test_columns_of_one_law_and_their_nulls_are_independent() -> None:
    """Serial and cross-column correlation of a million rows stay within 5 sigma of none."""
    tables = [one_column(DOUBLE, ExponentialRule(1)), one_column(DOUBLE, GammaRule(1, 1), null_fraction=0.3)]
    one, other = (
        plan([table], {"t": ROWS}, seed=seed).batch("t", 0, ROWS).column(0)
        for table, seed in zip(tables, (1, 2), strict=True)
    )
    assert abs(other.null_count - 0.3 * ROWS) < 3 * math.sqrt(0.21 * ROWS)
    values = one.to_numpy()
    known = other.is_valid().to_numpy(zero_copy_only=False)
    for a, b in ((values[:-1], values[1:]), (values[known], other.drop_null().to_numpy())):
        assert abs(float(np.corrcoef(a, b)[0, 1])) < 5 / math.sqrt(len(a))
