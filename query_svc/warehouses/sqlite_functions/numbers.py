"""Numbers: strict reading of text, exact decimals as scaled integers, failures where SQLite would answer NULL."""

import math
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any, NoReturn

from query_svc.core import values
from query_svc.warehouses.sqlite_functions.strict import Functions, strict


def scaled(value: float | int | str, scale: int) -> int:
    """Scaled integer of a stored decimal, which is a double where that is exact and text beyond."""
    if isinstance(value, float):
        return round(value * float(10**scale))
    return values.scale_up(Decimal(value), scale)


def mixed_text(value: float | int | str, scale: int) -> str:
    """Text of a stored decimal with all digits of its scale."""
    if isinstance(value, float):
        return f"{value:.{scale}f}"
    return format(Decimal(value), f".{scale}f")


def overflow(kind: str) -> NoReturn:
    """Fail as every warehouse does where a result does not fit its type."""
    if kind.startswith("DECIMAL"):
        raise ValueError(f"numeric overflow: a result is too large for {kind}, or for the 18 exact digits of SQLite")
    raise ValueError(f"integer overflow: a result is too large for {kind}")


def within(value: int | float, low: int, high: int, kind: str) -> int:
    """Return the integer if it is one and fits its type: what is too large for 64 bits has become a double."""
    if isinstance(value, int) and low <= value <= high:
        return value
    overflow(kind)


def whole(value: float, low: int, high: int, kind: str) -> int:
    """Integer of a double without fraction, if it fits its type."""
    if low <= value <= high:
        return int(value)
    overflow(kind)


def division_by_zero() -> NoReturn:
    """Fail as every warehouse does."""
    raise ValueError("division by zero")


def power(base: float, exponent: float) -> float:
    """Base to the exponent."""
    try:
        result = math.pow(base, exponent)
    except (OverflowError, ValueError):
        raise ValueError(f"POWER({base:g}, {exponent:g}) is not a number") from None
    return result


def rounded(value: float | int, places: int) -> float | int:
    """Round half away from zero, by the digits that the number shows."""
    exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return int(exact) if isinstance(value, int) else float(exact)


def cut(value: float, places: int) -> float:
    """Cut digits off toward zero."""
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_DOWN))


def greatest(*options: Any) -> Any:
    """Largest of the values that are not NULL."""
    return max((option for option in options if option is not None), default=None)


def least(*options: Any) -> Any:
    """Smallest of the values that are not NULL."""
    return min((option for option in options if option is not None), default=None)


def to_number(text: str, pattern: str) -> float:
    """Read a number; the pattern says only where signs and separators are."""
    if set(pattern.upper()) - set("09.,GDS$FM "):
        raise ValueError(f"TO_NUMBER does not know the format {pattern!r}")
    return values.read_float(str(text).replace(",", "").replace("$", ""))


def float_text(value: float) -> str:
    """Shortest text that reads back as the number."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


FUNCTIONS: Functions = {
    "to_integer": (1, strict(lambda value: values.read_integer(str(value)))),
    "to_float": (1, strict(lambda value: values.read_float(str(value)))),
    "to_decimal": (2, strict(lambda value, scale: values.scale_up(values.read_decimal(str(value)), scale))),
    "to_boolean": (1, strict(lambda value: values.read_boolean(str(value)))),
    "to_number": (2, strict(to_number)),
    "scaled": (2, strict(scaled)),
    "mixed_text": (2, strict(mixed_text)),
    "decimal_text": (2, strict(values.scale_down)),
    "float_text": (1, strict(float_text)),
    "overflow": (1, overflow),
    "within": (4, strict(within)),
    "whole": (4, strict(whole)),
    "division_by_zero": (0, division_by_zero),
    "power": (2, strict(power)),
    "cbrt": (1, strict(math.cbrt)),
    "round": (2, strict(rounded)),
    "trunc_number": (2, strict(cut)),
    "greatest": (-1, greatest),
    "least": (-1, least),
}
