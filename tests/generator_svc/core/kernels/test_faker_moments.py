"""Faker's dates and times: the range that Faker has, seen from `as_of`, in whatever type the column is."""

import datetime as dt
import json
from collections import Counter
from typing import Any

import faker
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.faker_clock import standing_clock
from generator_svc.core.kernels.faker_moments import MOMENT_PROVIDERS, Moments, calendar_weights, faker_moments
from generator_svc.core.kernels.faker_natives import LOCALES
from generator_svc.core.kernels.text import text_kernel
from generator_svc.core.rules import FakerRule
from generator_svc.core.spec import LogicalType, TypeKind
from tests.generator_svc.core.catalog import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INT,
    SMALLINT,
    TIME,
    TIMESTAMP,
    one_column,
    plan,
)
from tests.generator_svc.core.kernels.text_columns import KEY, text_column

AS_OF = dt.date(2024, 2, 29)
EPOCH = dt.datetime(1970, 1, 1)
PARTS = ("am_pm", "day_of_month", "day_of_week", "month", "month_name", "year")
METHODS = [name for name in MOMENT_PROVIDERS if name not in PARTS]
ARGUMENTS: list[tuple[str, dict[str, Any]]] = [
    ("date_between", {"start_date": "-30y", "end_date": "today"}),
    ("date_between", {"start_date": "today", "end_date": "+1w"}),
    ("date_of_birth", {"minimum_age": 18, "maximum_age": 18}),
    ("date_time_between", {"start_date": "-90m", "end_date": "now"}),
    ("date_time_between", {"start_date": "now", "end_date": "now"}),
    ("date_this_month", {"before_today": False, "after_today": True}),
    ("date_time_this_year", {"before_now": True, "after_now": True}),
    ("unix_time", {"start_datetime": 1_000_000_000, "end_datetime": 1_000_000_010}),
    ("past_date", {"start_date": "-3d"}),
]


def _read(provider: str, arguments: dict[str, Any]) -> Moments:
    moments = faker_moments(provider, "en_US", arguments, AS_OF)
    assert moments is not None
    return moments


def _microseconds(value: Any) -> int:
    match value:
        case dt.datetime():
            return (value - EPOCH) // dt.timedelta(microseconds=1)
        case dt.date():
            return (value - EPOCH.date()) // dt.timedelta(microseconds=1)
        case dt.time():
            return _microseconds(dt.datetime.combine(EPOCH, value))
        case float():
            return int(value * 1_000_000)
    text = str(value)
    return _microseconds(dt.time.fromisoformat(text) if text[2] == ":" else dt.datetime.fromisoformat(text))


def _column(logical: LogicalType, rule: FakerRule, rows: int = 3_000, *, unique: bool = False) -> pa.Array:
    return plan([one_column(logical, rule, is_unique=unique)], {"t": rows}).batch("t", 0, rows).column(0)


@pytest.mark.parametrize(("provider", "arguments"), [*((name, {}) for name in METHODS), *ARGUMENTS], ids=str)
def test_the_range_is_the_one_that_faker_draws_from(provider: str, arguments: dict[str, Any]) -> None:
    """Every value of Faker lies in it, and Faker comes near both ends."""
    moments = _read(provider, arguments)
    generator: Any = faker.Factory.create("en_US")
    generator.seed_instance(7)
    with standing_clock(AS_OF):
        drawn = [_microseconds(getattr(generator, provider)(**arguments)) for _ in range(1_000)]
    assert moments.low <= min(drawn)
    assert max(drawn) <= moments.high
    near = (moments.high - moments.low) // 50 + 86_400_000_000 * (moments.kind is TypeKind.DATE)
    assert min(drawn) - moments.low <= near
    assert moments.high - max(drawn) <= near


def test_today_is_as_of() -> None:
    """Never the day on which the rows are made."""
    days = text_kernel(FakerRule("past_date"), text_column(), KEY, None, as_of=AS_OF).span(0, 3_000)
    assert sorted(set(days.to_pylist())) == [(AS_OF - dt.timedelta(days=day)).isoformat() for day in range(30, 1, -1)]


def test_parts_of_dates_are_as_frequent_as_in_the_years_since_1970() -> None:
    """The 31st is rarer than the 30th, February shorter than March."""
    days = [EPOCH.date() + dt.timedelta(days=day) for day in range((AS_OF - EPOCH.date()).days)]
    for provider, pattern in (("day_of_month", "%d"), ("month", "%m"), ("month_name", "%B"), ("year", "%Y")):
        weights = calendar_weights(provider, "en_US", {}, AS_OF)
        assert weights == {text: 2.0 * count for text, count in Counter(day.strftime(pattern) for day in days).items()}
    assert calendar_weights("am_pm", "en_US", {}, AS_OF) == {"AM": float(len(days)), "PM": float(len(days))}


@pytest.mark.parametrize("locale", LOCALES)
def test_names_of_months_and_days_are_the_locale_s(locale: str) -> None:
    """Twelve and seven of them, as Faker writes them there."""
    generator: Any = faker.Factory.create(locale)
    for provider, count in (("month_name", 12), ("day_of_week", 7)):
        weights = calendar_weights(provider, locale, {}, AS_OF)
        assert weights is not None
        assert len(weights) == count
        assert {getattr(generator, provider)() for _ in range(50)} <= weights.keys()


