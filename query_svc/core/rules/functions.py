"""Scalar functions, by the name that the user wrote. What is not listed is refused, never passed through.

Most are one row of a table: the SQLite function, the kinds of its arguments, the type of its result.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules import dates
from query_svc.core.rules.casts import as_text, converted, moment, rescaled
from query_svc.core.rules.coerce import as_double, coerce, literal_as, together
from query_svc.core.rules.context import (
    Context,
    boolean,
    call,
    cast,
    lower,
    lowers,
    mistake,
    number,
    op,
    text,
    type_of,
    typed,
    wrapped,
)
from query_svc.core.types import (
    DATE,
    FLOAT64,
    INT32,
    INT64,
    NULL,
    STRING,
    TIMESTAMP,
    TIMESTAMP_TZ,
    Form,
    Kind,
    SqlType,
    decimal,
)

Maker = Callable[[list[exp.Expr], Context], exp.Expr]
EVERYWHERE = ("redshift", "postgres", "snowflake")
CLOUD = ("redshift", "snowflake")


@dataclass(frozen=True)
class Plain:
    """A function that is a SQLite function: `takes` has t(ext), i(nteger), d(ouble) or m(oment) for each argument."""

    target: str
    takes: str
    returns: SqlType
    optional: int = 0
    dialects: Sequence[str] = EVERYWHERE


PLAIN: dict[str, Plain] = {
    **dict.fromkeys(["LOWER"], Plain("dw_lower", "t", STRING)),
    **dict.fromkeys(["UPPER"], Plain("dw_upper", "t", STRING)),
    **dict.fromkeys(["LEN", "LENGTH", "CHAR_LENGTH", "CHARACTER_LENGTH"], Plain("LENGTH", "t", INT32)),
    "TEXTLEN": Plain("LENGTH", "t", INT32, dialects=["redshift"]),
    "OCTET_LENGTH": Plain("dw_octet_length", "t", INT32),
    "REPLACE": Plain("REPLACE", "ttt", STRING),
    "REVERSE": Plain("dw_reverse", "t", STRING),
    "REPEAT": Plain("dw_repeat", "ti", STRING),
    "INITCAP": Plain("dw_initcap", "t", STRING),
    "LPAD": Plain("dw_lpad", "tit", STRING, optional=1),
    "RPAD": Plain("dw_rpad", "tit", STRING, optional=1),
    "SPLIT_PART": Plain("dw_split_part", "tti", STRING),
    "TRANSLATE": Plain("dw_translate", "ttt", STRING),
    "STRPOS": Plain("INSTR", "tt", INT32, dialects=["redshift", "postgres"]),
    "LEFT": Plain("dw_left", "ti", STRING),
    "RIGHT": Plain("dw_right", "ti", STRING),
    "ASCII": Plain("dw_ascii", "t", INT32),
    "CHR": Plain("CHAR", "i", STRING),
    "MD5": Plain("dw_md5", "t", STRING),
    **dict.fromkeys(["SHA", "SHA1"], Plain("dw_sha1", "t", STRING, dialects=CLOUD)),
    "SHA2": Plain("dw_sha2", "ti", STRING, optional=1, dialects=CLOUD),
    **{
        name: Plain(name, "d", FLOAT64)
        for name in ["SQRT", "EXP", "LN", "SIN", "COS", "TAN", "ASIN", "ACOS", "ATAN", "RADIANS", "DEGREES"]
    },
    "ATAN2": Plain("ATAN2", "dd", FLOAT64),
    **dict.fromkeys(["POWER", "POW"], Plain("dw_power", "dd", FLOAT64)),
    "CBRT": Plain("dw_cbrt", "d", FLOAT64),
    "PI": Plain("PI", "", FLOAT64),
    "DLOG10": Plain("LOG10", "d", FLOAT64, dialects=["redshift"]),
    "DEXP": Plain("EXP", "d", FLOAT64, dialects=["redshift"]),
    "MONTHS_BETWEEN": Plain("dw_months_between", "mm", FLOAT64, dialects=CLOUD),
    "DATE_PART_YEAR": Plain("dw_year", "m", INT32, dialects=["redshift"]),
    "NEXT_DAY": Plain("dw_next_day", "mt", DATE, dialects=CLOUD),
    "TO_NUMBER": Plain("dw_to_number", "tt", FLOAT64, dialects=["redshift"]),
}


def _arguments(name: str, args: list[exp.Expr], low: int, high: int | None = None) -> None:
    most = low if high is None else high
    if not low <= len(args) <= most:
        takes = str(low) if low == most else f"{low} to {most}"
        raise mistake(f"{name} takes {takes} arguments, not {len(args)}")


def _plain(name: str, spec: Plain, args: list[exp.Expr], cx: Context) -> exp.Expr:
    _arguments(name, args, len(spec.takes) - spec.optional, len(spec.takes))
    made = [_argument(name, lower(arg, cx), takes, cx) for arg, takes in zip(args, spec.takes, strict=False)]
    return typed(call(spec.target, *made), spec.returns)


def _argument(name: str, node: exp.Expr, takes: str, cx: Context) -> exp.Expr:
    have = type_of(node)
    if takes == "t":
        return as_text(node, cx)
    if takes == "m":
        return moment(node, name)
    if have.kind is Kind.NULL:
        return node
    if have.literal:
        return literal_as(node, INT64 if takes == "i" else FLOAT64)
    if not have.is_number or (takes == "i" and not have.is_integer):
        raise mistake(f"{name} takes {'an integer' if takes == 'i' else 'a number'}, not {have}", "cast it")
    return node if takes == "i" else as_double(node, have)


@lowers(exp.Anonymous)
def _named(node: exp.Anonymous, cx: Context) -> exp.Expr:
    name = node.name.upper()
    args = list(node.expressions)
    if any(isinstance(arg, exp.Distinct | exp.Star | exp.Order | exp.Limit) for arg in args):
        raise NotTranslatable(f"{name}() with DISTINCT, * or ORDER BY", hint="leave it out")
    spec = PLAIN.get(name)
    if spec and cx.dialect.name in spec.dialects:
        return _plain(name, spec, args, cx)
    maker = MAKERS.get(name)
    if maker and cx.dialect.name in maker[1]:
        _arguments(name, args, maker[2], maker[3])
        return maker[0](args, cx)
    near = get_close_matches(name, [*PLAIN, *MAKERS], n=1, cutoff=0.65)
    raise NotTranslatable(
        f"{name}()",
        f"it is not among the {cx.dialect.name} functions that are known here",
        hint=f"did you mean {near[0]}()?" if near else "leave it out",
    )


def _coalesce(args: list[exp.Expr], cx: Context) -> exp.Expr:
    parts, to = together([lower(arg, cx) for arg in args], cx)
    return typed(call("COALESCE", *parts) if len(parts) > 1 else parts[0], to)


@lowers(exp.Coalesce)
def _coalesce_node(node: exp.Coalesce, cx: Context) -> exp.Expr:
    return _coalesce([node.this, *node.expressions], cx)


@lowers(exp.Nullif)
def _nullif(node: exp.Nullif, cx: Context) -> exp.Expr:
    (left, right), to = together([lower(node.this, cx), lower(node.expression, cx)], cx)
    return typed(exp.Nullif(this=left, expression=right), to)


def _nvl2(args: list[exp.Expr], cx: Context) -> exp.Expr:
    tested = lower(args[0], cx)
    (then, otherwise), to = together([lower(args[1], cx), lower(args[2], cx)], cx)
    there = exp.Not(this=exp.Paren(this=exp.Is(this=wrapped(tested), expression=exp.Null())))
    return typed(exp.Case(ifs=[exp.If(this=there, true=then)], default=otherwise), to)


def _decode(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """DECODE(value, search, result, …, default): NULL matches NULL."""
    pairs, default = args[1:], None
    if len(pairs) % 2:
        *pairs, default = pairs
    (value, *searched), _ = together([lower(args[0], cx), *(lower(a, cx) for a in pairs[::2])], cx)
    ends = [*pairs[1::2], *([default] if default is not None else [])]
    results, to = together([lower(end, cx) for end in ends], cx)
    cx.used("decode_as_case")
    ifs = [
        exp.If(this=op(exp.NullSafeEQ, value.copy(), search), true=result)
        for search, result in zip(searched, results, strict=False)
    ]
    return typed(exp.Case(ifs=ifs, default=results[-1] if default is not None else None), to)


def _extreme(sign: type[exp.Binary], args: list[exp.Expr], cx: Context) -> exp.Expr:
    """GREATEST and LEAST: NULLs are ignored by Redshift and PostgreSQL, and win in Snowflake."""
    parts, to = together([lower(arg, cx) for arg in args], cx, ordering=True)
    name = "greatest" if sign is exp.GT else "least"
    if cx.dialect.name == "snowflake":
        return typed(call("MAX" if sign is exp.GT else "MIN", *parts), to) if len(parts) > 1 else parts[0]
    cx.used(f"{name}_ignores_nulls")
    return typed(call(f"dw_{name}", *parts), to)


def _concat(args: list[exp.Expr], cx: Context) -> exp.Expr:
    parts = [as_text(lower(arg, cx), cx) for arg in args]
    if cx.dialect.name == "postgres":
        parts = [call("COALESCE", part, text("")) for part in parts]
    result = wrapped(parts[0])
    for part in parts[1:]:
        result = op(exp.DPipe, result, part)
    return typed(result, STRING)


def _find(order: tuple[int, int], args: list[exp.Expr], cx: Context) -> exp.Expr:
    needle, hay = (as_text(lower(args[i], cx), cx) for i in order)
    return typed(call("INSTR", hay, needle), INT32)


@lowers(exp.StrPosition)
def _position(node: exp.StrPosition, cx: Context) -> exp.Expr:
    if node.args.get("position") or node.args.get("occurrence"):
        raise NotTranslatable("POSITION from a place", hint="cut the text with SUBSTRING first")
    return _find((0, 1), [node.args["substr"], node.this], cx)


@lowers(exp.Substring)
def _substring_node(node: exp.Substring, cx: Context) -> exp.Expr:
    parts = [node.this, node.args.get("start") or number(1), node.args.get("length")]
    return _substring([part for part in parts if part is not None], cx)


def _substring(args: list[exp.Expr], cx: Context) -> exp.Expr:
    value = as_text(lower(args[0], cx), cx)
    start, *length = [_argument("SUBSTRING", lower(arg, cx), "i", cx) for arg in args[1:]]
    forward = all(isinstance(n, exp.Literal) and int(n.name) > 0 for n in (start, *length))
    if not forward:
        cx.used("substring_by_position")
    target = "SUBSTR" if forward else "dw_substr_end" if cx.dialect.folds_upper else "dw_substring"
    return typed(call(target, value, start, *length), STRING)


@lowers(exp.Trim)
def _trim_node(node: exp.Trim, cx: Context) -> exp.Expr:
    target = {"LEADING": "LTRIM", "TRAILING": "RTRIM"}.get(node.text("position").upper(), "TRIM")
    return _trim(target, [part for part in (node.this, node.expression) if part], cx)


def _trim(target: str, args: list[exp.Expr], cx: Context) -> exp.Expr:
    return typed(call(target, *(as_text(lower(arg, cx), cx) for arg in args)), STRING)


def _number(name: str, arg: exp.Expr, cx: Context) -> exp.Expr:
    node = lower(arg, cx)
    have = type_of(node)
    if have.literal:
        return literal_as(node, FLOAT64)
    if not have.is_number and have != NULL:
        raise mistake(f"{name} takes a number, not {have}", "cast it")
    if have.is_decimal and have.form is Form.MIXED:
        return coerce(node, decimal(have.precision, have.scale), cx)
    return node


def _abs(args: list[exp.Expr], cx: Context) -> exp.Expr:
    node = _number("ABS", args[0], cx)
    return typed(call("ABS", node), type_of(node))


def _sign(args: list[exp.Expr], cx: Context) -> exp.Expr:
    node = _number("SIGN", args[0], cx)
    return typed(call("SIGN", node), FLOAT64 if type_of(node).is_float else INT32)


def _places(args: list[exp.Expr], name: str) -> int:
    if len(args) == 1:
        return 0
    node = args[1].this if isinstance(args[1], exp.Neg) else args[1]
    if not (isinstance(node, exp.Literal) and node.is_int):
        raise NotTranslatable(f"{name} to a computed number of digits", hint="write the number of digits as a literal")
    return -int(node.name) if isinstance(args[1], exp.Neg) else int(node.name)


def _round(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """ROUND half away from zero, to digits before or after the point."""
    node, places = _number("ROUND", args[0], cx), _places(args, "ROUND")
    have = type_of(node)
    if have.is_integer and places >= 0:
        return node
    if have.is_decimal and have.form is not Form.ROUGH and 0 <= places < have.scale:
        cx.used("decimal_as_integer")
        to = decimal(have.precision - have.scale + places + 1, places)
        return typed(rescaled(node, have, places), to)
    if have.is_decimal and have.form is not Form.ROUGH and places >= have.scale:
        return node
    made = call("dw_round", node if have.is_float or have.is_integer else as_double(node, have), number(abs(places)))
    if places < 0:
        made = call("dw_round", *made.expressions[:1], exp.Neg(this=number(-places)))
    if have.is_decimal:
        scale = max(places, 0)
        return typed(made, decimal(have.precision - have.scale + scale + 1, min(scale, have.scale), Form.ROUGH))
    return typed(cast(made, "INTEGER") if have.is_integer else made, have)


def _trunc(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """TRUNC of a number toward zero, of a moment to its day."""
    node = lower(args[0], cx)
    have = type_of(node)
    if have.is_moment:
        if len(args) > 1:
            return dates.date_trunc([args[1], args[0]], cx)
        return converted(node, DATE, cx)
    node, places = _number("TRUNC", args[0], cx), _places(args, "TRUNC")
    have = type_of(node)
    if have.is_integer and places >= 0:
        return node
    if have.is_decimal and have.form is not Form.ROUGH and 0 <= places <= have.scale:
        whole = rescaled(node, have, have.scale)
        cut = op(exp.Div, whole, number(10 ** (have.scale - places))) if places < have.scale else whole
        return typed(cut, decimal(have.precision - have.scale + places, places))
    if places < 0 or not (have.is_float or have.is_decimal):
        raise NotTranslatable("TRUNC to digits before the point", hint="divide, TRUNC and multiply")
    made = call("dw_trunc_number", as_double(node, have), number(places))
    return typed(made, decimal(have.precision, places, Form.ROUGH) if have.is_decimal else FLOAT64)


def _whole(target: str, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """CEIL and FLOOR."""
    node = _number(target, args[0], cx)
    have = type_of(node)
    if have.is_integer or have == NULL:
        return node
    made = call(target, as_double(node, have))
    if have.is_decimal:
        return typed(cast(made, "INTEGER"), decimal(have.precision - have.scale + 1, 0))
    return typed(made, FLOAT64)


def _mod(args: list[exp.Expr], cx: Context) -> exp.Expr:
    return lower(exp.Mod(this=args[0], expression=args[1]), cx)


def _log(args: list[exp.Expr], cx: Context) -> exp.Expr:
    if len(args) == 1:
        return typed(call("LOG10", as_double(node := _number("LOG", args[0], cx), type_of(node))), FLOAT64)
    base, value = (as_double(node := _number("LOG", arg, cx), type_of(node)) for arg in args)
    return typed(call("LOG", base, value), FLOAT64)


def _now(to: SqlType, target: str, _args: list[exp.Expr], _cx: Context) -> exp.Expr:
    return typed(call(target), to)


def _to_char(args: list[exp.Expr], cx: Context) -> exp.Expr:
    node = lower(args[0], cx)
    have = type_of(node)
    if len(args) == 1:
        return as_text(node, cx)
    pattern = args[1]
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        raise NotTranslatable("TO_CHAR with a computed format", hint="write the format as a literal")
    if not (have.is_moment or have.literal):
        raise NotTranslatable(f"TO_CHAR of {have}", hint="cast it to VARCHAR, or ROUND it")
    _check_format(pattern.name, "TO_CHAR")
    return typed(call("dw_to_char", moment(node, "TO_CHAR"), text(pattern.name)), STRING)


def _from_char(to: SqlType, target: str, args: list[exp.Expr], cx: Context) -> exp.Expr:
    node = lower(args[0], cx)
    if len(args) == 1 or not type_of(node).is_text:
        return converted(node, to, cx)
    if not (isinstance(args[1], exp.Literal) and args[1].is_string):
        raise NotTranslatable(f"{target} with a computed format", hint="write the format as a literal")
    _check_format(args[1].name, target)
    made = call("dw_from_char", node, text(args[1].name))
    return typed(call("SUBSTR", made, number(1), number(10)) if to == DATE else made, to)


_FORMAT_WORDS = (
    *("YYYY", "YY", "MONTH", "Month", "month", "MON", "Mon", "mon", "MM", "DDD", "DD", "D", "DAY", "Day", "day"),
    *("DY", "Dy", "dy", "HH24", "HH12", "HH", "MI", "SS", "MS", "US", "AM", "PM", "am", "pm", "Q", "WW", "IW"),
)


def _check_format(pattern: str, where: str) -> None:
    rest = pattern
    for word in sorted(_FORMAT_WORDS, key=len, reverse=True):
        rest = rest.replace(word, " ").replace(word.lower() if word.isupper() else word, " ")
    if letters := "".join(sorted({c for c in rest if c.isalpha() and c != "T"})):
        raise NotTranslatable(
            f"{where} with {letters!r} in the format {pattern!r}",
            hint="it knows YYYY YY MM MON MONTH DD DDD D DY DAY HH24 HH12 MI SS MS US AM Q WW IW",
        )


def _iff(args: list[exp.Expr], cx: Context) -> exp.Expr:
    return lower(exp.Case(ifs=[exp.If(this=args[0], true=args[1])], default=args[2]), cx)


def _zeroifnull(args: list[exp.Expr], cx: Context) -> exp.Expr:
    return _coalesce([args[0], exp.Literal.number(0)], cx)


def _to_date(args: list[exp.Expr], cx: Context) -> exp.Expr:
    return converted(lower(args[0], cx), DATE, cx)


def _starts(args: list[exp.Expr], cx: Context) -> exp.Expr:
    value, start = (as_text(lower(arg, cx), cx) for arg in args)
    return boolean(op(exp.EQ, call("SUBSTR", value, number(1), call("LENGTH", start)), start.copy()))


_COMMON: Mapping[str, tuple[Maker, Sequence[str], int, int]] = {
    "NVL": (_coalesce, CLOUD, 1, 99),
    "IFNULL": (_coalesce, ["snowflake"], 2, 2),
    "ISNULL": (_coalesce, ["redshift"], 2, 2),
    "ZEROIFNULL": (_zeroifnull, ["snowflake"], 1, 1),
    "NVL2": (_nvl2, CLOUD, 3, 3),
    "DECODE": (_decode, CLOUD, 3, 99),
    "IFF": (_iff, ["snowflake"], 3, 3),
    "GREATEST": (partial(_extreme, exp.GT), EVERYWHERE, 1, 99),
    "LEAST": (partial(_extreme, exp.LT), EVERYWHERE, 1, 99),
    "CONCAT": (_concat, EVERYWHERE, 1, 99),
    "CHARINDEX": (partial(_find, (0, 1)), CLOUD, 2, 2),
    "SUBSTR": (_substring, EVERYWHERE, 2, 3),
    "BTRIM": (partial(_trim, "TRIM"), ["redshift", "postgres"], 1, 2),
    "LTRIM": (partial(_trim, "LTRIM"), EVERYWHERE, 1, 2),
    "RTRIM": (partial(_trim, "RTRIM"), EVERYWHERE, 1, 2),
    "TRIM": (partial(_trim, "TRIM"), EVERYWHERE, 1, 2),
    "STARTSWITH": (_starts, ["snowflake"], 2, 2),
    "STARTS_WITH": (_starts, ["postgres"], 2, 2),
    "ABS": (_abs, EVERYWHERE, 1, 1),
    "SIGN": (_sign, EVERYWHERE, 1, 1),
    "ROUND": (_round, EVERYWHERE, 1, 2),
    "TRUNC": (_trunc, EVERYWHERE, 1, 2),
    "CEIL": (partial(_whole, "CEIL"), EVERYWHERE, 1, 1),
    "CEILING": (partial(_whole, "CEIL"), ["redshift", "postgres"], 1, 1),
    "FLOOR": (partial(_whole, "FLOOR"), EVERYWHERE, 1, 1),
    "MOD": (_mod, EVERYWHERE, 2, 2),
    "LOG": (_log, EVERYWHERE, 1, 2),
    "TO_CHAR": (_to_char, EVERYWHERE, 1, 2),
    "TO_DATE": (partial(_from_char, DATE, "TO_DATE"), EVERYWHERE, 1, 2),
    "TO_TIMESTAMP": (partial(_from_char, TIMESTAMP_TZ, "TO_TIMESTAMP"), ["redshift", "postgres"], 2, 2),
    "DATE": (_to_date, ["redshift", "postgres"], 1, 1),
}
_DATES: Mapping[str, tuple[Maker, Sequence[str], int, int]] = {
    **dict.fromkeys(["DATE_TRUNC"], (dates.date_trunc, EVERYWHERE, 2, 2)),
    **dict.fromkeys(["DATEDIFF", "DATE_DIFF", "TIMESTAMPDIFF"], (dates.date_diff, CLOUD, 3, 3)),
    **dict.fromkeys(["DATEADD", "DATE_ADD", "TIMESTAMPADD"], (dates.date_add, CLOUD, 3, 3)),
    **dict.fromkeys(["DATE_PART", "PGDATE_PART"], (dates.date_part, EVERYWHERE, 2, 2)),
    "ADD_MONTHS": (dates.add_months, CLOUD, 2, 2),
    "LAST_DAY": (dates.last_day, CLOUD, 1, 2),
    "GETDATE": (partial(_now, TIMESTAMP, "dw_second"), CLOUD, 0, 0),
    "NOW": (partial(_now, TIMESTAMP_TZ, "dw_now"), ["redshift", "postgres"], 0, 0),
    "SYSDATE": (partial(_now, TIMESTAMP, "dw_now"), CLOUD, 0, 0),
    "CURRENT_TIMESTAMP": (partial(_now, TIMESTAMP_TZ, "dw_now"), EVERYWHERE, 0, 0),
    "CURRENT_DATE": (partial(_now, DATE, "dw_today"), EVERYWHERE, 0, 0),
}
MAKERS: Mapping[str, tuple[Maker, Sequence[str], int, int]] = {**_COMMON, **_DATES}
PART_FIRST = frozenset(
    {
        *("DATE_TRUNC", "DATE_PART", "PGDATE_PART", "DATEDIFF", "DATE_DIFF", "TIMESTAMPDIFF"),
        *("DATEADD", "DATE_ADD", "TIMESTAMPADD"),
    }
)
