"""Values as text: read strictly, written as stored."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_svc.core import values


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("2024-01-31", "2024-01-31 00:00:00"),
        ("20240131", "2024-01-31 00:00:00"),
        (" 2024-1-5 7:05 ", "2024-01-05 07:05:00"),
        ("2024-01-31T10:00:00.5Z", "2024-01-31 10:00:00.500000"),
        ("2024-01-31 00:30:00+02", "2024-01-30 22:30:00"),
        ("2024-01-31 00:30:00-0530", "2024-01-31 06:00:00"),
    ],
)
def test_moments_are_read_as_warehouses_read_them(text: str, stored: str) -> None:
    """A literal that is compared as text must have the stored form to the letter."""
    assert values.read_timestamp(text) == stored


@pytest.mark.parametrize("text", ["", "yesterday", "2024-13-01", "2024-02-30", "2024-01-01 25:00", "1/2/2024"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    """A guess would be a wrong answer."""
    with pytest.raises(ValueError, match=r"\w"):
        values.read_timestamp(text)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
def test_scaled_decimals_come_back(value: Decimal) -> None:
    """Scaled integers are the exact arithmetic of every query."""
    assert Decimal(values.scale_down(values.scale_up(value, 4), 4)) == value


def test_halves_are_rounded_away_from_zero() -> None:
    """As CAST and ROUND of every warehouse; Python's own rounding goes to the even digit."""
    assert [values.scale_up(Decimal(text), 0) for text in ("2.5", "-2.5", "3.5")] == [3, -3, 4]
    with pytest.raises(ValueError, match="18 digits"):
        values.scale_up(Decimal(10**19), 0)
