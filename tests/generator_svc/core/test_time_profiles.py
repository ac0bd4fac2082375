"""Dates and times that crowd: weights, growth, business hours, moments that never go back."""

import datetime as dt

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dwsim_wire.fault import Fault
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.rules import EventTimeRule, Rule, TimeProfile, UniformRule
from generator_svc.core.spec import LogicalType
from tests.generator_svc.core.catalog import DATE, INT, TIME, TIMESTAMP, one_column, plan
from tests.generator_svc.core.law_catalog import OFFICE, SEASONS

ROWS = 1_000_000
HOUR = 3_600_000_000
DAY = 24 * HOUR
Moments = npt.NDArray[np.int64]


def cells(logical: LogicalType, rule: Rule, rows: int = 20_000, *appends: int) -> pa.Array:
    made = plan([one_column(logical, rule)], {"t": rows}, *({"t": added} for added in appends))
    return made.batch("t", 0, rows + sum(appends)).column("c")


def moments(rule: Rule, rows: int = ROWS, *appends: int) -> Moments:
    found: Moments = cells(TIMESTAMP, rule, rows, *appends).cast(pa.int64()).to_numpy()
    return found


def weights_of(first: str, days: int, profile: TimeProfile) -> npt.NDArray[np.float64]:
    """Weight of each hour of a range, written down independently of the engine."""
    start = dt.date.fromisoformat(first)
    weights = []
    for number in range(days):
        day = start + dt.timedelta(number)
        weight = (1 + profile.growth_per_year) ** (number / 365.2425)
        weight *= profile.weekday_weights[day.weekday()] if profile.weekday_weights else 1
        weight *= profile.month_weights[day.month - 1] if profile.month_weights else 1
        weights += [weight * hour for hour in profile.hour_weights or (1,) * 24]
    return np.array(weights)


@pytest.mark.parametrize("event_time", [False, True])
@pytest.mark.parametrize(
    "profile", [OFFICE, SEASONS, TimeProfile((1, 2, 3, 4, 5, 6, 7), SEASONS.month_weights, OFFICE.hour_weights, -0.6)]
)
def test_moments_follow_the_profile(profile: TimeProfile, event_time: bool) -> None:
    """Chi-square over days, and over hours of the day, of a million moments; the empty hours stay empty."""
    rule = (EventTimeRule if event_time else UniformRule)("2023-01-01", "2024-12-31", profile)
    found = (moments(rule) - dt.date(2023, 1, 1).toordinal() * DAY + dt.date(1970, 1, 1).toordinal() * DAY) // HOUR
    weights = weights_of("2023-01-01", 731, profile)
    counts = np.bincount(found, minlength=len(weights))
    assert len(counts) == len(weights)
    assert counts[weights == 0].sum() == 0
    for shape in ((731, 24), (24, 731)):
        seen = (counts.reshape(731, 24) if shape[0] == 731 else counts.reshape(731, 24).T).sum(1)
        mass = (weights.reshape(731, 24) if shape[0] == 731 else weights.reshape(731, 24).T).sum(1)
        possible = mass > 0
        assert stats.chisquare(seen[possible], mass[possible] / mass.sum() * ROWS).pvalue > 1e-4


def test_dates_follow_the_profile() -> None:
    """Three times as many in December, thirty per cent more each year; nobody is counted on a Sunday."""
    profile = TimeProfile((1, 1, 1, 1, 1, 1, 0), SEASONS.month_weights, (), 0.3)
    found = cells(DATE, UniformRule("2020-01-01", "2023-12-31", profile), ROWS).cast(pa.int32()).to_numpy()
    first = (dt.date(2020, 1, 1) - dt.date(1970, 1, 1)).days
    mass = weights_of("2020-01-01", 1461, profile)[::24]
    counts = np.bincount(found - first, minlength=1461)
    assert counts[mass == 0].sum() == 0
    assert stats.chisquare(counts[mass > 0], mass[mass > 0] / mass.sum() * ROWS).pvalue > 1e-4


