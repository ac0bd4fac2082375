"""Dates on stored text: adding parts, parts that SQLite's own functions lack, formats of TO_CHAR and TO_DATE."""

import calendar
import re
from datetime import date, datetime, timedelta

from query_svc.core import values
from query_svc.core.values import read_stored, write_timestamp
from query_svc.warehouses.sqlite_functions.strict import Functions, strict

_MONTHS = {"year": 12, "quarter": 3, "month": 1}
_STEPS = {
    "week": timedelta(weeks=1),
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
    "minute": timedelta(minutes=1),
    "second": timedelta(seconds=1),
    "millisecond": timedelta(milliseconds=1),
    "microsecond": timedelta(microseconds=1),
}
_DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


def _later(moment: datetime, months: int) -> datetime:
    place = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(place, 12)
    if not 1 <= year <= 9999:
        raise ValueError("the date is out of range")
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def add(part: str, count: int, text: str) -> str:
    """Add parts; a day that the month lacks becomes its last."""
    moment = read_stored(text)
    try:
        later = _later(moment, _MONTHS[part] * count) if part in _MONTHS else moment + _STEPS[part] * count
    except OverflowError:
        raise ValueError("the date is out of range") from None
    return write_timestamp(later)


def add_months(text: str, count: int) -> str:
    """Add months; the last day of a month goes to the last day."""
    moment = read_stored(text)
    later = _later(moment, count)
    if moment.day == calendar.monthrange(moment.year, moment.month)[1]:
        later = later.replace(day=calendar.monthrange(later.year, later.month)[1])
    return write_timestamp(later)


def difference(part: str, start: str, end: str) -> int:
    """Boundaries of weeks (from Monday), milliseconds or microseconds between two moments."""
    a, b = read_stored(start), read_stored(end)
    if part == "week":
        return ((b.date() - timedelta(b.weekday())) - (a.date() - timedelta(a.weekday()))).days // 7
    micros = (b - a) // timedelta(microseconds=1)
    if part == "microsecond":
        return values.fitting(micros)
    if part == "millisecond":
        return micros // 1000 if b.microsecond % 1000 >= a.microsecond % 1000 else micros // 1000 + 1
    raise ValueError(f"dates have no part {part}")


