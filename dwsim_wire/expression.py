"""Expressions of rules: what `derived` and `conditional` may say, for those who check documents and who make cells.

An expression is scalar SQL in DuckDB's spelling over the columns of one row. What is not listed here is refused:
queries, aggregates, windows, anything volatile, whatever reads time zone, locale, collation or files, and functions of
the math library, whose last digit differs between machines. What is listed is integer and decimal arithmetic,
IEEE + - x / sqrt, text compared by its bytes, and the calendar without zones. The SQL given back is written anew from
the checked tree.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

MOST_CHARACTERS: Final = 10_000
MOST_PADDING: Final = 10_000
MOST_DEPTH: Final = 400
_CLASS: Final = re.compile(r"<class '[\w.]*?(\w+)'>")
"""How sqlglot's messages call a kind of node."""
_OPERATORS: Final = (
    "Add Sub Mul Div IntDiv Mod Neg DPipe Paren And Or Not EQ NEQ GT GTE LT LTE NullSafeEQ NullSafeNEQ Is In Between "
    "Like ILike Case If Cast TryCast Interval Column Identifier Literal Boolean Null DataType DataTypeParam Var"
)
_FUNCTIONS: Final = (
    "Abs Ceil Floor Round Trunc Sign Sqrt Greatest Least Coalesce Nullif Upper Lower Length Substring Left Right Trim "
    "Replace Pad Reverse Concat ConcatWs StartsWith EndsWith Contains StrPosition SplitPart Year Quarter Month Day "
    "Hour Minute Second DayOfWeek DayOfWeekIso DayOfYear Extract DateDiff DateTrunc TimestampTrunc LastDay "
    "DateFromParts Dayname Monthname"
)
ALLOWED: Final = frozenset(f"{_OPERATORS} {_FUNCTIONS}".split())
"""Classes of sqlglot's tree."""
_CLOCK: Final = ("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND")
UNITS: Final = frozenset(f"{unit}{ending}" for unit in _CLOCK for ending in ("", "S")) | {
    "DAYOFWEEK",
    "DAYOFYEAR",
    "DOW",
    "DOY",
    "ISODOW",
    "ISOYEAR",
    "DAYOFWEEKISO",
    "DAYOFWEEK_ISO",
}
TYPES: Final = frozenset(
    {"BOOLEAN", "TINYINT", "SMALLINT", "INT", "BIGINT", "INT128", "FLOAT", "DOUBLE", "DECIMAL", "VARCHAR", "TEXT"}
    | {"DATE", "TIME", "TIMESTAMP", "TIMESTAMPNTZ"}
)
_INSTEAD: Final[Mapping[str, str]] = {
    "Rand": "draw a column with a rule and use it here",
    "Uuid": "give a column the uuid rule",
    "CurrentDate": "write a date: a cell is the same on any day",
    "CurrentTimestamp": "write a moment: a cell is the same at any time",
    "Subquery": "copy a parent's column with the lookup rule",
    "Select": "copy a parent's column with the lookup rule",
    "Window": "a cell knows its own row only",
    "Collate": "text is compared by its bytes",
    "AtTimeZone": "moments are UTC",
    "Pow": "multiply instead: the math library differs between machines",
}


class RefusedExpression(ValueError):
    """An expression says what a rule may not."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression: DuckDB's SQL with quoted names, and the columns that it reads, in order."""

    sql: str
    columns: tuple[str, ...]
    may_hide_nulls: bool
    """Whether it can yield a value although a column has none."""


@dataclass(frozen=True, slots=True)
class Cases:
    """An expression that chooses between words: DuckDB's SQL of the chosen word's place, and the words."""

    sql: str
    words: tuple[str, ...]


def read_cases(expression: Expression) -> Cases | None:
    """Read an expression as a CASE or IF all of whose results are texts; None where it is something else."""
    tree = sqlglot.parse_one(expression.sql, dialect="duckdb").unnest()
    if not isinstance(tree, exp.Case | exp.If):
        return None
    branches = tree.args["ifs"] if isinstance(tree, exp.Case) else [tree]
    otherwise = tree.args.get("default") or tree.args.get("false")
    results = [branch.args["true"] for branch in branches] + ([otherwise] if otherwise else [])
    if not all(isinstance(result, exp.Literal) and result.is_string for result in results):
        return None
    words = list(dict.fromkeys(result.name for result in results))
    for result in results:
        result.replace(exp.Literal.number(words.index(result.name)))
    return Cases(tree.sql(dialect="duckdb"), tuple(words))


