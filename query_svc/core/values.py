"""Values as text: read strictly, written as the SQLite warehouse stores them.

DATE is `YYYY-MM-DD`, TIMESTAMP is `YYYY-MM-DD HH:MM:SS` with six more digits only where they are not all zero.
Text that a warehouse would reject raises ValueError; nothing is ever guessed.
"""

import re
from datetime import date, datetime, time, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

_TRUE = frozenset({"t", "true", "y", "yes", "on", "1"})
_FALSE = frozenset({"f", "false", "n", "no", "off", "0"})
_ZONE = re.compile(r"\s*(Z|UTC|[+-]\d{1,2}(?::?\d{2})?)$", re.IGNORECASE)
_CLOCK = re.compile(r"^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?$")
_DAY = re.compile(r"^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$|^(\d{4})(\d{2})(\d{2})$")
MOST_INTEGER = 2**63 - 1


def write_timestamp(moment: datetime) -> str:
    """Write a moment as the warehouse stores it."""
    return moment.isoformat(sep=" ")


def read_stored(text: str) -> datetime:
    """Read a stored DATE or TIMESTAMP."""
    return datetime.fromisoformat(text)


def read_date(text: str) -> str:
    """Canonical DATE of a text; a time of day behind it is dropped."""
    return read_timestamp(text)[:10]


def read_timestamp(text: str) -> str:
    """Canonical TIMESTAMP of an ISO-like text; a zone moves it to UTC."""
    body = text.strip()
    offset = timedelta(0)
    if len(body) > 10 and (zone := _ZONE.search(body)):
        offset, body = _offset(zone.group(1)), body[: zone.start()]
    day, _, clock = body.replace("T", " ").partition(" ")
    found = _DAY.match(day)
    if not found:
        raise ValueError(f"{text!r} is not a date")
    year, month, number = (int(part) for part in found.groups() if part)
    moment = datetime.combine(date(year, month, number), _clock(clock.strip(), text))
    return write_timestamp(moment - offset)


def _clock(text: str, whole: str) -> time:
    if not text:
        return time()
    found = _CLOCK.match(text)
    if not found:
        raise ValueError(f"{whole!r} is not a timestamp")
    hour, minute, second, fraction = found.groups()
    micro = int((fraction or "0").ljust(6, "0")[:6])
    return time(int(hour), int(minute), int(second or 0), micro)


def _offset(zone: str) -> timedelta:
    if zone.upper() in {"Z", "UTC"}:
        return timedelta(0)
    sign = -1 if zone[0] == "-" else 1
    digits = zone[1:].replace(":", "").ljust(4, "0") if len(zone) > 3 else zone[1:].zfill(2) + "00"
    moved = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
    timezone(moved)  # raises beyond a day
    return sign * moved


def read_time(text: str) -> str:
    """Canonical TIME of a text."""
    return _clock(text.strip(), text).isoformat()


def read_boolean(text: str) -> int:
    """Read 1 or 0 from a text that means true or false."""
    word = text.strip().lower()
    if word in _TRUE:
        return 1
    if word in _FALSE:
        return 0
    raise ValueError(f"{text!r} is not a boolean")


def read_integer(text: str) -> int:
    """Integer of a text."""
    body = text.strip()
    if not re.fullmatch(r"[+-]?\d+", body):
        raise ValueError(f"{text!r} is not an integer")
    return fitting(int(body))


def read_float(text: str) -> float:
    """Double of a text."""
    if "_" in text:
        raise ValueError(f"{text!r} is not a number")
    return float(text.strip())


def read_decimal(text: str) -> Decimal:
    """Decimal of a text."""
    try:
        value = Decimal(text.strip()) if "_" not in text else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise ValueError(f"{text!r} is not a number")
    return value


def scale_up(value: Decimal, scale: int) -> int:
    """Integer that is `value` times 10^scale, rounded half away from zero."""
    return fitting(int(value.scaleb(scale).to_integral_value(ROUND_HALF_UP)))


def scale_down(scaled: int, scale: int) -> str:
    """Text of the decimal that is `scaled` / 10^scale, with all digits of the scale."""
    return format(Decimal(scaled).scaleb(-scale), "f")


def fitting(value: int) -> int:
    """Return the value if it fits 64 bits."""
    if abs(value) > MOST_INTEGER:
        raise ValueError("a number is too large: exact arithmetic on SQLite has 18 digits")
    return value