def test_times_of_day_follow_the_hours_within_their_bounds() -> None:
    """Half an hour at either end has half the hour's share."""
    profile = TimeProfile(hour_weights=OFFICE.hour_weights)
    found = cells(TIME, UniformRule("08:30", "16:29:59", profile), ROWS).cast(pa.int64()).to_numpy()
    mass = np.array(OFFICE.hour_weights[8:17], float) * np.array([0.5, *[1] * 7, 0.5])
    counts = np.bincount(found // HOUR, minlength=17)[8:]
    assert stats.chisquare(counts, mass / mass.sum() * ROWS).pvalue > 1e-4
    assert (found.min(), found.max()) == (HOUR * 17 // 2, HOUR * 33 // 2 - 1_000_000)


def test_moments_are_even_within_an_hour() -> None:
    """A profile must not heap moments on the hour."""
    found = moments(UniformRule("2024-01-01", "2024-12-31", OFFICE)) % HOUR // 1_000_000
    assert stats.chisquare(np.bincount(found // 60, minlength=60)).pvalue > 1e-4


@given(
    st.integers(0, 10_000),
    st.integers(0, 900),
    st.integers(0, DAY // 10**6 - 1),
    st.floats(-0.9, 5),
    st.integers(0, 6),
    st.booleans(),
    st.sampled_from([TIMESTAMP, DATE]),
)
@settings(deadline=None, max_examples=80)
def test_moments_stay_within_their_range_and_any_split_makes_the_same_cells(
    day: int, days: int, second: int, growth: float, closed: int, rising: bool, logical: LogicalType
) -> None:
    """Ranges that begin and end in the middle of a day, or have one moment."""
    low = dt.datetime(2000, 1, 1) + dt.timedelta(days=day, seconds=second)
    high = low + dt.timedelta(days=days, seconds=7)
    weekdays = tuple(0.001 if number == closed else 1.0 for number in range(7))
    profile = TimeProfile(weekdays, growth_per_year=growth)
    rule = (EventTimeRule if rising else UniformRule)(low.isoformat(), high.isoformat(), profile)
    made = plan([one_column(logical, rule)], {"t": 300})
    whole = made.batch("t", 0, 300)
    found = whole.column("c").to_pylist()
    ends = (low.date(), high.date()) if logical == DATE else (low, high)
    assert ends[0] <= min(found) <= max(found) <= ends[1]
    assert not rising or found == sorted(found)
    assert made.batch("t", 57, 100).equals(whole.slice(57, 100))
    rows = np.array([299, 3, 57], np.uint64)
    assert made.rows("t", rows).equals(whole.take(pa.array(rows)))


@pytest.mark.parametrize("logical", [TIMESTAMP, DATE])
def test_event_times_never_go_back_whatever_is_appended(logical: LogicalType) -> None:
    """Appended rows go on behind the end at the same pace, and change no earlier row."""
    rule = EventTimeRule("2024-01-01", "2024-12-31", OFFICE if logical == TIMESTAMP else SEASONS)
    found = cells(logical, rule, 10_000, 3_000, 7_000)
    assert found.slice(0, 10_000).equals(cells(logical, rule, 10_000))
    values = found.to_pylist()
    assert values == sorted(values)
    assert values[9_999].year == 2024
    assert values[10_000].year == 2025
    assert values[-1].year in {2025, 2026}


def test_event_times_of_a_huge_table_are_as_cheap_as_of_a_small_one() -> None:
    """No row depends on the one before it."""
    made = plan([one_column(TIMESTAMP, EventTimeRule("2020-01-01", "2024-12-31", OFFICE))], {"t": 10**12})
    last = made.rows("t", np.array([10**12 - 1, 5 * 10**11, 0], np.uint64)).column("c").to_pylist()
    assert last == sorted(last, reverse=True)
    assert last[0].date() == dt.date(2024, 12, 31)


@pytest.mark.parametrize(
    ("logical", "rule"),
    [
        (INT, EventTimeRule("", "")),
        (INT, UniformRule("1", "9", OFFICE)),
        (TIME, UniformRule("", "", SEASONS)),
        (DATE, UniformRule("", "", OFFICE)),
        (TIMESTAMP, UniformRule("", "", TimeProfile((1.0, 2.0)))),
        (TIMESTAMP, UniformRule("", "", TimeProfile((0.0,) * 7))),
        (TIMESTAMP, UniformRule("", "", TimeProfile(growth_per_year=-1.0))),
        (DATE, UniformRule("2024-06-01", "2024-06-02", TimeProfile((1, 1, 1, 1, 1, 0, 0)))),
        (TIMESTAMP, EventTimeRule("2024-02-01", "2024-01-01")),
    ],
)
def test_profiles_that_nothing_can_follow_are_refused(logical: LogicalType, rule: Rule) -> None:
    """An even spread would be a silent substitute."""
    with pytest.raises(ImpossibleRule):
        cells(logical, rule, 10)


def test_what_repeats_or_leaves_the_calendar_is_refused() -> None:
    """Distinctness is by bijection only; the last year is 9999."""
    for rule in (EventTimeRule("2024-01-01", "2024-12-31"), UniformRule("", "", OFFICE)):
        with pytest.raises(ImpossibleRule, match="repeats values"):
            plan([one_column(TIMESTAMP, rule, is_unique=True)], {"t": 10})
    with pytest.raises(Fault, match="beyond the year 9999"):
        cells(DATE, EventTimeRule("2024-01-01", "2024-12-31"), 10, 100_000)
