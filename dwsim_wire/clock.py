"""The time as the mesh writes it."""

import time


def now() -> int:
    """Wall-clock time in UTC microseconds since 1970."""
    return time.time_ns() // 1000
