"""What an entry of the inference table is: names, kinds of types, and what fills the columns that have both."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from schema_svc.core.values import FLOATS, INTEGER_BITS, MOMENTS, NUMERIC
from schema_svc.core.vocabulary import TextUnit, TypeKind

TEXT = frozenset({TypeKind.STRING})
WHOLE = frozenset(INTEGER_BITS)
REAL = FLOATS | {TypeKind.DECIMAL}
NUMBER = NUMERIC
TRUTH = frozenset({TypeKind.BOOLEAN})
CALENDAR = MOMENTS
KIND_NAMES: Mapping[frozenset[TypeKind], str] = {
    TEXT: "text",
    WHOLE: "integer",
    REAL: "decimal or float",
    NUMBER: "number",
    TRUTH: "boolean",
    CALENDAR: "date or timestamp",
}


@dataclass(frozen=True)
class Provider:
    """A Faker provider whose values need at least `least` characters."""

    name: str
    least: int = 1
    most: int = 0
    """Applies to columns of at most so many characters; to any if 0."""
    distinct: bool = False
    """Has enough distinct values for a unique column."""
    arguments: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Uuids:
    """UUIDs; text of 32 characters and more."""

    least: int = 32
    distinct: bool = True


@dataclass(frozen=True)
class Words:
    """Readable text; with fewer than `least` characters it is not worth it."""

    unit: TextUnit = TextUnit.WORDS
    fewest: int = 1
    most: int = 3
    least: int = 4


@dataclass(frozen=True)
class Choices:
    """One of listed values. Words that are too long are left out, or cut to their first letters where too few fit."""

    weights: Mapping[str, float]
    cut: bool = False
    """All words are needed: if one is too long, all are cut."""


@dataclass(frozen=True)
class Numbers:
    """Numbers between bounds: normal around `mean` if that is given, else uniform.

    Applies to types with at most `most_digits` before the point, if that is given.
    """

    low: str
    high: str
    mean: float | None = None
    stddev: float = 0.0
    decimals: int | None = None
    most_digits: int | None = None
    least_digits: int = 0


@dataclass(frozen=True)
class Ranks:
    """1 to `most`, small numbers more often than large ones."""

    most: int
    exponent: float = 1.2


@dataclass(frozen=True)
class Truth:
    """true with a probability."""

    probability: float


@dataclass(frozen=True)
class Days:
    """Days or moments between two days; the last two years if they are empty."""

    first: str
    last: str


Filling = Provider | Uuids | Words | Choices | Numbers | Ranks | Truth | Days


class Entry(NamedTuple):
    """One row of the inference table.

    A name is the last words of a column's name (`zip_code` is in `billing_zip_code`), or its first ones if it ends in
    `*` (`is_*`). Among several rows that fit, the longest name wins, then the earlier row.
    """

    names: str
    """Names, with blanks between."""
    kinds: frozenset[TypeKind]
    filling: Filling
    owners: str = ""
    """Nouns that the word before the name, or else the table, must be one of; any if empty."""
    near: str = ""
    """Names of which the table must have another column; any table if empty."""
    nulls: float = 0.0
    """Share of NULLs where the column may be NULL."""


class Follower(NamedTuple):
    """A date or moment that comes after another one of its row."""

    names: str
    after: str
    """Names of columns that it follows, the most likely first."""
    least_days: int
    most_days: int
    nulls: float = 0.0


class Pair(NamedTuple):
    """Two columns whose names differ in one word: the second is not below the first."""

    first: str
    second: str
    numbers: bool = False
    """Says this of numbers; else of dates and times."""
    seconds: tuple[int, int] = (60, 4 * 3_600)
    """Between two moments."""