def read_expression(text: str, known: Iterable[str]) -> Expression:
    """Check an expression over columns named `known`."""
    return _read(text, tuple(known))


@lru_cache(maxsize=1024)
def _read(text: str, known: tuple[str, ...]) -> Expression:
    if not text.strip():
        raise RefusedExpression("the expression is empty", "write one such as round(quantity * unit_price, 2)")
    if len(text) > MOST_CHARACTERS:
        raise RefusedExpression(f"the expression has {len(text)} characters; at most {MOST_CHARACTERS} are taken")
    try:
        statements = sqlglot.parse(text, dialect="duckdb")
        if len(statements) != 1 or not isinstance(statements[0], exp.Expression):
            raise RefusedExpression("it is not one expression", "leave out semicolons and what follows them")
        tree = statements[0]
        nodes = list(tree.walk())
        _check_depth(nodes)
        for node in nodes:
            _check(node)
        names = {name.casefold(): name for name in known} | {name: name for name in known}
        columns = [_bound(node, names) for node in nodes if isinstance(node, exp.Column)]
        hides = any(isinstance(node, exp.Coalesce | exp.Case | exp.If | exp.Is | exp.Concat) for node in nodes)
        sql = tree.sql(dialect="duckdb", comments=False)
    except SqlglotError as error:
        first = _CLASS.sub(r"\1", str(error).splitlines()[0]) if str(error) else "it cannot be read"
        raise RefusedExpression(f"it is no SQL expression: {first}", "write DuckDB's SQL") from None
    except RecursionError:
        raise _too_deep() from None
    return Expression(sql, tuple(dict.fromkeys(columns)), hides)


def _check_depth(nodes: Iterable[exp.Expr]) -> None:
    """Refuse what DuckDB would refuse by a word about its settings; parents come before their children."""
    depths: dict[int, int] = {}
    for node in nodes:
        depth = depths[id(node)] = depths.get(id(node.parent), 0) + 1
        if depth > MOST_DEPTH:
            raise _too_deep()


def _too_deep() -> RefusedExpression:
    return RefusedExpression("the expression nests too deeply", "split it into several columns")


def _check(node: exp.Expr) -> None:
    name = type(node).__name__
    if name not in ALLOWED:
        shown = node.sql(dialect="duckdb")
        hint = _INSTEAD.get(name, "use arithmetic, comparisons, CASE, CAST and the functions that docs/rules.md lists")
        raise RefusedExpression(f"{shown[:60]} is not allowed in a rule's expression", hint)
    if isinstance(node, exp.Var) and node.name.upper() not in UNITS:
        raise RefusedExpression(f"{node.name} is no unit of time", f"units are {', '.join(sorted(UNITS))}")
    if isinstance(node, exp.DataType):
        _check_type(node)
    if isinstance(node, exp.Pad):
        _check_padding(node)


def _check_type(node: exp.DataType) -> None:
    if node.args.get("collate") is not None:
        raise RefusedExpression("a collation is not allowed in a rule's expression", _INSTEAD["Collate"])
    if not isinstance(node.this, exp.DataType.Type) or node.this.name not in TYPES or node.args.get("nested"):
        shown = node.sql(dialect="duckdb")
        raise RefusedExpression(
            f"type {shown} is not allowed in a rule's expression", f"types are {', '.join(sorted(TYPES))}"
        )


def _check_padding(node: exp.Pad) -> None:
    width = node.expression
    if (
        not isinstance(width, exp.Literal)
        or width.is_string
        or not width.this.isdigit()
        or int(width.this) > MOST_PADDING
    ):
        raise RefusedExpression("the width of lpad and rpad is a number", f"write one of 0 to {MOST_PADDING}")


def _bound(column: exp.Column, names: Mapping[str, str]) -> str:
    """Bind a name, whatever its case, to the column, and quote it."""
    if column.table:
        raise RefusedExpression(
            f"{column.sql(dialect='duckdb')} names a table",
            "copy a parent's column with the lookup rule, then use that",
        )
    name = names.get(column.name) or names.get(column.name.casefold())
    if name is None:
        near = get_close_matches(column.name, names.values(), 1)
        raise RefusedExpression(
            f"there is no column {column.name!r}",
            f"did you mean {near[0]!r}?" if near else f"columns are {', '.join(dict.fromkeys(names.values()))}",
        )
    column.set("this", exp.to_identifier(name, quoted=True))
    return name
