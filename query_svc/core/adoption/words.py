"""Words of a dialect and what they become: the pieces of which the tables of dialects are made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import Context

Maker = Callable[[list[exp.Expr], Context], exp.Expr]
Rewrite = Callable[[Any, Context], exp.Expr]


@dataclass(frozen=True)
class Word:
    """A function: what it becomes, and how many arguments it takes."""

    makes: Maker
    low: int
    high: int


@dataclass(frozen=True)
class Speech:
    """A dialect: nodes that mean the same everywhere, nodes that are rewritten, functions by name in capitals."""

    alike: frozenset[type[exp.Expr]]
    rewrites: Mapping[type[exp.Expr], Rewrite]
    functions: Mapping[str, Word]
    check: Callable[[exp.Query, Context], None] | None = None


STRUCTURE: frozenset[type[exp.Expr]] = frozenset(
    {
        *(exp.Select, exp.From, exp.Join, exp.Table, exp.TableAlias, exp.Alias, exp.Column, exp.Identifier, exp.Star),
        *(exp.Where, exp.Group, exp.Having, exp.Qualify, exp.Order, exp.Ordered, exp.Limit, exp.Offset, exp.Distinct),
        *(exp.Union, exp.Except, exp.Intersect, exp.Subquery, exp.CTE, exp.With, exp.Paren, exp.Var, exp.Literal),
        *(exp.DataType, exp.DataTypeParam, exp.Interval, exp.WindowSpec, exp.Window, exp.Case, exp.If, exp.Exists),
        *(exp.Null, exp.Boolean, exp.And, exp.Or, exp.Not, exp.Is, exp.Between, exp.Like, exp.Neg, exp.DPipe),
        *(exp.Add, exp.Sub, exp.Mul, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Coalesce, exp.Nullif),
        *(exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Tuple),
        *(exp.StddevSamp, exp.StddevPop, exp.Variance, exp.VariancePop),
        *(exp.RowNumber, exp.Rank, exp.DenseRank, exp.Ntile),
    }
)
"""What every dialect means alike, once NULLs are placed and functions are named."""
DIVISIBLE = frozenset({"year", "quarter", "month", "week", "day", "hour", "minute", "second", "dow", "doy"})
DOUBLE = exp.DataType.build("DOUBLE PRECISION", dialect="redshift")


def called(name: str, *args: exp.Expr | None) -> exp.Anonymous:
    """Call of one of Redshift's functions."""
    return exp.Anonymous(this=name, expressions=[arg for arg in args if arg is not None])


def word(name: str, low: int, high: int | None = None, order: tuple[int, ...] = ()) -> Word:
    """Function that Redshift has under this name; `order` says where its arguments are taken from."""

    def make(args: list[exp.Expr], _cx: Context) -> exp.Expr:
        return called(name, *([args[i] for i in order if i < len(args)] if order else args))

    return Word(make, low, low if high is None else high)


def cast(node: exp.Expr, name: str) -> exp.Cast:
    """CAST to one of Redshift's types."""
    return exp.Cast(this=node, to=exp.DataType.build(name, dialect="redshift"))


def as_double(node: exp.Expr) -> exp.Expr:
    """Double of any number."""
    return exp.Cast(this=node, to=DOUBLE.copy())


def true_division(node: exp.Div, _cx: Context) -> exp.Expr:
    """`/` of anything is a double."""
    return exp.Div(this=as_double(node.this), expression=as_double(node.expression))


def ilike(node: exp.ILike, _cx: Context) -> exp.Expr:
    """ILIKE folds every letter, not only those of ASCII."""
    made = exp.Like(this=called("LOWER", node.this), expression=called("LOWER", node.expression))
    return exp.Not(this=exp.Paren(this=made)) if node.args.get("negate") else made


def part_named(node: exp.Expr, where: str, parts: frozenset[str] = DIVISIBLE) -> str:
    """Part of a date by its full name; abbreviations mean other parts in other dialects."""
    written = node.name.lower()
    if isinstance(node, exp.Literal | exp.Var | exp.Column) and written in parts:
        return written
    raise NotTranslatable(f"{where} by {node.sql()}", hint=f"use {', '.join(sorted(parts))}")


def extract(part: str) -> Word:
    """YEAR(x) and its like."""
    return Word(lambda args, _cx: exp.Extract(this=exp.var(part), expression=args[0]), 1, 1)


def extracted(node: exp.Extract, _cx: Context) -> exp.Expr:
    """EXTRACT of a part that is alike."""
    return exp.Extract(this=exp.var(part_named(node.this, "EXTRACT")), expression=node.expression)


