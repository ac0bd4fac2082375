"""Patterns: every text matches, fits and, where asked, is there once; what is no description of a text is refused."""

import re

import numpy as np
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dwsim_wire.fault import InvalidArgument
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.kernel import Kernel
from generator_svc.core.kernels.pattern_language import DistinctPatternKernel, Language
from generator_svc.core.kernels.pattern_syntax import read_pattern
from generator_svc.core.kernels.pattern_text import PatternKernel
from tests.generator_svc.core.kernels.text_columns import KEY, row_numbers

_ATOMS = st.sampled_from(["a", "b", ".", r"\d", r"\w", "[a-c]", "[^x]", "é", r"\.", "-", "[é-ü]", r"\x41"])
EXPRESSIONS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda options: f"({'|'.join(options)})"),
        st.tuples(inner, st.sampled_from(["?", "{2}", "{0,3}", "{1,2}", "*", "+"])).map(lambda p: f"(?:{p[0]}){p[1]}"),
    ),
    max_leaves=6,
)


def _kernels(expression: str, limit: int) -> list[Kernel]:
    pattern = read_pattern(expression)
    return [PatternKernel(pattern, KEY, limit), DistinctPatternKernel(Language(pattern, limit), KEY)]


@settings(max_examples=60, deadline=None)
@given(expression=EXPRESSIONS, limit=st.sampled_from([0, 3, 12]), rows=st.lists(st.integers(0, 10**12), max_size=8))
def test_every_text_matches_and_no_row_depends_on_others(expression: str, limit: int, rows: list[int]) -> None:
    """Python's own engine is the referee, over random expressions, lengths and rows."""
    try:
        drawn, distinct = _kernels(expression, limit)
    except ImpossibleRule:
        return
    size = Language(read_pattern(expression), limit).size
    for kernel, top in ((drawn, 10**12), (distinct, min(size, 10**12))):
        chosen = [row % top for row in rows]
        texts = kernel.cells(row_numbers(*chosen)).to_pylist()
        assert texts == [kernel.span(row, 1)[0].as_py() for row in chosen]
        assert all(re.fullmatch(expression, text) and not (limit and len(text) > limit) for text in texts)
    count = min(size, 500)
    assert len(set(distinct.span(0, count).to_pylist())) == count


@pytest.mark.parametrize(
    ("expression", "limit", "texts"),
    [
        ("a?a?", 0, 3),
        ("(a|b)*", 5, 63),
        ("(a|aa|aaa)", 0, 3),
        (r"(\d|[0-4])x?", 0, 20),
        ("(ab|a)(c|bc)", 0, 3),
        ("a{0}", 0, 1),
    ],
)
def test_texts_are_counted_once(expression: str, limit: int, texts: int) -> None:
    """Counting ways instead of texts would give duplicates."""
    language = Language(read_pattern(expression), limit)
    assert language.size == texts
    made = DistinctPatternKernel(language, KEY).span(0, texts).to_pylist()
    assert len(set(made)) == texts


@pytest.mark.parametrize("rows", [100_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "expression", [r"[A-Z]{3}-\d{4}", "[a-z]{20}", r"\w+@\w+\.(com|org)", "[0-9a-f]{16}", ".{1,14}"]
)
def test_unique_texts_are_distinct(expression: str, rows: int) -> None:
    """More texts than 64 bits count included."""
    values = DistinctPatternKernel(Language(read_pattern(expression)), KEY).span(0, rows)
    assert pc.count_distinct(values).as_py() == rows


def test_options_repeats_and_characters_are_equally_likely() -> None:
    """Chi-square at a million rows, fixed seed."""
    values = PatternKernel(read_pattern("(foo|[a-j]{1,4})"), KEY).span(0, 1_000_000)
    named = pc.sum(pc.equal(values, "foo")).as_py()
    assert stats.chisquare([named, 1_000_000 - named]).pvalue > 1e-4
    others = values.filter(pc.not_equal(values, "foo"))
    lengths = np.bincount(pc.utf8_length(others).to_numpy())[1:]
    assert stats.chisquare(lengths).pvalue > 1e-4
    letters = np.bincount(np.frombuffer("".join(others.to_pylist()).encode(), np.uint8))[ord("a") :]
    assert stats.chisquare(letters).pvalue > 1e-4


def test_unique_texts_of_a_huge_pattern_are_spread() -> None:
    """The first characters are drawn, the last ones numbered: each place has every character as often."""
    values = DistinctPatternKernel(Language(read_pattern("[a-z]{20}")), KEY).span(0, 200_000).to_pylist()
    letters = np.frombuffer("".join(values).encode(), np.uint8).reshape(-1, 20) - ord("a")
    for place in range(20):
        assert stats.chisquare(np.bincount(letters[:, place], minlength=26)).pvalue > 1e-4


@pytest.mark.parametrize(
    ("expression", "what"),
    [
        ("", "needs an expression"),
        ("(?=a)b", "look-ahead at character 2"),
        ("a(?<!b)", "look-behind"),
        (r"(a)\1", "back-reference"),
        (r"\bword", r"escape \\b"),
        ("(?i)a", "flags"),
        ("a^b", "anchor"),
        ("[z-a]", "range"),
        ("[a", "no closing bracket"),
        ("x[[:alpha:]]", "POSIX name at character 3"),
        ("(a", "no closing parenthesis"),
        ("a)", "without an opening"),
        ("*a", "nothing to repeat"),
        ("a++", "possessive"),
        ("a{5,2}", "at least 5"),
        ("a{2000}", "more than 1000"),
        ("(" * 60 + "a" + ")" * 60, "more than 40 groups"),
    ],
)
def test_what_describes_no_text_is_refused_where_it_stands(expression: str, what: str) -> None:
    """The message names the place, the hint what is served."""
    with pytest.raises(InvalidArgument, match=what) as caught:
        read_pattern(expression)
    assert "[A-Z]{3}" in caught.value.hint


@pytest.mark.parametrize("expression", [r"(\w{1000}){900}", "((((a{99}){99}){99}){99})"])
def test_a_pattern_that_is_too_broad_is_refused_at_once(expression: str) -> None:
    """Not after the memory is full."""
    for make in (lambda p: PatternKernel(p, KEY), Language):
        with pytest.raises(ImpossibleRule, match="too broad"):
            make(read_pattern(expression))


def test_a_pattern_whose_automaton_explodes_is_refused_where_it_must_be_unique() -> None:
    """Drawing needs no automaton; counting does."""
    pattern = read_pattern("(a|b){0,200}a(a|b){16}")
    assert len(PatternKernel(pattern, KEY).span(0, 10)) == 10
    with pytest.raises(ImpossibleRule, match="too broad"):
        Language(pattern)


def test_a_pattern_that_never_fits_is_refused() -> None:
    """An empty language has no cell."""
    for make in (lambda p: PatternKernel(p, KEY, 3), lambda p: Language(p, 3)):
        with pytest.raises(ImpossibleRule, match="characters"):
            make(read_pattern("[a-z]{5}"))
