"""Faker's dates and times, read as even ranges: each method is asked what it would draw between, today being `as_of`.

All of them draw one number of seconds; the provider that is asked here answers with the first or the last of them. So
every argument counts as it does in the pinned Faker, and what Faker refuses has no range.
"""

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from types import SimpleNamespace
from typing import Any, Final

from faker.providers.date_time import Provider as AnyDateTime

from generator_svc.core.kernels.faker_clock import standing_clock
from generator_svc.core.kernels.faker_natives import LOCALES
from generator_svc.core.kernels.grammar import Phrase, words
from generator_svc.core.spec import TypeKind
from generator_svc.core.units import DAY, SECOND, days

ISO_DAY: Final = "%Y-%m-%d"
ISO_MOMENT: Final = "%Y-%m-%dT%H:%M:%S.%f"
_EPOCH: Final = dt.datetime(1970, 1, 1)
_TIME: Final = "%H:%M:%S"


@dataclass(frozen=True, slots=True)
class Moments:
    """Microseconds since 1970 that a method draws from, both ends reachable, and how it writes them.

    `kind` is what the method yields: a DATE, a TIMESTAMP, a TIME, or seconds as a FLOAT64. Where a text column is too
    short for the first pattern, the next one is written.
    """

    kind: TypeKind
    low: int
    high: int
    patterns: tuple[str, ...]
    own_pattern: bool = False


@dataclass(frozen=True, slots=True)
class _Method:
    """What a method yields, how, the method whose range it has, and its arguments that are about text alone."""

    kind: TypeKind
    patterns: tuple[str, ...]
    asked: str = ""
    of_text: tuple[str, ...] = ()


_DATE: Final = _Method(TypeKind.DATE, (ISO_DAY,))
_TIMESTAMP: Final = _Method(TypeKind.TIMESTAMP, (ISO_MOMENT, ISO_MOMENT.removesuffix(".%f")))
_METHODS: Final[Mapping[str, _Method]] = {
    **dict.fromkeys(("date_between", "date_between_dates", "date_of_birth", "future_date", "past_date"), _DATE),
    **dict.fromkeys(("date_this_century", "date_this_decade", "date_this_month", "date_this_year"), _DATE),
    **dict.fromkeys(("date_time", "date_time_ad", "date_time_between", "date_time_between_dates"), _TIMESTAMP),
    **dict.fromkeys(("date_time_this_century", "date_time_this_decade", "date_time_this_month"), _TIMESTAMP),
    **dict.fromkeys(("date_time_this_year", "future_datetime", "past_datetime"), _TIMESTAMP),
    "date": _Method(TypeKind.DATE, (ISO_DAY,), "date_time", ("pattern",)),
    "date_object": _Method(TypeKind.DATE, (ISO_DAY,), "date_time"),
    "iso8601": _Method(TypeKind.TIMESTAMP, _TIMESTAMP.patterns, "date_time", ("sep", "timespec")),
    "time": _Method(TypeKind.TIME, (_TIME,), "date_time", ("pattern",)),
    "time_object": _Method(TypeKind.TIME, (f"{_TIME}.%f", _TIME), "date_time"),
    "unix_time": _Method(TypeKind.FLOAT64, ("%s.%f", "%s")),
}
_PARTS: Final[Mapping[str, Callable[[dt.datetime], int]]] = {
    "am_pm": lambda moment: moment.hour // 12,
    "day_of_month": lambda moment: moment.day,
    "day_of_week": dt.datetime.weekday,
    "month": lambda moment: moment.month,
    "month_name": lambda moment: moment.month,
    "year": lambda moment: moment.year,
}
"""Methods that tell a part of a moment between 1970 and today."""
MOMENT_PROVIDERS: Final = tuple(sorted(_METHODS.keys() | _PARTS.keys()))
"""Methods of dates and times that are kernels in every one of `LOCALES`."""
_TIMESPECS: Final = {"auto": ".%f", "microseconds": ".%f", "seconds": ""}


