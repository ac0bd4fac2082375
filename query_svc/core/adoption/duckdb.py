"""DuckDB's words. What is here was compared with DuckDB itself, edge by edge; the rest is refused.

`/` is a double of anything, `//` is of integers, text has no default escape in LIKE, VARCHAR has no length, DECIMAL is
DECIMAL(18, 3), CONCAT passes NULLs over, and NULLs come last in either order.
"""

from sqlglot import exp

from query_svc.core.adoption.words import (
    STRUCTURE,
    Speech,
    Word,
    as_double,
    at_end,
    boundaries,
    called,
    cast,
    conditional,
    contains,
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
    position_of,
    substring,
    true_division,
    truncated,
    word,
)
from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import Context

_ALIKE = STRUCTURE | {
    *(exp.In, exp.Mod, exp.IntDiv, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Trim, exp.Escape, exp.Stddev),
    *(exp.CurrentDate, exp.CurrentTimestamp, exp.LogicalAnd, exp.LogicalOr, exp.ApproxDistinct),
    *(exp.FirstValue, exp.LastValue, exp.NthValue, exp.Lag, exp.Lead, exp.PercentRank, exp.CumeDist),
    *(exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseNot, exp.Rollup, exp.Cube, exp.GroupingSets),
}
_TYPES = {
    exp.DType.BOOLEAN: "BOOLEAN",
    exp.DType.SMALLINT: "SMALLINT",
    exp.DType.INT: "INTEGER",
    exp.DType.BIGINT: "BIGINT",
    exp.DType.DOUBLE: "DOUBLE PRECISION",
    exp.DType.DECIMAL: "DECIMAL",
    exp.DType.TEXT: "VARCHAR",
    exp.DType.VARCHAR: "VARCHAR",
    exp.DType.DATE: "DATE",
    exp.DType.TIME: "TIME",
    **dict.fromkeys([exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ, exp.DType.DATETIME], "TIMESTAMP"),
}
_FORMATS = {"%Y": "YYYY", "%m": "MM", "%d": "DD", "%H": "HH24", "%M": "MI", "%S": "SS"}
_SUMMED = (exp.Sum, exp.Avg, exp.Min, exp.Max)


def _cast(node: exp.Cast, _cx: Context) -> exp.Expr:
    name = plain_kind(_TYPES, node, "duckdb")
    if name == "DECIMAL":
        sizes = [param.name for param in node.to.expressions] or ["18", "3"]
        name = f"DECIMAL({', '.join([*sizes, '0'][:2])})"
    return cast(node.this, name)


def _power(node: exp.Pow, _cx: Context) -> exp.Expr:
    return called("POWER", node.this, node.expression)


def _position(node: exp.StrPosition, _cx: Context) -> exp.Expr:
    if node.args.get("position") or node.args.get("occurrence"):
        raise NotTranslatable("POSITION from a place", hint="cut the text with SUBSTRING first")
    return position_of(node.args["substr"], node.this)


def _filtered(node: exp.Filter, _cx: Context) -> exp.Expr:
    """`SUM(x) FILTER (WHERE …)`: of NULL where the condition does not hold."""
    aggregate, where = node.this, node.expression.this
    if isinstance(aggregate, exp.Count) and isinstance(aggregate.this, exp.Star):
        return counted_if(where)
    inner = aggregate.this
    if not isinstance(aggregate, (exp.Count, *_SUMMED)) or aggregate.expressions:
        raise NotTranslatable("FILTER of this aggregate", hint="use SUM, AVG, MIN, MAX or COUNT")
    value = inner.expressions[0] if isinstance(inner, exp.Distinct) else inner
    chosen = exp.Case(ifs=[exp.If(this=where, true=value.copy())])
    return type(aggregate)(this=exp.Distinct(expressions=[chosen]) if isinstance(inner, exp.Distinct) else chosen)


def _listed(node: exp.GroupConcat, _cx: Context) -> exp.Expr:
    """STRING_AGG(x, ',' ORDER BY y)."""
    ordered = node.this
    if not isinstance(ordered, exp.Order) or isinstance(node.parent, exp.WithinGroup):
        raise NotTranslatable("STRING_AGG without an order", "its order is left open", hint="add ORDER BY inside of it")
    separator = node.args.get("separator") or exp.Literal.string(",")
    listed = exp.GroupConcat(this=ordered.this, separator=separator)
    return exp.WithinGroup(this=listed, expression=exp.Order(expressions=ordered.expressions))


def _median(node: exp.Median, _cx: Context) -> exp.Expr:
    inner = node.this
    if not (isinstance(inner, exp.Cast) and inner.to.this in (exp.DType.DOUBLE, exp.DType.INT, exp.DType.BIGINT)):
        raise NotTranslatable("MEDIAN", "of a DECIMAL it keeps the scale", hint="write MEDIAN(x::DOUBLE)")
    return exp.Median(this=as_double(inner))


def _concat(args: list[exp.Expr], _cx: Context) -> exp.Expr:
    texts = [cast(arg, "VARCHAR") for arg in args]
    return joined([exp.Coalesce(this=part, expressions=[exp.Literal.string("")]) for part in texts])


def _date_add(args: list[exp.Expr], _cx: Context) -> exp.Expr:
    return exp.Add(this=args[0], expression=args[1])


def _date_part(args: list[exp.Expr], _cx: Context) -> exp.Expr:
    return exp.Extract(this=exp.var(part_named(args[0], "DATE_PART")), expression=args[1])


