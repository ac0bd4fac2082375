"""Whether an answer is DuckDB's, to the last digit and in its order.

Some things differ by Redshift's own rules, and each has its right value here: a CHAR is as long as its column, and the
columns that `cut.py` names are decimals of Redshift's scale where DuckDB computes in double precision. Doubles agree
where they do in twelve digits: the order in which they are summed is anyone's.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

from tests.fidelity.tpc.cut import Cut, Leave

_CHAR, _DECIMAL = re.compile(r"CHAR\((\d+)\)"), re.compile(r"DECIMAL\(\d+,(\d+)\)")
_NUMBERS = re.compile(r"SMALLINT|INTEGER|BIGINT|HUGEINT|DOUBLE( PRECISION)?|DECIMAL\(.*")
_DIGITS = 1e-12
Make = Callable[[Any], Any]
Alike = Callable[[Any, Any], bool]


@dataclass(frozen=True)
class Column:
    """Column of an answer, with its type's name."""

    name: str
    data_type: str


Table = tuple[list[Column], list[list[Any]]]


def difference(leave: Leave, verdict: str, wanted: Table, got: Table) -> str:
    """Say where an answer differs from DuckDB's first; nothing if it does not."""
    columns, rows = wanted
    if len(got[0]) != len(columns):
        return f"{len(got[0])} columns instead of {len(columns)}"
    if len(got[1]) != len(rows):
        return f"{len(got[1])} rows instead of {len(rows)}"
    cuts = [leave.cuts.get(column.name) or leave.cuts.get(str(place)) for place, column in enumerate(columns, start=1)]
    for cut, column in zip(cuts, columns, strict=True):
        if cut and verdict == "EXACT" and not cut.exact:
            return f"{column.name} is called EXACT, but {cut.why}"
    pairs = list(zip(columns, got[0], cuts, strict=True))
    right = _made(rows, [_expected(theirs, ours, cut) for theirs, ours, cut in pairs])
    have = _made(got[1], [_value(ours) for ours in got[0]])
    if leave.ties:
        right, have = sorted(right, key=_place), sorted(have, key=_place)
    alike = [_alike(theirs, ours, cut) for theirs, ours, cut in pairs]
    for number, (row, our_row) in enumerate(zip(right, have, strict=True), start=1):
        for place, (theirs, ours, _) in enumerate(pairs):
            if not alike[place](row[place], our_row[place]):
                instead = f"{our_row[place]!r} instead of {row[place]!r}"
                return f"{theirs.name} {ours.data_type} of row {number} is {instead}"
    return ""


def _made(rows: Sequence[Sequence[Any]], makes: Sequence[Make]) -> list[list[Any]]:
    return [[make(value) for make, value in zip(makes, row, strict=True)] for row in rows]


def _place(row: Sequence[Any]) -> list[tuple[bool, str]]:
    """Where a row stands among its like, NULLs last."""
    return [(value is None, str(value)) for value in row]


def _expected(theirs: Column, ours: Column, cut: Cut | None) -> Make:
    """How DuckDB's value reads in our type."""
    if cut and not cut.within:
        found = _DECIMAL.fullmatch(ours.data_type)
        digit = Decimal(1).scaleb(-int(found[1]) if found else 0)
        return _unless_null(lambda value: Decimal(str(value)).quantize(digit, ROUND_DOWN))
    if found := _CHAR.fullmatch(ours.data_type):
        return _unless_null(lambda value: value.ljust(int(found[1])))
    return _value(theirs)


def _alike(theirs: Column, ours: Column, cut: Cut | None) -> Alike:
    """Whether two values are one."""
    if cut and cut.within:
        within = cut.within
        return lambda a, b: a == b or (None not in (a, b) and abs(a - b) <= within)
    if theirs.data_type == "DOUBLE" and ours.data_type == "DOUBLE PRECISION":
        return lambda a, b: a == b or (None not in (a, b) and math.isclose(a, b, rel_tol=_DIGITS))
    return lambda a, b: bool(a == b)


def _value(column: Column) -> Make:
    """Numbers as exact numbers, everything else as it is."""
    if _NUMBERS.fullmatch(column.data_type):
        return _unless_null(lambda value: Decimal(str(value)))
    return lambda value: value


def _unless_null(make: Make) -> Make:
    return lambda value: None if value is None else make(value)
