"""Laws of numbers: bounds exact, shapes right, tails present. Seeds are fixed: a failure is a defect, not bad luck."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from generator_svc.core.kernels.choices import literals
from generator_svc.core.kernels.kernel import Integers
from generator_svc.core.kernels.normal import NormalFloat, Shape, quantile_at, quantiles
from generator_svc.core.kernels.powers import exp2, log2
from generator_svc.core.kernels.zipf import Zipf
from generator_svc.core.primitives import derive_key
from generator_svc.core.rules import (
    BooleanRule,
    Bounds,
    BoundsMode,
    Choice,
    NormalRule,
    PermutedRule,
    Rule,
    SequenceRule,
    UniformRule,
    WeightedChoiceRule,
    ZipfRule,
)
from generator_svc.core.spec import LogicalType, TypeKind
from tests.generator_svc.core.catalog import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INT,
    MONEY,
    REAL,
    SMALLINT,
    TIME,
    TIMESTAMP,
    WIDE,
    one_column,
    plan,
    text,
)

KEY = derive_key("tests of laws")
INFINITY = float("inf")


def cells(logical: LogicalType, rule: Rule, rows: int = 20_000) -> pa.Array:
    return plan([one_column(logical, rule)], {"t": rows}).batch("t", 0, rows).column("c")


@given(st.integers(-(2**63), 2**63 - 1), st.integers(0, 2**64))
@settings(deadline=None, max_examples=60)
def test_integers_stay_in_any_range_and_reach_both_ends_of_small_ones(low: int, width: int) -> None:
    """Bounds are promises, up to the whole of 64 bits."""
    high = min(low + width, 2**63 - 1)
    found = cells(BIGINT, UniformRule(str(low), str(high)), 500).to_pylist()
    assert low <= min(found) <= max(found) <= high
    small = cells(BIGINT, UniformRule(str(low), str(min(low + 3, 2**63 - 1))), 500).to_pylist()
    assert {min(small), max(small)} == {low, min(low + 3, 2**63 - 1)}


@pytest.mark.parametrize("size", [6, 1000, 3 * 10**9, 2**63])
def test_integers_are_even(size: int) -> None:
    """32-bit draws give some values of 3 * 10^9 double weight: compare thirds of neighbours, and the whole range."""
    found = cells(BIGINT, UniformRule("0", str(size - 1)), 60_000).to_numpy()
    counts = np.bincount((found.astype(np.float64) / size * 6).astype(int), minlength=6)
    assert stats.chisquare(counts).pvalue > 1e-4
    assert stats.chisquare(np.bincount(found % 3)).pvalue > 1e-4


@pytest.mark.parametrize(
    ("logical", "low", "high"),
    [
        (SMALLINT, "-7", "9"),
        (INT, "-2147483648", "2147483647"),
        (MONEY, "-0.05", "0.07"),
        (WIDE, "-3.00000000000000000001", "12345.5"),
        (DATE, "1899-12-31", "1900-01-02"),
        (TIMESTAMP, "1969-12-31T23:59:58", "1970-01-01T00:00:03"),
        (TIME, "23:59:57", "23:59:59"),
        (DOUBLE, "-1.5", "2.5"),
        (REAL, "0", "1"),
    ],
)
def test_uniform_values_lie_within_their_bounds(logical: LogicalType, low: str, high: str) -> None:
    """Text bounds are exact for every type; values come back as what they are."""
    found = cells(logical, UniformRule(low, high), 2_000)
    first, last = literals(logical, [low, high]).to_pylist()
    values = found.to_pylist()
    assert first <= min(values) <= max(values) <= last
    assert len(set(values)) > 2


def test_moments_are_whole_seconds_where_the_bounds_are() -> None:
    """Nobody's order was placed at microsecond 481516; a day as an end means all of it."""
    whole = cells(TIMESTAMP, UniformRule("2024-02-29", "2024-02-29")).cast(pa.int64()).to_numpy()
    assert (whole % 1_000_000 == 0).all()
    assert whole.max() - whole.min() == pytest.approx(86_400e6, rel=0.001)
    fine = cells(TIMESTAMP, UniformRule("2024-02-29T00:00:00.000001", "2024-03-01")).cast(pa.int64()).to_numpy()
    assert (fine % 1_000_000 != 0).any()