def boundaries(args: list[exp.Expr], _cx: Context) -> exp.Expr:
    """DATE_DIFF(part, start, end) counts boundaries; those of weeks lie elsewhere."""
    part = part_named(args[0], "DATE_DIFF", DIVISIBLE - {"week", "dow", "doy"})
    return called("DATEDIFF", exp.var(part), args[1], args[2])


def truncated(args: list[exp.Expr], _cx: Context) -> exp.Expr:
    """DATE_TRUNC(part, moment)."""
    part = part_named(args[0], "DATE_TRUNC", DIVISIBLE - {"dow", "doy"})
    return called("DATE_TRUNC", exp.Literal.string(part), args[1])


def joined(args: list[exp.Expr]) -> exp.Expr:
    """Texts one after the other."""
    made = args[0]
    for arg in args[1:]:
        made = exp.DPipe(this=made, expression=arg)
    return made if len(args) > 1 else exp.DPipe(this=made, expression=exp.Literal.string(""))


def conditional(args: list[exp.Expr], _cx: Context) -> exp.Expr:
    """IF(condition, then, else)."""
    default = args[2] if len(args) > 2 else None
    return exp.Case(ifs=[exp.If(this=args[0], true=args[1])], default=default)


def lone_if(node: exp.If, cx: Context) -> exp.Expr:
    """IF(…) that stands outside of CASE."""
    if isinstance(node.parent, exp.Case):
        return node
    return conditional([node.this, node.args["true"], *filter(None, [node.args.get("false")])], cx)


def counted_if(condition: exp.Expr) -> exp.Expr:
    """Rows for which a condition is true."""
    return exp.Count(this=exp.Case(ifs=[exp.If(this=condition, true=exp.Literal.number(1))]))


def position_of(needle: exp.Expr, hay: exp.Expr) -> exp.Expr:
    """Place of a text in another, 0 where it is not."""
    return called("CHARINDEX", needle, hay)


def contains(args: list[exp.Expr], _cx: Context) -> exp.Expr:
    """Whether a text has another in it."""
    return exp.Paren(this=exp.GT(this=position_of(args[1], args[0]), expression=exp.Literal.number(0)))


def at_end(side: str) -> Word:
    """Whether a text begins (LEFT) or ends (RIGHT) with another."""

    def make(args: list[exp.Expr], _cx: Context) -> exp.Expr:
        piece = called(side, args[0], called("LEN", args[1]))
        return exp.Paren(this=exp.EQ(this=piece, expression=args[1].copy()))

    return Word(make, 2, 2)


def counting(name: str, least: int, *places: int, high: int = 3) -> Word:
    """Function of a text whose arguments at `places` are written numbers of at least `least`."""

    def make(args: list[exp.Expr], _cx: Context) -> exp.Expr:
        for place in places:
            if place < len(args):
                whole_from(args[place], least if place == places[0] else 0, name)
        return called(name, *args)

    return Word(make, 2, high)


def whole_from(node: exp.Expr, least: int, where: str) -> None:
    """Refuse a place in a text that is computed, or counted from its end."""
    if not (isinstance(node, exp.Literal) and node.is_int and int(node.name) >= least):
        raise NotTranslatable(
            f"{where} at {node.sql()}", "dialects differ in places before the text", hint=f"write a number >= {least}"
        )


def substring(node: exp.Substring, _cx: Context) -> exp.Expr:
    """SUBSTRING from a written place."""
    whole_from(node.args.get("start") or exp.Literal.number(1), 1, "SUBSTRING")
    if length := node.args.get("length"):
        whole_from(length, 0, "SUBSTRING")
    return node


def plain_kind(types: Mapping[exp.DType, str], node: exp.Cast, dialect: str) -> str:
    """Name of the type that a CAST names."""
    name = types.get(node.to.this)
    if name is None or node.args.get("format") or node.args.get("action"):
        raise NotTranslatable(
            f"CAST to {node.to.sql(dialect)}", hint=f"cast to {', '.join(sorted(set(types.values())))}"
        )
    return name


def formatted(words: Mapping[str, str], pattern: exp.Expr, where: str) -> exp.Expr:
    """Format of strftime's kind in the words of TO_CHAR; letters between the words are refused."""
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        raise NotTranslatable(f"{where} by a computed format", hint="write the format as a literal")
    made, rest = "", pattern.name
    while rest:
        step = 2 if rest[0] == "%" else 1
        piece, rest = rest[:step], rest[step:]
        if piece not in words and piece not in "-/:. ,_":
            raise NotTranslatable(f"{where} by {pattern.name!r}", f"{piece!r} has no counterpart", hint="use %Y %m %d")
        made += words.get(piece, piece)
    return exp.Literal.string(made)
