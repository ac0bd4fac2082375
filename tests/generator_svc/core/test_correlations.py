"""Correlated columns: the ranks move together as asked, each column keeps its own law, nothing else follows."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from generator_svc.core.correlations import normal_correlation
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.copula import _knots, hash_of_quantile, rows_of_hashes, unmix
from generator_svc.core.kernels.normal import quantile_at, quantiles
from generator_svc.core.primitives import mix
from generator_svc.core.rules import (
    Bounds,
    ConstantRule,
    DerivedRule,
    NormalRule,
    Rule,
    SequenceRule,
    UniformRule,
    ZipfRule,
)
from generator_svc.core.spec import ColumnSpec, Correlation, LogicalType, TableSpec
from tests.generator_svc.core.catalog import BIGINT, DATE, DOUBLE, INT, MONEY, key, plan

ROWS = 1_000_000
ASKED = np.array([[1, 0.9, -0.5, 0.3], [0.9, 1, -0.3, 0.2], [-0.5, -0.3, 1, 0], [0.3, 0.2, 0, 1]])
COLUMNS: dict[str, tuple[LogicalType, Rule | None]] = {
    "a": (DOUBLE, NormalRule(0, 1)),
    "b": (DOUBLE, UniformRule("0", "1")),
    "c": (MONEY, NormalRule(1000, 200, Bounds("0", "5000"))),
    "d": (BIGINT, UniformRule("0", "1000000000")),
    "alone": (DOUBLE, NormalRule(0, 1)),
}


def table(matrix: np.ndarray = ASKED, names: str = "abcd", **columns: tuple[LogicalType, Rule | None]) -> TableSpec:
    """Table `t` whose columns `names` are correlated."""
    made = tuple(ColumnSpec(name, kind, rule=rule) for name, (kind, rule) in (COLUMNS | columns).items())
    return TableSpec("t", made, correlations=(Correlation(tuple(names), tuple(np.ravel(matrix).tolist())),))


@pytest.fixture(scope="module")
def drawn() -> dict[str, np.ndarray]:
    batch = plan([table()], {"t": ROWS}).batch("t", 0, ROWS)
    return {name: batch.column(name).cast("double").to_numpy() for name in batch.schema.names}


@pytest.fixture(scope="module")
def ranks(drawn: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Place of every value among those of its column: Spearman's correlation is Pearson's of these."""
    return {name: stats.rankdata(values) for name, values in drawn.items()}


def test_rank_correlations_are_what_was_asked_for(ranks: dict[str, np.ndarray]) -> None:
    """Within 0.02 of the matrix, whatever the laws of the columns."""
    found = np.corrcoef([ranks[name] for name in "abcd"])
    assert np.abs(found - ASKED).max() < 0.005


def test_every_column_keeps_its_law(drawn: dict[str, np.ndarray]) -> None:
    """A copula moves ranks, not marginals."""
    assert stats.kstest(drawn["a"], "norm").pvalue > 1e-4
    assert stats.kstest(drawn["b"], "uniform").pvalue > 1e-4
    assert stats.kstest(drawn["d"] / 1e9, "uniform").pvalue > 1e-4
    expected = 2 * stats.norm.sf(4) * ROWS
    assert abs((np.abs(drawn["a"]) > 4).sum() - expected) < 5 * np.sqrt(expected)


def test_rows_and_other_columns_stay_independent(ranks: dict[str, np.ndarray]) -> None:
    """Only the group moves together, and only within a row."""
    for name in "abcd":
        assert abs(np.corrcoef(ranks[name], ranks["alone"])[0, 1]) < 0.005
        assert abs(np.corrcoef(ranks[name][1:], ranks[name][:-1])[0, 1]) < 0.005


@settings(deadline=None, max_examples=20)
@given(st.floats(-0.99, 0.99), st.integers(0, 10**12), st.integers(1, 300))
def test_any_rows_have_the_same_cells(rho: float, first: int, count: int) -> None:
    """Far away, one by one or together."""
    made = plan([table(np.array([[1, rho], [rho, 1]]), "ab")], {"t": 10**12 + 1_000})
    whole = made.batch("t", first, count)
    order = np.random.default_rng(count).permutation(count)
    assert made.rows("t", (first + order).astype(np.uint64)).equals(whole.take(order))