def test_decimals_are_exact_beyond_64_bits() -> None:
    """38 digits are written as they are, not through a float."""
    found = cells(WIDE, UniformRule("99999999999999999.00000000000000000001", "99999999999999999.00000000000000000003"))
    assert {value - Decimal("99999999999999999") for value in found.to_pylist()} == {
        Decimal(n).scaleb(-20) for n in (1, 2, 3)
    }


def test_a_sequence_counts_in_its_steps() -> None:
    """Up, down, in decimals and as text."""
    assert cells(INT, SequenceRule(10, -3), 4).to_pylist() == [10, 7, 4, 1]
    assert cells(MONEY, SequenceRule(1, -2), 3).to_pylist() == [Decimal(1), Decimal(-1), Decimal(-3)]
    assert cells(text(5), SequenceRule(8, 1), 4).to_pylist() == ["8", "9", "10", "11"]
    assert cells(DOUBLE, SequenceRule(0, 5), 3).to_pylist() == [0.0, 5.0, 10.0]


def test_a_decimal_counts_whole_numbers_whatever_its_scale() -> None:
    """With 20 digits after the point a step of one exceeds a machine word."""
    fine = LogicalType(TypeKind.DECIMAL, precision=38, scale=20)
    made = plan([one_column(fine, SequenceRule(-1, -3))], {"t": 3}).batch("t", 0, 3).column(0).to_pylist()
    assert made == [Decimal(-1), Decimal(-4), Decimal(-7)]
    made = plan([one_column(fine, PermutedRule(10**17, 10**17 + 2))], {"t": 3}).batch("t", 0, 3).column(0).to_pylist()
    assert sorted(made) == [Decimal(10**17 + step) for step in range(3)]


def test_counting_reaches_both_ends_of_a_type() -> None:
    """One step further is refused; the last value itself is not."""
    for rule in (SequenceRule(-(2**15)), SequenceRule(2**15 - 1, -1), PermutedRule(-(2**15), 2**15 - 1)):
        rows = 2**16
        made = plan([one_column(SMALLINT, rule)], {"t": rows}).batch("t", 0, rows).column(0).to_numpy()
        assert sorted(made) == list(range(-(2**15), 2**15))


def test_permuted_integers_are_distinct_and_within() -> None:
    """A range of its own, or exactly the rows."""
    assert sorted(cells(INT, PermutedRule(), 1000).to_pylist()) == list(range(1, 1001))
    found = cells(BIGINT, PermutedRule(-5, 10**15), 1000).to_pylist()
    assert len(set(found)) == 1000
    assert min(found) >= -5
    assert max(found) > 10**14


def test_the_normal_table_is_the_normal_law() -> None:
    """Every octave of both tails, to seven digits."""
    for exponent in range(1, 64):
        for part in (1.0, 1.3, 1.77):
            tail = int(part * 2 ** (63 - exponent))
            z = float(quantile_at(np.uint64(tail), quantiles()))
            assert z == pytest.approx(stats.norm.ppf((tail + 0.5) / 2**64), rel=1e-6, abs=1e-7)
            assert float(quantile_at(np.uint64(2**64 - 1 - tail), quantiles())) == -z


def test_the_normal_table_never_falls() -> None:
    """Bounds are found by bisection on the hash."""
    hashes = np.sort(np.random.default_rng(0).integers(0, 2**64 - 1, 20_000, dtype=np.uint64))
    z = [float(quantile_at(each, quantiles())) for each in hashes]
    assert (np.diff(z) >= 0).all()


def test_normal_draws_have_their_tails() -> None:
    """A Kolmogorov-Smirnov test does not notice a law that ends at 4.3 sigma: count beyond 3, 4 and 5."""
    rows = 20_000_000
    z = NormalFloat(KEY, Shape(0.0, 1.0, -INFINITY, INFINITY)).draw(np.uint64(0), rows)
    assert stats.kstest(z[:200_000], "norm").pvalue > 1e-4
    for sigma in (3.0, 4.0, 4.5, 5.0):
        expected = 2 * rows * stats.norm.sf(sigma)
        assert abs(int((np.abs(z) > sigma).sum()) - expected) < 5 * np.sqrt(expected)


