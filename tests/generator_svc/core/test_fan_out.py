"""Fan-out: exact totals, bounds, and three ways of asking that agree."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator_svc.core.fan_out import FanOut
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.primitives import derive_key

KEY = derive_key("tests of fan-out")


@st.composite
def fan_outs(draw: st.DrawFn) -> FanOut:
    parents = draw(st.integers(1, 3000))
    low = draw(st.integers(0, 5))
    high = draw(st.integers(max(low, 1), 40))
    children = draw(st.integers(parents * low, parents * high))
    return FanOut(KEY, parents, children, low, high, skewed=draw(st.booleans()))


@given(fan_outs(), st.integers(0, 5), st.integers(1, 40))
@settings(deadline=None, max_examples=80)
def test_totals_and_bounds_are_exact_and_both_ways_agree(fan_out: FanOut, low: int, high: int) -> None:
    """Composite keys and exact row counts stand on this."""
    total = fan_out.children_total
    parents, ordinals = fan_out.locate(np.uint64(0), total)
    first, counts = fan_out.children(np.arange(fan_out.parents, dtype=np.uint64))
    assert counts.sum() == total
    assert np.array_equal(np.bincount(parents.astype(np.int64), minlength=fan_out.parents), counts)
    assert np.array_equal(np.arange(total, dtype=np.uint64), first[parents] + ordinals)
    assert total == 0 or counts.max() <= fan_out.high


@given(fan_outs(), st.floats(0, 1), st.integers(1, 50))
@settings(deadline=None, max_examples=80)
def test_a_span_is_its_single_children(fan_out: FanOut, where: float, count: int) -> None:
    """A batch that starts in the middle of a parent's children must find its place."""
    first = int(where * fan_out.children_total)
    count = min(count, fan_out.children_total - first)
    listed = np.arange(first, first + count, dtype=np.uint64)
    for span, single in zip(fan_out.locate(np.uint64(first), count), fan_out.locate(listed, count), strict=True):
        assert np.array_equal(span, single)


@pytest.mark.parametrize(("low", "high", "children"), [(1, 7, 4_000), (0, 3, 2_000), (3, 3, 3_000), (0, 1, 999)])
def test_every_parent_keeps_its_bounds(low: int, high: int, children: int) -> None:
    """`between 1 and 7 lines an order` is a promise about each order."""
    counts = FanOut(KEY, 1000, children, low, high, skewed=False).children(np.arange(1000, dtype=np.uint64))[1]
    assert counts.min() >= low
    assert counts.max() <= high
    assert counts.sum() == children


def test_a_balanced_fan_out_spreads_like_chance() -> None:
    """Without bounds the counts are about Poisson: their variance is their mean."""
    counts = FanOut(KEY, 100_000, 300_000, 0, 300_000, skewed=False).children(np.arange(100_000, dtype=np.uint64))[1]
    assert counts.var() == pytest.approx(3.0, rel=0.1)


def test_a_skewed_fan_out_favours_few() -> None:
    """The upper tenth of the parents has half of all children and more."""
    counts = FanOut(KEY, 100_000, 300_000, 0, 300_000, skewed=True).children(np.arange(100_000, dtype=np.uint64))[1]
    assert np.sort(counts)[-10_000:].sum() > 150_000


def test_the_last_child_of_a_trillion_is_found_at_once() -> None:
    """One descent of forty levels, whatever the size."""
    fan_out = FanOut(KEY, 10**12, 3 * 10**12, 0, 50, skewed=False)
    parents, ordinals = fan_out.locate(np.array([3 * 10**12 - 1], np.uint64), 1)
    first, counts = fan_out.children(parents)
    assert first[0] + ordinals[0] == 3 * 10**12 - 1
    assert ordinals[0] < counts[0]


def test_numbers_that_do_not_fit_are_refused_with_the_numbers() -> None:
    """10 parents with 1 to 2 children have 10 to 20."""
    with pytest.raises(ImpossibleRule, match="21 rows do not spread over 10 parents"):
        FanOut(KEY, 10, 21, 1, 2, skewed=False)
