"""Aggregates that SQLite lacks. Memory: spreads need three numbers, percentiles and lists all values of a group."""

import math
from typing import Any

MOST_VALUES = 5_000_000
MOST_CHARACTERS = 16_000_000


class Spread:
    """Running mean and sum of squared distances (Welford)."""

    def __init__(self) -> None:
        self.count, self.mean, self.squares = 0, 0.0, 0.0

    def step(self, value: float | None) -> None:
        """Take a value."""
        if value is None:
            return
        self.count += 1
        distance = value - self.mean
        self.mean += distance / self.count
        self.squares += distance * (value - self.mean)

    def variance(self, missing: int) -> float | None:
        """Variance with `count - missing` degrees of freedom."""
        return self.squares / (self.count - missing) if self.count > missing else None


class VarSamp(Spread):
    """VAR_SAMP."""

    def finalize(self) -> float | None:
        """Variance of a sample."""
        return self.variance(1)


class VarPop(Spread):
    """VAR_POP."""

    def finalize(self) -> float | None:
        """Variance of a population."""
        return self.variance(0)


class StddevSamp(Spread):
    """STDDEV_SAMP."""

    def finalize(self) -> float | None:
        """Root of the variance of a sample."""
        return None if (found := self.variance(1)) is None else math.sqrt(found)


class StddevPop(Spread):
    """STDDEV_POP."""

    def finalize(self) -> float | None:
        """Root of the variance of a population."""
        return None if (found := self.variance(0)) is None else math.sqrt(found)


class Percentile:
    """PERCENTILE_CONT: a value between the neighbours of the place."""

    def __init__(self) -> None:
        self.values: list[float] = []
        self.fraction = 0.5

    def step(self, value: float | None, fraction: float) -> None:
        """Take a value."""
        self.fraction = fraction
        if value is not None:
            if len(self.values) >= MOST_VALUES:
                raise ValueError(f"MEDIAN and PERCENTILE_CONT take {MOST_VALUES:,} values of a group")
            self.values.append(value)

    def finalize(self) -> float | None:
        """Interpolate."""
        if not self.values:
            return None
        if not 0 <= self.fraction <= 1:
            raise ValueError("PERCENTILE_CONT takes a fraction of 0 to 1")
        self.values.sort()
        place = self.fraction * (len(self.values) - 1)
        low = math.floor(place)
        below, above = self.values[low], self.values[math.ceil(place)]
        return below + (above - below) * (place - low)


class ListAgg:
    """LISTAGG in the order of a key, NULL keys last (first where descending)."""

    def __init__(self) -> None:
        self.items: list[tuple[bool, Any, str]] = []
        self.separator, self.descending, self.characters = "", False, 0

    def step(self, value: str | None, separator: str | None, key: Any, descending: int) -> None:
        """Take a value."""
        self.separator, self.descending = separator or "", bool(descending)
        if value is not None:
            self.characters += len(str(value)) + len(self.separator)
            if self.characters > MOST_CHARACTERS:
                raise ValueError("LISTAGG is too long")
            self.items.append((key is None, 0 if key is None else key, str(value)))

    def finalize(self) -> str | None:
        """Join."""
        if not self.items:
            return None
        self.items.sort(key=lambda item: item[:2], reverse=self.descending)
        return self.separator.join(item[2] for item in self.items)


AGGREGATES: dict[str, tuple[int, type[Any]]] = {
    "var_samp": (1, VarSamp),
    "var_pop": (1, VarPop),
    "stddev_samp": (1, StddevSamp),
    "stddev_pop": (1, StddevPop),
    "percentile": (2, Percentile),
    "listagg": (4, ListAgg),
}
