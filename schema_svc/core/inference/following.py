"""Columns that follow others of their row: a parcel arrives after it was sent, an end comes after its start."""

from collections.abc import Iterator, Mapping
from functools import cache

from schema_svc.core.check_offsets import may_add
from schema_svc.core.inference.entries import CALENDAR, NUMBER, Follower, Pair
from schema_svc.core.inference.matching import LONGEST_NAME, normal_names
from schema_svc.core.inference.times import FOLLOWERS, PAIRS
from schema_svc.core.model import Column
from schema_svc.core.rules import OffsetRule, Rule
from schema_svc.core.vocabulary import OffsetUnit, TypeKind

_DAY = 86_400
_PAIRED_DAYS = (1, 180)
_PAIRED_MINUTES = (15, 240)
_PAIRED_NUMBERS = (1, 100)
_MOST_PRECISION = 30


class RowNames:
    """Words of the columns of a table, and the columns by their words and by their last ones."""

    def __init__(self, words: Mapping[str, tuple[str, ...]]) -> None:
        self.words = words
        self.by_words: dict[tuple[str, ...], list[str]] = {}
        self.by_ending: dict[tuple[str, ...], list[str]] = {}
        for name, each in words.items():
            self.by_words.setdefault(each, []).append(name)
            for size in range(1, min(LONGEST_NAME, len(each)) + 1):
                self.by_ending.setdefault(each[-size:], []).append(name)


def following(column: Column, names: RowNames, columns: Mapping[str, Column]) -> tuple[Rule, float] | None:
    """Rule and share of NULLs of a column that follows another one of `columns`."""
    kind = column.logical_type.kind if column.logical_type else TypeKind.KIND_UNSPECIFIED
    words = names.words[column.name]
    if kind in CALENDAR:
        for follower, before in _followers(words):
            for source in _sources(follower, before, names):
                if source != column.name and source in columns and may_follow(column, columns[source]):
                    return _after(column, source, follower), follower.nulls
    for pair, source in _partners(words, names, numbers=kind in NUMBER):
        if source != column.name and source in columns and may_follow(column, columns[source]):
            return Rule(offset=_paired(kind, source, pair)), 0.0
    return None


def may_follow(column: Column, source: Column) -> bool:
    """True where the generator can add to `source`, and the sum keeps all of its digits."""
    own, other = column.logical_type, source.logical_type
    if own is None or other is None or source.foreign_key or not may_add(column, source):
        return False
    if own.kind is TypeKind.DECIMAL:
        return (own.precision, own.scale) == (other.precision, other.scale) and own.precision <= _MOST_PRECISION
    return own.kind in CALENDAR or own.kind is other.kind


def _followers(words: tuple[str, ...]) -> Iterator[tuple[Follower, tuple[str, ...]]]:
    """Followers of such a name, and the words before it."""
    for size in range(min(LONGEST_NAME, len(words)), 0, -1):
        yield from ((follower, words[:-size]) for follower in _by_name().get("_".join(words[-size:]), ()))


def _sources(follower: Follower, before: tuple[str, ...], names: RowNames) -> Iterator[str]:
    """Columns that it follows, the likeliest name first: one with the same words before, else the table's first."""
    for wanted in normal_names(follower.after):
        ending = tuple(wanted.split("_"))
        yield from names.by_words.get((*before, *ending), ())
        yield from names.by_ending.get(ending, ())[:1]


def _partners(words: tuple[str, ...], names: RowNames, *, numbers: bool) -> Iterator[tuple[Pair, str]]:
    """Columns of the same words but for one: `end_date` and `start_date`."""
    for pair in PAIRS:
        if pair.numbers is numbers and pair.second in words:
            place = len(words) - 1 - words[::-1].index(pair.second)
            found = names.by_words.get((*words[:place], pair.first, *words[place + 1 :]), ())
            yield from ((pair, name) for name in found)


def _after(column: Column, source: str, follower: Follower) -> Rule:
    logical = column.logical_type
    if logical and logical.kind is TypeKind.DATE:
        span, unit = (follower.least_days, follower.most_days), OffsetUnit.DAYS
    else:
        span, unit = (follower.least_days * _DAY, follower.most_days * _DAY), OffsetUnit.SECONDS
    return Rule(offset=OffsetRule(column=source, min=span[0], max=span[1], unit=unit))


def _paired(kind: TypeKind, source: str, pair: Pair) -> OffsetRule:
    span, unit = pair.seconds, OffsetUnit.SECONDS
    if kind is TypeKind.DATE:
        span, unit = _PAIRED_DAYS, OffsetUnit.DAYS
    elif kind is TypeKind.TIME:
        span, unit = _PAIRED_MINUTES, OffsetUnit.MINUTES
    elif kind in NUMBER:
        span, unit = _PAIRED_NUMBERS, OffsetUnit.UNIT_UNSPECIFIED
    return OffsetRule(column=source, min=span[0], max=span[1], unit=unit)


@cache
def _by_name() -> Mapping[str, list[Follower]]:
    found: dict[str, list[Follower]] = {}
    for follower in FOLLOWERS:
        for name in normal_names(follower.names):
            found.setdefault(name, []).append(follower)
    return found
