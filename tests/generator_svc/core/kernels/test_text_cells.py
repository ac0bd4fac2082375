"""Text is a pure function of the row, fits its column and is valid UTF-8."""

import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.kernel import Kernel
from generator_svc.core.kernels.providers import native_providers
from generator_svc.core.kernels.text import text_kernel
from generator_svc.core.rules import FakerRule, TextRule, TextUnit, UuidRule
from tests.generator_svc.core.kernels.text_columns import KEY, row_numbers, text_column

RULES: list[FakerRule | TextRule | UuidRule] = [
    FakerRule("email"),
    FakerRule("name"),
    FakerRule("name", "ja_JP"),
    FakerRule("phone_number"),
    FakerRule("address"),
    FakerRule("postcode"),
    TextRule(),
    TextRule(TextUnit.SENTENCES, 1, 3),
    TextRule(TextUnit.PARAGRAPHS, 1, 2),
    UuidRule(),
]
ROWS = 2_000


def _kernels(length: int) -> list[Kernel]:
    return [text_kernel(rule, text_column(length), KEY, rows) for rule in RULES for rows in (None, 5_000_000)]


UNBOUNDED = _kernels(0)


@settings(max_examples=10, deadline=None)
@given(rows=st.lists(st.integers(0, 4_999_990), min_size=1, max_size=20), first=st.integers(0, 4_900_000))
def test_a_span_and_single_rows_give_the_same_text(rows: list[int], first: int) -> None:
    """Resume, preview and foreign keys evaluate rows one by one; files are made in spans."""
    for kernel in UNBOUNDED:
        singles = [kernel.span(row, 1)[0].as_py() for row in rows]
        assert kernel.cells(row_numbers(*rows)).to_pylist() == singles
        assert kernel.span(first, 12).to_pylist() == kernel.cells(row_numbers(*range(first, first + 12))).to_pylist()


def test_a_span_across_numbering_blocks_is_whole() -> None:
    """Distinct values are numbered in blocks of 100,000 rows; a batch does not know of them."""
    kernel = text_kernel(FakerRule("word"), text_column(), KEY, 1_000_000)
    across = kernel.span(99_990, 200_020).to_pylist()
    assert across[:20] == kernel.span(99_990, 20).to_pylist()
    assert across[-10:] == kernel.span(300_000, 10).to_pylist()
    assert len(set(across)) == len(across)


def test_no_rows_make_an_empty_column() -> None:
    """An empty table has its columns all the same."""
    for kernel in UNBOUNDED:
        assert kernel.span(0, 0).to_pylist() == []


@pytest.mark.parametrize("provider", native_providers())
def test_every_provider_fits_its_column_or_says_that_it_cannot(provider: str) -> None:
    """One value that is too long fails the load of a whole batch."""
    served = [length for length in (0, 1, 2, 5, 10, 21, 40) if _fits(provider, length)]
    assert served[:1] == [0]
    assert 40 in served or provider == "sha256"


def _fits(provider: str, length: int) -> bool:
    try:
        kernel = text_kernel(FakerRule(provider), text_column(length), KEY, None)
    except ImpossibleRule:
        return False
    values = kernel.span(0, ROWS)
    values.validate(full=True)
    sizes = pc.utf8_length(values)
    assert pc.min(sizes).as_py() >= 1
    assert not length or pc.max(sizes).as_py() <= length
    return True


@pytest.mark.parametrize("locale", ["ja_JP", "cs_CZ", "ru_RU", "el_GR", "zh_CN", "de_DE"])
@pytest.mark.parametrize("length", [1, 2, 3, 4, 7, 12, 0])
def test_names_of_other_scripts_are_cut_at_characters(locale: str, length: int) -> None:
    """A name that is cut in the middle of a letter is not text any more."""
    values = text_kernel(FakerRule("name", locale), text_column(length), KEY, None).span(0, ROWS)
    values.validate(full=True)
    assert all(1 <= len(value) <= (length or 200) and value == value.strip() for value in values.to_pylist())


@pytest.mark.parametrize("unit", list(TextUnit))
@pytest.mark.parametrize("length", [1, 3, 10, 40, 255])
def test_readable_text_ends_with_a_whole_word_inside_the_column(unit: TextUnit, length: int) -> None:
    """Descriptions cut in the middle of a word give generated data away at once."""
    texts = text_kernel(TextRule(unit, 1, 50), text_column(length), KEY, None).span(0, ROWS).to_pylist()
    assert all(1 <= len(text) <= length and text == text.strip() for text in texts)
    if unit is not TextUnit.WORDS and length > 1:
        assert all(text[0].isupper() and text.endswith(".") for text in texts)


def test_units_of_text_are_as_many_as_asked() -> None:
    """min_units and max_units are the user's, both reachable."""
    words = text_kernel(TextRule(TextUnit.WORDS, 2, 4), text_column(), KEY, None).span(0, ROWS).to_pylist()
    assert {text.count(" ") + 1 for text in words} == {2, 3, 4}
    paragraphs = text_kernel(TextRule(TextUnit.PARAGRAPHS, 3, 3), text_column(), KEY, None).span(0, ROWS).to_pylist()
    assert {text.count("\n") + 1 for text in paragraphs} == {3}
