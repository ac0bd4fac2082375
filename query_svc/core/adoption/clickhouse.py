"""ClickHouse's words. What is here was compared with ClickHouse itself, edge by edge; the rest is refused.

Columns without NULLs have defaults instead: an outer join is read where `SETTINGS join_use_nulls = 1` says so, and
aggregates over no rows are approximate without `aggregate_functions_null_for_empty = 1`. `/` is a double, CAST cuts
digits off, conditions are 1 or 0, LENGTH and its like count bytes, names are told apart by case.
"""

from functools import partial

from sqlglot import exp

from query_svc.core.adoption.clickhouse_clauses import check
from query_svc.core.adoption.words import (
    STRUCTURE,
    Maker,
    Speech,
    Word,
    at_end,
    boundaries,
    called,
    cast,
    conditional,
    counted_if,
    counting,
    extract,
    extracted,
    formatted,
    ilike,
    joined,
    lone_if,
    part_named,
    plain_kind,
    word,
)
from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import Context
from query_svc.core.rules.operands import fractionless, inexact

_ALIKE = STRUCTURE | {exp.Mod, exp.Trim, exp.CurrentDate, exp.CurrentTimestamp}
_TYPES = {
    exp.DType.BOOLEAN: "BOOLEAN",
    exp.DType.INT: "INTEGER",
    exp.DType.BIGINT: "BIGINT",
    exp.DType.DOUBLE: "DOUBLE PRECISION",
    exp.DType.DECIMAL: "DECIMAL",
    exp.DType.TEXT: "VARCHAR",
    exp.DType.DATE: "DATE",
    exp.DType.DATE32: "DATE",
    exp.DType.DATETIME: "TIMESTAMP",
}
_WHOLE = frozenset(["TRUNC", "FLOOR", "CEIL"])
_CAPITALS, _SMALL = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
_FORMATS = {"%Y": "YYYY", "%m": "MM", "%d": "DD", "%H": "HH24", "%i": "MI", "%S": "SS"}
_DAYS = ("week", "month", "quarter", "year")
_EMPTY = "an aggregate of rows that a condition chose is NULL for none; ClickHouse's is 0 where the column has no NULLs"


def _converted(node: exp.Expr, name: str) -> exp.Expr:
    """CAST; to fewer digits it would cut them off, where the rules round."""
    whole = isinstance(node, exp.Anonymous) and node.name in _WHOLE
    if name in ("INTEGER", "BIGINT") and not whole:
        node = fractionless(node, f"CAST to {name}")
    if name.startswith("DECIMAL"):
        scale = int(name.rstrip(")").rpartition(",")[2])
        if not (isinstance(node, exp.Literal) and len(node.name.partition(".")[2]) <= scale):
            node = fractionless(node, f"CAST to {name}")
    return cast(node, name)


def _cast(node: exp.Cast, _cx: Context) -> exp.Expr:
    name = plain_kind(_TYPES, node, "clickhouse")
    if name == "DECIMAL":
        sizes = [param.name for param in node.to.expressions] or ["10", "0"]
        name = f"DECIMAL({','.join([*sizes, '0'][:2])})"
    return _converted(node.this, name)


def _to(name: str) -> Word:
    return Word(lambda args, _cx: _converted(args[0], name), 1, 1)


def _to_decimal(digits: int, args: list[exp.Expr], _cx: Context) -> exp.Expr:
    if not (isinstance(args[1], exp.Literal) and args[1].is_int):
        raise NotTranslatable("a DECIMAL of a computed scale", hint="write the scale as a number")
    return _converted(args[0], f"DECIMAL({digits},{args[1].name})")


def _divide(node: exp.Div, _cx: Context) -> exp.Expr:
    return exp.Div(this=inexact(node.this), expression=inexact(node.expression))


def _literal(node: exp.Literal, _cx: Context) -> exp.Expr:
    """`1.5` is a double; a text that is cast keeps its digits."""
    if node.is_string or node.name.isdigit():
        return node
    parent = node.parent
    if isinstance(parent, exp.Cast) or (isinstance(parent, exp.Anonymous) and parent.name.upper().startswith("TODEC")):
        return node
    return cast(node.copy(), "DOUBLE PRECISION")


def _count(node: exp.Count, _cx: Context) -> exp.Expr:
    return node if node.this else exp.Count(this=exp.Star())


def _count_if(node: exp.CountIf, _cx: Context) -> exp.Expr:
    return counted_if(node.this)


_COMBINED: dict[str, type[exp.AggFunc]] = {"SUMIF": exp.Sum, "AVGIF": exp.Avg, "MINIF": exp.Min, "MAXIF": exp.Max}


