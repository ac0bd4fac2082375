"""When things happen: an intensity over days and hours, and the moments that follow it.

The intensity is cumulated by days (weekday, month and growth) and within a day by hours. A moment is the inverse of the
cumulated intensity: of an even draw where each row is on its own, of (row + draw) / rows where moments never go back.
"""

from typing import Final, NamedTuple

import numpy as np

from generator_svc.core.kernels.floats import Floats
from generator_svc.core.kernels.kernel import Integers, RowSource, row_at
from generator_svc.core.kernels.powers import exp2, log2
from generator_svc.core.primitives import compiled, mix, unit
from generator_svc.core.rules import TimeProfile
from generator_svc.core.units import DAY, LAST_DAY

HOUR: Final = DAY // 24
_BUCKETS: Final = 4096
_YEAR: Final = 365.2425
_FARTHEST: Final = 900.0
_MONDAY: Final = 3
"""1970-01-01 was a Thursday."""


class Calendar(NamedTuple):
    """Intensity cumulated by days from `first_day` (days since 1970), and by the hours of each day up to 1."""

    first_day: int
    days: Floats
    hours: Floats
    guide: Integers
    """Day of each of 4096 equal parts of the whole intensity."""


class Intensity:
    """A profile over a range of days; moments are microseconds since 1970."""

    def __init__(self, profile: TimeProfile, first_day: int, last_day: int) -> None:
        self._profile, self._last_day = profile, last_day
        hours = np.cumsum([0.0, *(profile.hour_weights or (1.0,) * 24)])
        days = _cumulated_days(profile, first_day, last_day)
        edges = np.arange(_BUCKETS + 1) * (days[-1] / _BUCKETS)
        guide = np.clip(np.searchsorted(days, edges, side="right") - 1, 0, len(days) - 2)
        self.calendar = Calendar(first_day, days, hours / hours[-1], guide.astype(np.int64))

    @property
    def whole(self) -> float:
        """Intensity of all days together."""
        return float(self.calendar.days[-1])

    def before(self, moment: int) -> float:
        """Intensity before a moment of the range."""
        day, rest = divmod(moment, DAY)
        hour, rest = divmod(rest, HOUR)
        place, hours, days = day - self.calendar.first_day, self.calendar.hours, self.calendar.days
        if place >= len(days) - 1:
            return self.whole
        share = float(hours[hour]) + float(hours[hour + 1] - hours[hour]) * (rest / HOUR)
        return float(days[place]) + float(days[place + 1] - days[place]) * share

    def reaching(self, whole: float) -> "Intensity | None":
        """Extend over further days until the intensity is so much; None if the calendar ends before."""
        longer = self
        while longer.whole < whole:
            if longer._last_day >= LAST_DAY:
                return None
            span = longer._last_day - self.calendar.first_day + 1
            longer = Intensity(self._profile, self.calendar.first_day, min(LAST_DAY, longer._last_day + span))
        return longer


def _cumulated_days(profile: TimeProfile, first_day: int, last_day: int) -> Floats:
    """Intensity up to each day: weekday x month x growth; growth counts in years from the first day."""
    days = np.arange(first_day, last_day + 1)
    weights = np.ones(len(days))
    if profile.growth_per_year:
        _grow(float(log2(1.0 + profile.growth_per_year)), weights)
    if profile.weekday_weights:
        weights *= np.array(profile.weekday_weights)[(days + _MONDAY) % 7]
    if profile.month_weights:
        months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
        weights *= np.array(profile.month_weights)[months]
    return np.cumsum(np.append(0.0, weights))


@compiled
def _grow(doublings: float, weights: Floats) -> None:
    for day in range(len(weights)):
        weights[day] = exp2(min(max(doublings * (day / _YEAR), -_FARTHEST), _FARTHEST))


class Moments(NamedTuple):
    """What a law of moments yields: multiples of `step` microseconds from `low` to `high`, counted in `unit`."""

    low: int
    high: int
    step: int
    unit: int


class ProfiledMoments:
    """Moments of a range, each drawn for itself with the profile's intensity."""

    def __init__(self, key: np.uint64, intensity: Intensity, moments: Moments) -> None:
        self._key, self._calendar, self._moments = key, intensity.calendar, moments
        self._first, self._end = intensity.before(moments.low), intensity.before(moments.high + moments.step)

    def draw(self, rows: RowSource, count: int) -> Integers:
        """Units since 1970 of `count` rows."""
        out = np.empty(count, np.int64)
        _draw(rows, self._key, self._calendar, self._first, self._end - self._first, self._moments, out)
        return out


class RisingMoments:
    """Moments that never go back: row r is at (r + u) / rows of the intensity of the range.

    Rows behind the first segment's go on behind the range, at the same pace.
    """

    def __init__(self, key: np.uint64, intensity: Intensity, moments: Moments, rows: int) -> None:
        self._key, self._calendar, self._moments, self._rows = key, intensity.calendar, moments, rows
        self._first = intensity.before(moments.low)
        self._pace = (intensity.before(moments.high + moments.step) - self._first) / rows

    def draw(self, rows: RowSource, count: int) -> Integers:
        """Units since 1970 of `count` rows."""
        out = np.empty(count, np.int64)
        opening = np.uint64(self._rows)
        _rise(rows, self._key, self._calendar, self._first, self._pace, opening, self._moments, out)
        return out


@compiled
def _moment(calendar: Calendar, place: float, step: int) -> int:
    """Moment before which the intensity is `place`."""
    days, hours, guide = calendar.days, calendar.hours, calendar.guide
    bucket = int(place * (_BUCKETS / days[-1]))
    low, high = int(guide[max(min(bucket, _BUCKETS) - 1, 0)]), int(guide[min(bucket + 2, _BUCKETS)])
    while low < high:
        middle = (low + high + 1) >> 1
        if days[middle] <= place:
            low = middle
        else:
            high = middle - 1
    share: float = min((place - days[low]) / (days[low + 1] - days[low]), 1.0 - 2.0**-53)
    hour = 0
    while hour < 23 and share >= hours[hour + 1]:
        hour += 1
    step = min(step, HOUR)
    steps = HOUR // step
    within = (share - hours[hour]) / (hours[hour + 1] - hours[hour])
    moved = min(int(within * steps), steps - 1) * step
    return (calendar.first_day + low) * DAY + hour * HOUR + moved


@compiled
def _draw(
    rows: RowSource, key: np.uint64, calendar: Calendar, first: float, width: float, moments: Moments, out: Integers
) -> None:
    for i in range(len(out)):
        place = first + width * unit(mix(row_at(rows, i) + key))
        moment = _moment(calendar, place, moments.step)
        out[i] = min(max(moment, moments.low), moments.high) // moments.unit


@compiled
def _rise(
    rows: RowSource,
    key: np.uint64,
    calendar: Calendar,
    first: float,
    pace: float,
    opening: np.uint64,
    moments: Moments,
    out: Integers,
) -> None:
    for i in range(len(out)):
        row = row_at(rows, i)
        moment = _moment(calendar, first + pace * (np.float64(row) + unit(mix(row + key))), moments.step)
        behind = row >= opening
        moment = max(moment, moments.high if behind else moments.low)
        out[i] = (moment if behind else min(moment, moments.high)) // moments.unit