def _strftime(args: list[exp.Expr], _cx: Context) -> exp.Expr:
    first = isinstance(args[0], exp.Literal) and args[0].is_string
    pattern, value = (args[0], args[1]) if first else (args[1], args[0])
    return called("TO_CHAR", value, formatted(_FORMATS, pattern, "STRFTIME"))


def _two(kind: type[exp.Binary]) -> Word:
    return Word(lambda args, _cx: kind(this=exp.Paren(this=args[0]), expression=exp.Paren(this=args[1])), 2, 2)


_TEXTS = {
    **dict.fromkeys(["LOWER", "LCASE"], word("LOWER", 1)),
    **dict.fromkeys(["UPPER", "UCASE"], word("UPPER", 1)),
    **dict.fromkeys(["LENGTH", "LEN", "CHAR_LENGTH", "CHARACTER_LENGTH"], word("LEN", 1)),
    "STRLEN": word("OCTET_LENGTH", 1),
    "REPLACE": word("REPLACE", 3),
    "REVERSE": word("REVERSE", 1),
    "REPEAT": counting("REPEAT", 0, 1, high=2),
    "LPAD": word("LPAD", 3),
    "RPAD": word("RPAD", 3),
    "TRANSLATE": word("TRANSLATE", 3),
    "SPLIT_PART": counting("SPLIT_PART", 1, 2),
    **dict.fromkeys(["STRPOS", "INSTR"], word("CHARINDEX", 2, order=(1, 0))),
    "LEFT": counting("LEFT", 0, 1, high=2),
    "RIGHT": counting("RIGHT", 0, 1, high=2),
    **dict.fromkeys(["SUBSTR", "SUBSTRING"], counting("SUBSTR", 1, 1, 2)),
    **dict.fromkeys(["CHR"], word("CHR", 1)),
    "MD5": word("MD5", 1),
    "TRIM": word("TRIM", 1, 2),
    "LTRIM": word("LTRIM", 1, 2),
    "RTRIM": word("RTRIM", 1, 2),
    "CONCAT": Word(_concat, 1, 99),
    "CONTAINS": Word(contains, 2, 2),
    **dict.fromkeys(["STARTS_WITH", "PREFIX"], at_end("LEFT")),
    **dict.fromkeys(["ENDS_WITH", "SUFFIX"], at_end("RIGHT")),
}
_NUMBERS = {
    **{name: word(name, 1) for name in ("ABS", "SIGN", "SQRT", "CBRT", "EXP", "LN", "RADIANS", "DEGREES")},
    **{name: word(name, 1) for name in ("SIN", "COS", "TAN", "ASIN", "ACOS", "ATAN")},
    "ATAN2": word("ATAN2", 2),
    "PI": word("PI", 0),
    **dict.fromkeys(["LOG", "LOG10"], word("LOG", 1)),
    "ROUND": word("ROUND", 1, 2),
    "TRUNC": word("TRUNC", 1),
    "FLOOR": word("FLOOR", 1),
    **dict.fromkeys(["CEIL", "CEILING"], word("CEIL", 1)),
    **dict.fromkeys(["POW", "POWER"], word("POWER", 2)),
    "MOD": _two(exp.Mod),
    "GREATEST": word("GREATEST", 1, 99),
    "LEAST": word("LEAST", 1, 99),
}
_MOMENTS = {
    "DATE_TRUNC": Word(truncated, 2, 2),
    "DATETRUNC": Word(truncated, 2, 2),
    **dict.fromkeys(["DATE_DIFF", "DATEDIFF"], Word(boundaries, 3, 3)),
    "DATE_ADD": Word(_date_add, 2, 2),
    **dict.fromkeys(["DATE_PART", "DATEPART"], Word(_date_part, 2, 2)),
    **{part.upper(): extract(part) for part in ("year", "quarter", "month", "day", "hour", "minute", "second")},
    **dict.fromkeys(["WEEK", "WEEKOFYEAR"], extract("week")),
    "DAYOFMONTH": extract("day"),
    "DAYOFWEEK": extract("dow"),
    "DAYOFYEAR": extract("doy"),
    "LAST_DAY": word("LAST_DAY", 1),
    "STRFTIME": Word(_strftime, 2, 2),
    "TODAY": Word(lambda _args, _cx: exp.CurrentDate(), 0, 0),
    **dict.fromkeys(["NOW", "GET_CURRENT_TIMESTAMP"], Word(lambda _args, _cx: exp.CurrentTimestamp(), 0, 0)),
}
_CHOICES = {
    "IFNULL": Word(lambda args, _cx: exp.Coalesce(this=args[0], expressions=args[1:]), 2, 2),
    "IF": Word(conditional, 3, 3),
    **dict.fromkeys(["COUNT_IF", "COUNTIF"], Word(lambda args, _cx: counted_if(args[0]), 1, 1)),
}
DUCKDB = Speech(
    alike=frozenset(_ALIKE),
    rewrites={
        exp.Cast: _cast,
        exp.Div: true_division,
        exp.Extract: extracted,
        exp.Filter: _filtered,
        exp.GroupConcat: _listed,
        exp.ILike: ilike,
        exp.If: lone_if,
        exp.Median: _median,
        exp.Pow: _power,
        exp.StrPosition: _position,
        exp.Substring: substring,
    },
    functions={**_TEXTS, **_NUMBERS, **_MOMENTS, **_CHOICES},
)