def test_truncation_conditions_and_clipping_heaps() -> None:
    """Truncated: no heap at the ends; clipped: the tails' mass sits there."""
    bounds = Bounds("140", "160")
    truncated = cells(INT, NormalRule(150, 10, bounds), 50_000).to_numpy()
    clipped = cells(INT, NormalRule(150, 10, Bounds("140", "160", BoundsMode.CLIP)), 50_000).to_numpy()
    for found in (truncated, clipped):
        assert found.min() == 140
        assert found.max() == 160
    whole = np.arange(140, 161)
    mass = stats.norm.cdf(whole + 0.5, 150, 10) - stats.norm.cdf(whole - 0.5, 150, 10)
    counts = np.bincount(truncated - 140)
    assert stats.chisquare(counts, mass / mass.sum() * 50_000).pvalue > 1e-4
    assert (clipped == 140).mean() == pytest.approx(stats.norm.cdf(140.5, 150, 10), rel=0.05)


def test_normal_decimals_keep_mean_spread_and_scale() -> None:
    """Amounts of 150 give or take 50, to the cent, or to `decimals`."""
    found = np.array([float(value) for value in cells(MONEY, NormalRule(150, 50)).to_pylist()])
    assert found.mean() == pytest.approx(150, abs=1.5)
    assert found.std() == pytest.approx(50, rel=0.02)
    coarse = cells(MONEY, NormalRule(150, 50, Bounds(decimals=0)), 500).to_pylist()
    assert all(value == int(value) for value in coarse)
    rounded = cells(DOUBLE, NormalRule(0, 1, Bounds(decimals=1)), 500).to_pylist()
    assert all(value == round(value, 1) for value in rounded)


def test_outliers_are_drawn_ten_times_as_far() -> None:
    """The share that was asked for, not one row more than chance allows."""
    found = np.abs(cells(DOUBLE, NormalRule(0, 1, Bounds(outlier_fraction=0.02)), 100_000).to_numpy())
    expected = 100_000 * (0.02 * 2 * stats.norm.sf(0.6) + 0.98 * 2 * stats.norm.sf(6))
    assert (found > 6).sum() == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize(("exponent", "ranks"), [(1.1, 100_000), (1.0, 50), (0.5, 10**6), (2.5, 1000), (1.01, 65)])
def test_zipf_is_zipf(exponent: float, ranks: int) -> None:
    """Head, seam between head and tail, and tail, by chi-square over cells of equal mass."""
    rows = 300_000
    found = Zipf(KEY, ranks, exponent).draw(np.uint64(0), rows)
    cumulated = np.cumsum(np.arange(1, ranks + 1) ** -float(exponent))
    cumulated /= cumulated[-1]
    edges = np.unique([*np.searchsorted(cumulated, np.linspace(0.03, 0.97, 40)), ranks - 1])
    expected = np.diff([0.0, *cumulated[edges]]) * rows
    counts = np.histogram(found, [-0.5, *(edges + 0.5)])[0]
    assert stats.chisquare(counts, expected).pvalue > 1e-4


def test_zipf_needs_no_table_of_its_size() -> None:
    """10^15 ranks cost what ten do, and the last ones are reached."""
    found: Integers = Zipf(KEY, 10**15, 0.2).draw(np.uint64(0), 10_000)
    assert found.min() >= 0
    assert 9 * 10**14 < found.max() < 10**15
    assert (Zipf(KEY, 1, 2.0).draw(np.uint64(0), 100) == 0).all()
    assert min(cells(INT, ZipfRule(1.5, 10)).to_pylist()) == 1


def test_powers_are_right_without_a_math_library() -> None:
    """To twelve digits over the whole range that the laws use."""
    for x in np.geomspace(1e-200, 1e200, 500):
        assert log2(float(x)) == pytest.approx(np.log2(x), rel=1e-12, abs=1e-12)
    for y in np.linspace(-900, 900, 500):
        assert exp2(float(y)) == pytest.approx(np.exp2(y), rel=1e-12)


def test_choices_follow_their_weights_down_to_the_rare() -> None:
    """One in ten thousand is one in ten thousand: a coarse table would lose it."""
    rule = WeightedChoiceRule((Choice("common", 9_000), Choice("some", 999), Choice("rare", 1), Choice("never", 0)))
    found = cells(text(10), rule, 500_000).to_pylist()
    assert found.count("common") == pytest.approx(450_000, rel=0.01)
    assert 20 < found.count("rare") < 85
    assert found.count("never") == 0


def test_booleans_follow_their_probability() -> None:
    """Exact at the ends."""
    assert cells(BOOLEAN, BooleanRule(0.25), 100_000).true_count == pytest.approx(25_000, rel=0.03)
    assert cells(BOOLEAN, BooleanRule(0.0), 1001).true_count == 0
    assert cells(BOOLEAN, BooleanRule(1.0), 1001).true_count == 1001