def _combined(node: exp.CombinedAggFunc, cx: Context) -> exp.Expr:
    """`sumIf(x, condition)`."""
    if node.name.upper() == "COUNTIF" and len(node.expressions) == 1:
        return counted_if(node.expressions[0])
    kind = _COMBINED.get(node.name.upper())
    if kind is None or len(node.expressions) != 2:
        raise NotTranslatable(f"{node.name}()", hint="use sumIf, avgIf, minIf, maxIf or countIf")
    cx.note(_EMPTY)
    value, condition = node.expressions
    return kind(this=exp.Case(ifs=[exp.If(this=condition, true=value)]))


def _uniques(node: exp.AnonymousAggFunc, _cx: Context) -> exp.Expr:
    if node.name.upper() == "UNIQ" and len(node.expressions) == 1:
        return exp.ApproxDistinct(this=node.expressions[0])
    if node.name.upper() != "UNIQEXACT" or len(node.expressions) != 1:
        raise NotTranslatable(f"{node.name}()", hint="use count, sum, avg, min, max or uniqExact")
    return exp.Count(this=exp.Distinct(expressions=node.expressions))


def _concat(args: list[exp.Expr], _cx: Context) -> exp.Expr:
    return joined(args)


def _in_ascii(before: str, after: str) -> Word:
    texts = (before, after)
    return Word(lambda args, _cx: called("TRANSLATE", args[0], *map(exp.Literal.string, texts)), 1, 1)


def _compared(kind: type[exp.Binary]) -> Word:
    return Word(lambda args, _cx: exp.Paren(this=kind(this=args[0], expression=exp.Literal.string(""))), 1, 1)


def _operator(kind: type[exp.Binary]) -> Word:
    def make(args: list[exp.Expr], _cx: Context) -> exp.Expr:
        return exp.Paren(this=kind(this=exp.Paren(this=args[0]), expression=exp.Paren(this=args[1])))

    return Word(make, 2, 2)


def _start(part: str) -> Word:
    """The day, or the moment of the clock, on which a part begins."""

    def make(args: list[exp.Expr], _cx: Context) -> exp.Expr:
        made = called("DATE_TRUNC", exp.Literal.string(part), args[0])
        return cast(made, "DATE") if part in _DAYS else made

    return Word(make, 1, 1)


def _truncated(args: list[exp.Expr], cx: Context) -> exp.Expr:
    part = part_named(args[0], "DATE_TRUNC", frozenset([*_DAYS, "hour", "minute", "second"]))
    return _start(part).makes(args[1:], cx)


def _weekday(args: list[exp.Expr], _cx: Context) -> exp.Expr:
    """Day of the week from Monday, 1, to Sunday, 7."""
    sunday = exp.Extract(this=exp.var("dow"), expression=args[0])
    since = exp.Paren(this=exp.Add(this=sunday, expression=exp.Literal.number(6)))
    monday = exp.Mod(this=since, expression=exp.Literal.number(7))
    return exp.Paren(this=exp.Add(this=monday, expression=exp.Literal.number(1)))


def _year_month(args: list[exp.Expr], _cx: Context) -> exp.Expr:
    year, month = (exp.Extract(this=exp.var(p), expression=args[0].copy()) for p in ("year", "month"))
    return exp.Paren(this=exp.Add(this=exp.Mul(this=year, expression=exp.Literal.number(100)), expression=month))


def _moved(part: str, back: bool) -> Maker:
    def make(args: list[exp.Expr], _cx: Context) -> exp.Expr:
        count = exp.Neg(this=exp.Paren(this=args[1])) if back else args[1]
        return called("DATEADD", exp.var(part), count, args[0])

    return make


def _format(args: list[exp.Expr], _cx: Context) -> exp.Expr:
    return called("TO_CHAR", args[0], formatted(_FORMATS, args[1], "formatDateTime"))


def _multi_if(args: list[exp.Expr], _cx: Context) -> exp.Expr:
    if len(args) % 2 == 0:
        raise NotTranslatable("multiIf without a last value", hint="write the value for all other rows last")
    pairs = zip(args[:-1:2], args[1:-1:2], strict=True)
    return exp.Case(ifs=[exp.If(this=condition, true=value) for condition, value in pairs], default=args[-1])


