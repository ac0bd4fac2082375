"""Moments as text: what Python's strftime writes, for every day of the calendar."""

import datetime as dt
import random

import numpy as np
import pytest

from generator_svc.core.kernels.moment_text import MomentText, moment_pattern
from generator_svc.core.units import DAY

EPOCH = dt.datetime(1970, 1, 1)


def _moments() -> list[int]:
    """Random moments of the years 1000 to 9999, and the days around the turns of centuries."""
    drawn = random.Random(7)
    low, high = ((dt.datetime(year, 1, 1) - EPOCH).days * DAY for year in (1000, 9999))
    turns = [
        (dt.datetime(year, 1, 1) - EPOCH).days + day for year in (1900, 2000, 2024, 2100) for day in range(-366, 366)
    ]
    return [drawn.randint(low, high) for _ in range(20_000)] + [day * DAY for day in turns]


@pytest.mark.parametrize(
    "pattern",
    ["%Y-%m-%dT%H:%M:%S.%f", "%d.%m.%y", "%A, %d %B %Y", "%a %b %j", "%I:%M %p", "%F %T", "%D at %R", "%% é %H"],
)
def test_a_pattern_is_written_as_python_writes_it(pattern: str) -> None:
    """Faker's own texts come from strftime."""
    read = moment_pattern(pattern)
    assert read is not None
    texts = MomentText(read, 0, 1).array(np.array(_moments(), np.int64)).to_pylist()
    assert texts == [(EPOCH + dt.timedelta(microseconds=each)).strftime(pattern) for each in _moments()]
    assert max(map(len, texts)) <= read.most_characters


def test_years_have_four_digits() -> None:
    """As in ISO 8601, back to the year 1."""
    read = moment_pattern("%Y-%m-%d")
    assert read is not None
    first = (dt.datetime(1, 1, 1) - EPOCH).days
    days = MomentText(read, first * DAY, DAY).array(np.arange(800, dtype=np.int64)).to_pylist()
    assert days == [dt.date.fromordinal(1 + day).isoformat() for day in range(800)]


@pytest.mark.parametrize("pattern", ["%c", "%Z", "100%", ""])
def test_other_directives_are_not_read(pattern: str) -> None:
    """They depend on the machine, or mean nothing."""
    assert moment_pattern(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "tells"),
    [("%Y-%m-%d", True), ("%d %B %Y", True), ("%Y%j", True), ("%y-%m-%d", False), ("%m/%Y", False),
     ("%Y-%m-%d %M", False), ("%Y-%m-%d %I %p", True), ("%Y-%m-%d %I", False), ("%s", True), ("%F %H:%M", True)],
)  # fmt: skip
def test_a_pattern_knows_whether_its_texts_are_distinct(pattern: str, tells: bool) -> None:
    """A unique column must not have a text twice."""
    read = moment_pattern(pattern)
    assert read is not None
    assert read.tells(day=True) == tells