def faker_moments(provider: str, locale: str, arguments: Mapping[str, Any], as_of: dt.date) -> Moments | None:
    """Read a method's range and pattern; None if it has none, or if Faker refuses its arguments."""
    if provider not in _METHODS or locale not in LOCALES:
        return None
    method = _METHODS[provider]
    patterns = _patterns(method, arguments)
    others = {name: value for name, value in arguments.items() if name not in method.of_text}
    ends = _ends(method.asked or provider, locale, json.dumps(others, sort_keys=True), as_of)
    if ends is None or not patterns:
        return None
    low, high = ends
    if method.kind is TypeKind.DATE:
        low, high = low // DAY * DAY, high // DAY * DAY + DAY - 1
    elif method.kind is TypeKind.TIME:
        low, high = 0, DAY - 1
    return Moments(method.kind, low, high, patterns, bool(arguments.keys() & set(method.of_text)))


def calendar_phrase(provider: str, locale: str, arguments: Mapping[str, Any], as_of: dt.date) -> Phrase | None:
    """Draw a part of a moment, such as a month's name, as often as the moments from 1970 to today have it."""
    weights = calendar_weights(provider, locale, arguments, as_of)
    return words(weights) if weights else None


def calendar_weights(
    provider: str, locale: str, arguments: Mapping[str, Any], as_of: dt.date
) -> Mapping[str, float] | None:
    """List the parts of `calendar_phrase` by weight; None for other methods."""
    if provider not in _PARTS or locale not in LOCALES or arguments or as_of < _EPOCH.date():
        return None
    return _parts(provider, locale, as_of)


@lru_cache(maxsize=64)
def _parts(provider: str, locale: str, as_of: dt.date) -> dict[str, float]:
    """Texts of the parts that half days have, with how many have them."""
    halves = [_EPOCH + dt.timedelta(hours=12 * half) for half in range(2 * max(days(as_of), 1))]
    parts = [_PARTS[provider](moment) for moment in halves]
    at = {part: half * 43_200 for half, part in enumerate(parts)}
    counts = Counter(parts)
    with standing_clock(as_of):
        return {_text_at(provider, locale, at[part]): float(counts[part]) for part in sorted(counts)}


def _text_at(provider: str, locale: str, second: int) -> str:
    asked, _ = _asked(locale, lambda _low, _high: second)
    return str(getattr(asked, provider)())


def _patterns(method: _Method, arguments: Mapping[str, Any]) -> tuple[str, ...]:
    """Patterns of a method under its arguments; none if they are not what Faker takes."""
    given = [arguments[name] for name in method.of_text if name in arguments]
    if not all(isinstance(each, str) for each in given):
        return ()
    if "pattern" in arguments and given:
        return tuple(given)
    if not given:
        return method.patterns
    spec, separator = _TIMESPECS.get(arguments.get("timespec", "auto")), arguments.get("sep", "T")
    if spec is None or len(separator) != 1:
        return ()
    return (f"{ISO_DAY}{separator.replace('%', '%%')}{_TIME}{spec}",)


@lru_cache(maxsize=256)
def _ends(name: str, locale: str, arguments: str, as_of: dt.date) -> tuple[int, int] | None:
    """First and last microsecond that a method may give; None if it gives none."""
    given = json.loads(arguments)
    with standing_clock(as_of):
        try:
            provider, _ = _asked(locale, lambda low, _: low)
            low = _microseconds(getattr(provider, name)(**given))
            provider, drawn = _asked(locale, lambda low, high: max(low, high - 1))
            high = _microseconds(getattr(provider, name)(**given))
        except (ArithmeticError, LookupError, TypeError, ValueError):
            return None
    return low, high + (SECOND - 1 if drawn else 0)


def _asked(locale: str, answer: Callable[[int, int], int]) -> tuple[Any, list[int]]:
    """Make a provider that answers instead of drawing, and the list of its answers to ranges of more than a moment."""
    answers: list[int] = []

    def rand_seconds(_self: Any, low: int, high: int) -> int:
        if low > high:
            raise ValueError("an empty range")
        answers.extend([low] * (low < high))
        return answer(low, high)

    def random() -> float:
        answers.append(0)
        return 0.0

    asked = type("AskedDateTime", (_date_time(locale),), {"_rand_seconds": rand_seconds})
    return asked(SimpleNamespace(random=SimpleNamespace(random=random))), answers


@cache
def _date_time(locale: str) -> Any:
    """Faker's provider of dates in a locale."""
    try:
        return import_module(f"faker.providers.date_time.{locale}").Provider
    except ModuleNotFoundError:
        return AnyDateTime


def _microseconds(value: Any) -> int:
    match value:
        case dt.datetime():
            return (value - _EPOCH) // dt.timedelta(microseconds=1)
        case dt.date():
            return days(value) * DAY
        case _:
            return int(value) * SECOND