def test_the_hash_of_a_quantile_has_that_quantile() -> None:
    """The normal table, inverted: through the tails, and never falling."""
    table, rng = quantiles(), np.random.default_rng(7)
    for hashed in [0, 1, 2**63 - 1, 2**63, 2**64 - 1, *rng.integers(0, 2**64, 2_000, np.uint64).tolist()]:
        z = float(quantile_at(np.uint64(hashed), table))
        found = int(hash_of_quantile(z, table, _knots()))
        assert abs(found - hashed) <= 2 + min(hashed, 2**64 - 1 - hashed) * 1e-14
    rising = [int(hash_of_quantile(float(y), table, _knots())) for y in np.linspace(-9.5, 9.5, 5_001)]
    assert all(a <= b for a, b in pairwise(rising))


def test_the_hash_function_is_inverted_exactly() -> None:
    """Every row has a hash of its own, and every hash a row."""
    hashes = np.random.default_rng(3).integers(0, 2**64, 1_000, np.uint64)
    key_ = np.uint64(0xFEDCBA9876543210)
    rows = rows_of_hashes(hashes, key_)
    assert [int(mix(np.uint64((int(row) + int(key_)) % 2**64))) % 2**64 for row in rows] == hashes.tolist()
    assert int(unmix(np.uint64(mix(np.uint64(2**63 + 5))))) == 2**63 + 5


def test_the_series_is_the_sine() -> None:
    """2 sin(pi rho / 6), without the math library."""
    for rho in np.linspace(-1, 1, 201):
        assert normal_correlation(float(rho)) == pytest.approx(2 * np.sin(np.pi * rho / 6), abs=1e-15)


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        ([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]], "no data can have"),
        ([[1, 1, 0], [1, 1, 0], [0, 0, 1]], "no data can have"),
        ([[1, 0.5, 0], [0.4, 1, 0], [0, 0, 1]], "row 0, column 1"),
        ([[0.5, 0, 0], [0, 1, 0], [0, 0, 1]], "row 0, column 0"),
        ([[1, 2, 0], [2, 1, 0], [0, 0, 1]], "2 in row 0"),
        ([[1, 0], [0, 1]], "4 numbers for 3 columns"),
    ],
)
def test_matrices_that_no_data_has_are_refused(matrix: list[list[float]], words: str) -> None:
    """Clipping one to the nearest turned 0.9 into 0.48."""
    with pytest.raises(ImpossibleRule) as caught:
        plan([table(np.array(matrix), "abc")], {"t": 10})
    assert words in caught.value.message
    assert caught.value.message.startswith("t: correlation of a, b, c: ")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("kind", "rule", "names"),
    [
        (DATE, None, "ax"),
        (INT, SequenceRule(), "ax"),
        (INT, ConstantRule("1"), "ax"),
        (INT, DerivedRule("d + 1"), "ax"),
        (DOUBLE, NormalRule(0, 1, Bounds(outlier_fraction=0.1)), "ax"),
        (INT, None, "aa"),
        (INT, None, "ay"),
        (INT, None, "a"),
    ],
)
def test_columns_that_do_not_follow_one_draw_are_refused(kind: LogicalType, rule: Rule | None, names: str) -> None:
    """Numbers under a law, each in one group."""
    matrix = np.eye(len(names))
    with pytest.raises(ImpossibleRule):
        plan([table(matrix, names, x=(kind, rule))], {"t": 10})


def test_keys_are_refused() -> None:
    """Their values are a bijection or a parent's."""
    pair = (Correlation(("a", "b"), (1, 0.5, 0.5, 1)),)
    columns = (ColumnSpec("a", INT), ColumnSpec("b", INT))
    parent = TableSpec("p", (ColumnSpec("id", INT),), primary_key=("id",))
    for facts in ({"primary_key": ("a",)}, {"unique_keys": (("a", "b"),)}, {"foreign_keys": (key("b", "p"),)}):
        with pytest.raises(ImpossibleRule, match="is a key"):
            plan([parent, TableSpec("t", columns, correlations=pair, **facts)], {"p": 5, "t": 5})


def test_ranks_of_a_skewed_law_still_follow() -> None:
    """Many equal values weaken a rank correlation; its sign and most of it stay."""
    made = plan([table(np.array([[1, 0.8], [0.8, 1]]), "az", z=(INT, ZipfRule(1.1, 10**5)))], {"t": 50_000})
    batch = made.batch("t", 0, 50_000)
    assert stats.spearmanr(batch.column("a").to_numpy(), batch.column("z").to_numpy()).statistic > 0.7
