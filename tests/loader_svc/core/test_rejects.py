"""Halving: every bad row is found, no good one is blamed, and the questions stay few."""

import random

import pytest

from dwsim_wire.fault import Fault
from loader_svc.core.faults import SchemaMismatch, ValueOutOfRange
from loader_svc.core.rejects import refused_rows, shown_row


def asked(bad: set[int], count: int) -> tuple[list[int], int]:
    """Places that are found, and the number of questions."""
    questions = 0

    def refusal(first: int, size: int) -> Fault | None:
        nonlocal questions
        questions += 1
        return ValueOutOfRange("bad") if bad & set(range(first, first + size)) else None

    return [found.place for found in refused_rows(count, refusal)], questions


@pytest.mark.parametrize("count", [1, 2, 3, 50, 1000])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 1.0])
def test_halving_finds_exactly_the_bad_rows(count: int, share: float) -> None:
    """A good row among the rejects is lost; a bad one among the rest fails the batch again."""
    bad = set(random.Random(7).sample(range(count), int(count * share)))
    found, questions = asked(bad, count)
    assert found == sorted(bad)
    assert questions <= 2 + 2 * max(1, len(bad)) * (count.bit_length() + 1)


def test_one_bad_row_of_a_batch_costs_few_questions() -> None:
    """Each question sends rows to the warehouse."""
    assert asked({77_777}, 131_072)[1] <= 2 * 18


def test_wrong_columns_are_no_row_s_fault() -> None:
    """Halving down to every single row would ask a quarter of a million times."""
    times = 0

    def refusal(first: int, size: int) -> Fault:
        nonlocal times
        times += 1
        return SchemaMismatch(f"other columns {first} {size}")

    assert [found.place for found in refused_rows(1000, refusal)] == list(range(1000))
    assert times == 1


def test_a_shown_row_is_short() -> None:
    """Errors travel as headers."""
    assert len(shown_row({"note": "x" * 65_535})) < 400
