"""Unique text columns hold distinct values by construction, whatever the length and however often rows are appended."""

import pyarrow.compute as pc
import pytest

from dwsim_wire.fault import NotYetAvailable
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.text import text_kernel
from generator_svc.core.rules import FakerRule, TextRule, UuidRule
from tests.generator_svc.core.kernels.text_columns import KEY, row_numbers, text_column

MILLION = 1_000_000
MANY = 200_000


@pytest.mark.parametrize(
    ("rule", "length", "rows"),
    [
        (FakerRule("email"), 0, MANY),
        (FakerRule("email"), 25, MILLION),
        (FakerRule("email"), 14, 100_000),
        (FakerRule("company_email"), 0, 100_000),
        (FakerRule("user_name"), 0, MANY),
        (FakerRule("user_name"), 12, 100_000),
        (FakerRule("phone_number"), 20, MANY),
        (FakerRule("phone_number"), 10, 100_000),
        (FakerRule("phone_number"), 7, 100_000),
        (FakerRule("name"), 0, 100_000),
        (FakerRule("name", "ja_JP"), 16, 100_000),
        (FakerRule("ipv4"), 15, 100_000),
        (FakerRule("code"), 8, MANY),
        (FakerRule("bothify", arguments={"text": '"SKU-??####"'}), 0, MANY),
        (FakerRule("url"), 0, 100_000),
        (TextRule(), 0, MANY),
        (TextRule(), 20, 100_000),
        (TextRule(), 4, MILLION),
        (UuidRule(), 36, MANY),
    ],
    ids=str,
)
def test_distinct_values_are_distinct(rule: FakerRule | TextRule | UuidRule, length: int, rows: int) -> None:
    """A duplicate in a unique column breaks every join on it."""
    values = text_kernel(rule, text_column(length), KEY, rows).span(0, rows)
    assert pc.count_distinct(values).as_py() == rows
    assert not length or pc.max(pc.utf8_length(values)).as_py() <= length


@pytest.mark.parametrize("provider", ["email", "user_name", "phone_number", "country", "name", "word", "code"])
@pytest.mark.parametrize("length", [0, 12, 22])
def test_appended_rows_never_meet_earlier_ones(provider: str, length: int) -> None:
    """A segment may need a roomier form of value than the rows before it, which must stay as they are."""
    seen: set[str] = set()
    first = 0
    for rows in (100, 900, 99_000, 60_000):
        kernel = text_kernel(FakerRule(provider), text_column(length), KEY, rows, first)
        seen.update(kernel.span(first, rows).to_pylist())
        first += rows
    assert len(seen) == first


def test_rows_far_out_are_as_cheap_and_distinct() -> None:
    """Any row of a table of 10^12 rows can be looked at."""
    last = 10**12
    for provider in ("email", "user_name", "phone_number", "word", "uuid4"):
        kernel = text_kernel(FakerRule(provider), text_column(60), KEY, last)
        rows = row_numbers(0, 1, 10**6, 10**9, 10**11, last - 2, last - 1)
        assert len(set(kernel.cells(rows).to_pylist())) == len(rows)


def test_a_list_that_suffices_is_used_without_numbers() -> None:
    """195 distinct countries are the countries, not `France 17`."""
    values = text_kernel(FakerRule("country"), text_column(), KEY, 195).span(0, 195).to_pylist()
    assert len(set(values)) == 195
    assert not any(character.isdigit() for value in values for character in value)


@pytest.mark.parametrize(
    ("rule", "length", "rows"),
    [
        (FakerRule("word"), 2, 5_000),
        (FakerRule("state_abbr"), 2, 60),
        (FakerRule("postcode"), 5, 100_000),
        (FakerRule("email"), 6, 2_000),
        (TextRule(), 3, 50_000),
    ],
    ids=str,
)
def test_too_many_rows_are_refused_with_the_number_that_there_is(
    rule: FakerRule | TextRule, length: int, rows: int
) -> None:
    """Better a clear refusal than a duplicate."""
    with pytest.raises(ImpossibleRule, match=str(rows)) as caught:
        text_kernel(rule, text_column(length), KEY, rows)
    assert int(caught.value.metadata["domain_size"]) < rows


@pytest.mark.parametrize("length", [0, 25, 15])
def test_a_domain_that_the_user_gave_is_kept(length: int) -> None:
    """Uniqueness must not change what was asked for."""
    rule = FakerRule("email", arguments={"domain": '"corp.test"'})
    values = text_kernel(rule, text_column(length), KEY, 2_000).span(0, 2_000).to_pylist()
    assert all(value.endswith("@corp.test") for value in values)
    assert len(set(values)) == 2_000


def test_digests_are_not_distinct_yet() -> None:
    """What cannot be promised is refused, not hoped for."""
    with pytest.raises(NotYetAvailable, match="sha256"):
        text_kernel(FakerRule("sha256"), text_column(), KEY, 10)


def test_distinct_names_are_as_skewed_as_people_s() -> None:
    """Group by first name must give data that looks like a population."""
    emails = text_kernel(FakerRule("email"), text_column(), KEY, 200_000).span(0, 200_000).to_pylist()
    counts: dict[str, int] = {}
    for email in emails:
        first = email.split(".")[0]
        counts[first] = counts.get(first, 0) + 1
    assert len(counts) == 690
    assert max(counts.values()) > 8 * sorted(counts.values())[345]
