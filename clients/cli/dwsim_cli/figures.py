"""Counts, sizes and times as people read them."""

from google.protobuf.timestamp_pb2 import Timestamp

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def count(number: int) -> str:
    """`1,000,000`."""
    return f"{number:,}"


def short(number: int) -> str:
    """`12,000`, `1.2M`, `34B`: at most six characters or so."""
    for unit, name in ((10**12, "T"), (10**9, "B"), (10**6, "M")):
        if abs(number) >= unit:
            return f"{number / unit:.3g}{name}"
    return count(number)


def size(number: float) -> str:
    """`12.3 MiB`."""
    for unit in _UNITS[:-1]:
        if abs(number) < 1024:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1024
    return f"{number:.1f} {_UNITS[-1]}"


def seconds(number: float) -> str:
    """`3.21 s`, `2 min 5 s`."""
    return f"{number:.2f} s" if number < 120 else f"{int(number // 60)} min {int(number % 60)} s"


def rate(rows: int, taken: float) -> str:
    """`1,234 rows/s`."""
    return f"{rows / taken:,.0f} rows/s" if taken > 0 else ""


def moment(stamp: Timestamp) -> str:
    """`2026-01-31 12:00:00` UTC; empty where there is none."""
    return stamp.ToDatetime().strftime("%Y-%m-%d %H:%M:%S") if stamp.seconds else ""


def day(stamp: Timestamp) -> str:
    """`2026-01-31` UTC; empty where there is none."""
    return moment(stamp).partition(" ")[0]


def elapsed(start: Timestamp, end: Timestamp) -> float:
    """Seconds from one moment to the other; 0 where either is missing."""
    if not start.seconds or not end.seconds:
        return 0.0
    return float((end.ToDatetime() - start.ToDatetime()).total_seconds())