_TEXTS = {
    "LENGTH": word("OCTET_LENGTH", 1),
    **dict.fromkeys(["LENGTHUTF8", "CHAR_LENGTH", "CHARACTER_LENGTH"], word("LEN", 1)),
    "LOWER": _in_ascii(_CAPITALS, _SMALL),
    "UPPER": _in_ascii(_SMALL, _CAPITALS),
    "LOWERUTF8": word("LOWER", 1),
    "UPPERUTF8": word("UPPER", 1),
    "SUBSTRINGUTF8": counting("SUBSTR", 1, 1, 2),
    "POSITIONUTF8": word("CHARINDEX", 2, order=(1, 0)),
    "LEFTUTF8": counting("LEFT", 0, 1, high=2),
    "RIGHTUTF8": counting("RIGHT", 0, 1, high=2),
    "REVERSEUTF8": word("REVERSE", 1),
    "CONCAT": Word(_concat, 1, 99),
    **dict.fromkeys(["REPLACE", "REPLACEALL"], word("REPLACE", 3)),
    "REPEAT": counting("REPEAT", 0, 1, high=2),
    "TRIMBOTH": word("TRIM", 1),
    **dict.fromkeys(["TRIMLEFT", "LTRIM"], word("LTRIM", 1)),
    **dict.fromkeys(["TRIMRIGHT", "RTRIM"], word("RTRIM", 1)),
    "STARTSWITH": at_end("LEFT"),
    "ENDSWITH": at_end("RIGHT"),
    "EMPTY": _compared(exp.EQ),
    "NOTEMPTY": _compared(exp.NEQ),
}
_NUMBERS = {
    **{name: word(name, 1) for name in ("ABS", "SQRT", "CBRT", "EXP", "LN", "SIN", "COS", "TAN")},
    "LOG": word("LN", 1),
    "LOG10": word("LOG", 1),
    "PI": word("PI", 0),
    "SIGN": word("SIGN", 1),
    "ROUND": word("ROUND", 1, 2),
    "FLOOR": word("FLOOR", 1),
    **dict.fromkeys(["CEIL", "CEILING"], word("CEIL", 1)),
    **dict.fromkeys(["TRUNC", "TRUNCATE"], word("TRUNC", 1)),
    **dict.fromkeys(["POW", "POWER"], word("POWER", 2)),
    "INTDIV": _operator(exp.IntDiv),
    **dict.fromkeys(["MODULO", "MOD"], _operator(exp.Mod)),
    "GREATEST": word("GREATEST", 1, 99),
    "LEAST": word("LEAST", 1, 99),
}
_MOMENTS = {
    **{f"TO{name}": extract(name.lower()) for name in ("YEAR", "QUARTER", "MONTH", "HOUR", "MINUTE", "SECOND")},
    "TODAYOFMONTH": extract("day"),
    "TODAYOFYEAR": extract("doy"),
    "TOISOWEEK": extract("week"),
    "TODAYOFWEEK": Word(_weekday, 1, 1),
    "TOYYYYMM": Word(_year_month, 1, 1),
    **{f"TOSTARTOF{p.upper()}": _start(p) for p in ("month", "quarter", "year", "day", "hour", "minute")},
    "TOMONDAY": _start("week"),
    **dict.fromkeys(["DATE_TRUNC", "DATETRUNC"], Word(_truncated, 2, 2)),
    **dict.fromkeys(["DATEDIFF", "DATE_DIFF"], Word(boundaries, 3, 3)),
    **{
        f"{verb}{part.upper()}S": Word(_moved(part, verb == "SUBTRACT"), 2, 2)
        for verb in ("ADD", "SUBTRACT")
        for part in ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
    },
    "FORMATDATETIME": Word(_format, 2, 2),
    "TODATE": _to("DATE"),
    "TODATETIME": _to("TIMESTAMP"),
    "TODAY": Word(lambda _args, _cx: exp.CurrentDate(), 0, 0),
    "NOW": Word(lambda _args, _cx: exp.CurrentTimestamp(), 0, 0),
}
_CHOICES = {
    "IF": Word(conditional, 3, 3),
    "MULTIIF": Word(_multi_if, 3, 99),
    "IFNULL": Word(lambda args, _cx: exp.Coalesce(this=args[0], expressions=args[1:]), 2, 2),
    "TOSTRING": _to("VARCHAR"),
    "TOINT32": _to("INTEGER"),
    "TOINT64": _to("BIGINT"),
    "TOFLOAT64": _to("DOUBLE PRECISION"),
    "TODECIMAL32": Word(partial(_to_decimal, 9), 2, 2),
    "TODECIMAL64": Word(partial(_to_decimal, 18), 2, 2),
    "TODECIMAL128": Word(partial(_to_decimal, 38), 2, 2),
    "COUNTIF": Word(lambda args, _cx: counted_if(args[0]), 1, 1),
    "UNIQEXACT": Word(lambda args, _cx: exp.Count(this=exp.Distinct(expressions=args)), 1, 1),
    "UNIQ": Word(lambda args, _cx: exp.ApproxDistinct(this=args[0]), 1, 1),
}
CLICKHOUSE = Speech(
    alike=frozenset(_ALIKE | {exp.In, exp.ApproxDistinct}),
    rewrites={
        exp.AnonymousAggFunc: _uniques,
        exp.Cast: _cast,
        exp.CombinedAggFunc: _combined,
        exp.Count: _count,
        exp.CountIf: _count_if,
        exp.Div: _divide,
        exp.Extract: extracted,
        exp.ILike: ilike,
        exp.If: lone_if,
        exp.Literal: _literal,
    },
    functions={**_TEXTS, **_NUMBERS, **_MOMENTS, **_CHOICES},
    check=check,
)