@pytest.mark.parametrize(
    ("provider", "arguments", "length", "example"),
    [
        ("date", {"pattern": "%m/%d/%Y"}, 10, "%m/%d/%Y"),
        ("time", {"pattern": "%I:%M %p"}, 8, "%I:%M %p"),
        ("iso8601", {"sep": " ", "timespec": "seconds"}, 19, "%Y-%m-%d %H:%M:%S"),
        ("date_time", {}, 26, "%Y-%m-%dT%H:%M:%S.%f"),
        ("date_time", {}, 20, "%Y-%m-%dT%H:%M:%S"),
        ("time_object", {}, 8, "%H:%M:%S"),
    ],
)
def test_text_follows_the_pattern_and_fits(provider: str, arguments: dict[str, Any], length: int, example: str) -> None:
    """Parts of seconds go before a value would be cut."""
    given = {name: json.dumps(value) for name, value in arguments.items()}
    kernel = text_kernel(FakerRule(provider, arguments=given), text_column(length), KEY, None)
    texts = kernel.span(0, 2_000).to_pylist()
    assert all(dt.datetime.strptime(text, example).strftime(example) == text for text in texts)
    assert len(set(texts)) > 1_000


def test_a_typed_column_has_the_moments_that_the_text_has() -> None:
    """A DATE and a VARCHAR of the same rule say the same range; a date is the midnight of a moment."""
    days = _column(DATE, FakerRule("date_this_year"))
    assert pa.types.is_date32(days.type)
    midnights = _column(TIMESTAMP, FakerRule("date_this_year"))
    assert set(midnights.cast(pa.date32()).to_pylist()) == set(days.to_pylist())
    assert pc.all(pc.equal(pc.hour(midnights), 0)).as_py()
    assert pc.all(pc.equal(pc.microsecond(_column(TIME, FakerRule("time"))), 0)).as_py()
    assert len(_column(TIME, FakerRule("time_object"), unique=True).unique()) == 3_000
    assert len(_column(TIMESTAMP, FakerRule("date_time"), unique=True).unique()) == 3_000
    assert set(_column(SMALLINT, FakerRule("month")).to_pylist()) == set(range(1, 13))


@pytest.mark.parametrize("logical", [INT, BIGINT, DOUBLE, LogicalType(TypeKind.DECIMAL, precision=16, scale=6)])
def test_unix_time_is_a_number_of_seconds(logical: LogicalType) -> None:
    """Whole in an integer, with its fraction elsewhere."""
    now = (dt.date(2026, 1, 1) - EPOCH.date()).days * 86_400
    seconds = _column(logical, FakerRule("unix_time")).to_pylist()
    assert 0 <= min(seconds) < now * 0.01
    assert now * 0.99 < max(seconds) < now


def test_distinct_dates_are_distinct_over_segments() -> None:
    """An append never meets an earlier value."""
    rule = FakerRule("date", arguments={"pattern": '"%d %B %Y"'})
    texts: list[str] = []
    for first, rows in ((0, 50), (50, 10_000)):
        texts += text_kernel(rule, text_column(), KEY, rows, first).span(first, rows).to_pylist()
    assert len(set(texts)) == 10_050


@pytest.mark.parametrize(
    ("logical", "rule", "unique", "what"),
    [
        (TIME, FakerRule("date_time"), False, "values of 'date_time' are TIMESTAMP, the column is TIME"),
        (DATE, FakerRule("time"), False, "values of 'time' are TIME, the column is DATE"),
        (INT, FakerRule("date_of_birth"), False, "are DATE, the column is INT32"),
        (SMALLINT, FakerRule("unix_time"), False, "beyond INT16"),
        (TIME, FakerRule("month"), False, "values of 'month', such as '01', are not TIME"),
        (DATE, FakerRule("ean8"), False, "are not DATE"),
        (BOOLEAN, FakerRule("random_digit"), False, "are not BOOLEAN"),
        (BOOLEAN, FakerRule("country_code"), False, "are not BOOLEAN"),
        (LogicalType(TypeKind.ARRAY), FakerRule("email"), False, "are not ARRAY"),
        (LogicalType(TypeKind.STRING, length=12), FakerRule("date_time"), False, "do not fit a column of 12"),
        (DATE, FakerRule("past_date"), True, "29"),
        (LogicalType(TypeKind.STRING), FakerRule("past_date"), True, "'past_date' has 29"),
        (LogicalType(TypeKind.STRING), FakerRule("date", arguments={"pattern": '"%m/%Y"'}), True, "repeat"),
    ],
    ids=str,
)
def test_what_is_no_value_of_the_column_is_refused(
    logical: LogicalType, rule: FakerRule, unique: bool, what: str
) -> None:
    """01 is a month, not one o'clock; such rows would be wrong in silence."""
    with pytest.raises(ImpossibleRule, match=what):
        _column(logical, rule, unique=unique)


def test_a_truth_may_be_written_as_zero_and_one() -> None:
    """All values of the method are truths then."""
    rule = FakerRule("random_int", arguments={"min": "0", "max": "1"})
    assert set(_column(BOOLEAN, rule).to_pylist()) == {True, False}
