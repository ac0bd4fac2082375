"""Whether an answer is DuckDB's, to the last digit and in its order.

Two things differ by Redshift's own rules, and each has its one right value here: a CHAR is as long as its column, and
the columns of `cuts` are decimals of Redshift's scale where DuckDB computes in double precision.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

_CHAR, _DECIMAL = re.compile(r"CHAR\((\d+)\)"), re.compile(r"DECIMAL\(\d+,(\d+)\)")
_NUMBERS = re.compile(r"SMALLINT|INTEGER|BIGINT|HUGEINT|DOUBLE|DECIMAL\(.*")
Make = Callable[[Any], Any]


@dataclass(frozen=True)
class Column:
    """Column of an answer, with its type's name."""

    name: str
    data_type: str


Table = tuple[list[Column], list[list[Any]]]


def difference(cuts: Mapping[str, str], verdict: str, wanted: Table, got: Table) -> str:
    """Say where an answer differs from DuckDB's first; nothing if it does not."""
    columns, rows = wanted
    if len(got[0]) != len(columns):
        return f"{len(got[0])} columns instead of {len(columns)}"
    if len(got[1]) != len(rows):
        return f"{len(got[1])} rows instead of {len(rows)}"
    for place, (theirs, ours) in enumerate(zip(columns, got[0], strict=True)):
        cut = cuts.get(theirs.name)
        if cut and verdict == "EXACT":
            return f"{theirs.name} is called EXACT, but {cut}"
        expected, number_of = _expected(theirs, ours, cut=bool(cut)), _value(ours)
        for row, (their_row, our_row) in enumerate(zip(rows, got[1], strict=True)):
            right, value = expected(their_row[place]), number_of(our_row[place])
            if right != value:
                return f"{theirs.name} {ours.data_type} of row {row + 1} is {value!r} instead of {right!r}"
    return ""


def _expected(theirs: Column, ours: Column, *, cut: bool) -> Make:
    """How DuckDB's value reads in our type."""
    if cut and (found := _DECIMAL.fullmatch(ours.data_type)):
        digit = Decimal(1).scaleb(-int(found[1]))
        return _unless_null(lambda value: Decimal(str(value)).quantize(digit, ROUND_DOWN))
    if found := _CHAR.fullmatch(ours.data_type):
        return _unless_null(lambda value: value.ljust(int(found[1])))
    return _value(theirs)


def _value(column: Column) -> Make:
    """Numbers as exact numbers, everything else as it is."""
    if _NUMBERS.fullmatch(column.data_type):
        return _unless_null(lambda value: Decimal(str(value)))
    return lambda value: value


def _unless_null(make: Make) -> Make:
    return lambda value: None if value is None else make(value)