def trunc(part: str, text: str) -> str:
    """Cut a moment off at milliseconds or microseconds."""
    moment = read_stored(text)
    return write_timestamp(
        moment.replace(microsecond=moment.microsecond // 1000 * 1000) if part[:5] == "milli" else moment
    )


def part_of(part: str, text: str) -> int:
    """ISO week, milliseconds or microseconds of a moment."""
    moment = read_stored(text)
    if part == "week":
        return moment.isocalendar().week
    if part == "millisecond":
        return moment.microsecond // 1000
    if part == "microsecond":
        return moment.microsecond
    raise ValueError(f"dates have no part {part}")


def seconds(text: str, part: str) -> float:
    """Seconds of a moment with their fraction; since 1970 for `epoch`."""
    moment = read_stored(text)
    if part == "epoch":
        return (moment - datetime(1970, 1, 1)) / timedelta(seconds=1)
    return moment.second + moment.microsecond / 1e6


def months_between(end: str, start: str) -> float:
    """Months from `start` to `end`; whole where both days agree or are last, else by 31sts."""
    a, b = read_stored(start), read_stored(end)
    whole = (b.year - a.year) * 12 + b.month - a.month
    last_a = a.day == calendar.monthrange(a.year, a.month)[1]
    last_b = b.day == calendar.monthrange(b.year, b.month)[1]
    if a.day == b.day or (last_a and last_b):
        return float(whole)
    clock = (b - b.replace(hour=0, minute=0, second=0, microsecond=0)) - (
        a - a.replace(hour=0, minute=0, second=0, microsecond=0)
    )
    return whole + (b.day - a.day + clock / timedelta(days=1)) / 31


def next_day(text: str, name: str) -> str:
    """First day of that name after a date."""
    word = str(name).strip().upper()
    fits = [i for i, day in enumerate(_DAYS) if len(word) >= 2 and day.startswith(word)]
    if len(fits) != 1:
        raise ValueError(f"{name!r} is not a day of the week")
    day = read_stored(text).date()
    return (day + timedelta((fits[0] - day.weekday() - 1) % 7 + 1)).isoformat()


_WORDS = re.compile(
    r"YYYY|YY|MONTH|MON|MM|DDD|DD|DAY|DY|D|HH24|HH12|HH|MI|SS|MS|US|AM|PM|Q|WW|IW|\"[^\"]*\"", re.IGNORECASE
)


def to_char(text: str, pattern: str) -> str:
    """Write a moment by a format such as `YYYY-MM-DD HH24:MI:SS`."""
    moment = read_stored(text)
    return _WORDS.sub(lambda found: _word(found.group(), moment), pattern)


def _cased(word: str, text: str) -> str:
    if word.isupper():
        return text.upper()
    return text.lower() if word.islower() else text


def _word(word: str, m: datetime) -> str:
    name = word.upper()
    if name.startswith('"'):
        return word[1:-1]
    if name in ("MONTH", "DAY"):
        full = calendar.month_name[m.month] if name == "MONTH" else calendar.day_name[m.weekday()]
        return _cased(word, full.ljust(9))
    if name in ("MON", "DY"):
        return _cased(word, calendar.month_abbr[m.month] if name == "MON" else calendar.day_abbr[m.weekday()])
    if name in ("AM", "PM"):
        return _cased(word, "PM" if m.hour >= 12 else "AM")
    return _digits(name, m)


def _digits(name: str, m: datetime) -> str:
    day = m.timetuple().tm_yday
    numbers = {
        "YYYY": (m.year, 4),
        "YY": (m.year % 100, 2),
        "MM": (m.month, 2),
        "DDD": (day, 3),
        "DD": (m.day, 2),
        "D": (m.isoweekday() % 7 + 1, 1),
        "HH24": (m.hour, 2),
        "HH12": (m.hour % 12 or 12, 2),
        "HH": (m.hour % 12 or 12, 2),
        "MI": (m.minute, 2),
        "SS": (m.second, 2),
        "MS": (m.microsecond // 1000, 3),
        "US": (m.microsecond, 6),
        "Q": ((m.month + 2) // 3, 1),
        "WW": ((day + 6) // 7, 2),
        "IW": (m.isocalendar().week, 2),
    }
    value, width = numbers[name]
    return str(value).zfill(width)


_READ = {"YYYY": r"(?P<Y>\d{4})", "MM": r"(?P<M>\d{1,2})", "DD": r"(?P<D>\d{1,2})", "HH24": r"(?P<h>\d{1,2})"}
_READ |= {"MI": r"(?P<m>\d{1,2})", "SS": r"(?P<s>\d{1,2})", "MON": r"(?P<b>[A-Za-z]{3})", "YY": r"(?P<y>\d{2})"}


def from_char(text: str, pattern: str) -> str:
    """Read a moment by a format; what the text lacks or adds is an error."""
    shape = "".join(_shape(piece) for piece in re.split(f"({_WORDS.pattern})", pattern, flags=re.IGNORECASE) if piece)
    found = re.fullmatch(r"\s*" + shape + r"\s*", str(text))
    if not found:
        raise ValueError(f"{text!r} does not have the format {pattern!r}")
    got = found.groupdict()
    month = int(got.get("M") or 0) or _month(got.get("b")) or 1
    year = int(got.get("Y") or 0) or (2000 + int(got["y"]) if got.get("y") else 1)
    day = date(year, month, int(got.get("D") or 1))
    hour, minute, second = (int(got.get(name) or 0) for name in ("h", "m", "s"))
    return write_timestamp(datetime(day.year, day.month, day.day, hour, minute, second))


def _shape(piece: str) -> str:
    if piece.upper() in _READ:
        return _READ[piece.upper()]
    if _WORDS.fullmatch(piece):
        raise ValueError(f"{piece} cannot be read from text")
    return re.escape(piece)


def _month(name: str | None) -> int:
    names = [m.lower() for m in calendar.month_abbr]
    return names.index(name.lower()) if name and name.lower() in names else 0


FUNCTIONS: Functions = {
    "to_date": (1, strict(lambda value: values.read_date(str(value)))),
    "to_timestamp": (1, strict(lambda value: values.read_timestamp(str(value)))),
    "to_time": (1, strict(lambda value: values.read_time(str(value)))),
    "dateadd": (3, strict(add)),
    "add_months": (2, strict(add_months)),
    "datediff": (3, strict(difference)),
    "trunc": (2, strict(trunc)),
    "part": (2, strict(part_of)),
    "seconds": (2, strict(seconds)),
    "year": (1, strict(lambda text: read_stored(text).year)),
    "months_between": (2, strict(months_between)),
    "next_day": (2, strict(next_day)),
    "to_char": (2, strict(to_char)),
    "from_char": (2, strict(from_char)),
}
