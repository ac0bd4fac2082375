"""Snowflake's functions on its emulator, by the name that the user wrote: those that PostgreSQL's rules lack.

A target with a point before it is a macro of the compatibility file, the others are DuckDB's own.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.arguments import Plain, arguments
from query_svc.core.rules.coerce import together
from query_svc.core.rules.context import (
    POSTGRES_RULES,
    Context,
    boolean,
    call,
    lower,
    lowers,
    mistake,
    number,
    op,
    text,
    type_of,
    typed,
    when,
    wrapped,
)
from query_svc.core.rules.postgres import numbers
from query_svc.core.rules.postgres.casts import converted
from query_svc.core.rules.postgres.functions import argument
from query_svc.core.rules.postgres.operators import joined
from query_svc.core.rules.postgres.values import as_text, cast_to, comparable, written
from query_svc.core.rules.snowflake import documents, moments
from query_svc.core.rules.snowflake.documents import EMULATOR, EMULATOR_RULES
from query_svc.core.rules.snowflake.values import duck_cast, macro
from query_svc.core.types import BOOLEAN, DATE, FLOAT64, INT32, INT64, STRING, TIME, Kind, SqlType, decimal

Maker = Callable[[list[exp.Expr], Context], exp.Expr]

PLAIN: Mapping[str, Plain] = {
    "CONTAINS": Plain("CONTAINS", "tt", BOOLEAN),
    "ENDSWITH": Plain("SUFFIX", "tt", BOOLEAN),
    "STARTSWITH": Plain("STARTS_WITH", "tt", BOOLEAN),
    "EDITDISTANCE": Plain("LEVENSHTEIN", "tt", INT32),
    "BIT_LENGTH": Plain("BIT_LENGTH", "t", INT32),
    "UNICODE": Plain(".unicode", "t", INT32),
    "SPLIT_PART": Plain(".split_part", "tti", STRING),
    "REGEXP_INSTR": Plain(".regexp_instr", "tr", INT32),
    "WIDTH_BUCKET": Plain(".width_bucket", "dddi", INT64),
    "FACTORIAL": Plain("FACTORIAL", "i", decimal(38, 0)),
    **dict.fromkeys(["CHR", "CHAR"], Plain("CHR", "i", STRING)),
    "INSERT": Plain(".insert", "tiit", STRING),
    "SQUARE": Plain("POWER", "d", FLOAT64),
    "SINH": Plain("SINH", "d", FLOAT64),
    "COSH": Plain("COSH", "d", FLOAT64),
    "TANH": Plain("TANH", "d", FLOAT64),
    "COT": Plain("COT", "d", FLOAT64),
    "ATAN2": Plain("ATAN2", "dd", FLOAT64),
    "LOG": Plain(".log", "dd", FLOAT64),
    **dict.fromkeys(["MD5", "MD5_HEX"], Plain("MD5", "t", STRING)),
    **dict.fromkeys(["SHA1", "SHA1_HEX"], Plain("SHA1", "t", STRING)),
    "BITAND": Plain("&", "ii", INT64),
    "BITOR": Plain("|", "ii", INT64),
    "BITNOT": Plain("~", "i", INT64),
    "GETBIT": Plain("GETBIT", "ii", INT32),
    "BITXOR": Plain("XOR", "ii", INT64),
    "BITSHIFTLEFT": Plain("<<", "ii", INT64),
    "BITSHIFTRIGHT": Plain(">>", "ii", INT64),
    "REGEXP_COUNT": Plain(".regexp_count", "tr", INT32),
    **dict.fromkeys(["REGEXP_LIKE", "RLIKE"], Plain(".whole_match", "tr", BOOLEAN)),
    "STRTOK": Plain(".strtok", "tti", STRING),
    "DATE_FROM_PARTS": Plain("MAKE_DATE", "iii", DATE),
}
OWN_NAMES = frozenset(
    {spec.target for spec in PLAIN.values() if not spec.target.startswith(".")} - {"&", "|", "<<", ">>"}
) | {
    "MAKE_TIMESTAMP",
    "MAKE_TIME",
    "DAYNAME",
    "MONTHNAME",
    "UNHEX",
    "HEX",
    "TO_BASE64",
    "FROM_BASE64",
    "STRPTIME",
    "TRY_STRPTIME",
    "ENCODE",
    "DECODE",
    "SHA256",
    "FACTORIAL",
}
"""DuckDB's functions that the rules of this file call."""


def _lowered(args: Sequence[exp.Expr], cx: Context) -> list[exp.Expr]:
    return [lower(arg, cx) for arg in args]


def _extreme(name: str, nulls_win: bool, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """GREATEST and LEAST: NULL where an argument is NULL, unless their name says otherwise."""
    parts, to = together(_lowered(args, cx), cx, ordering=True)
    found = typed(call(name, *parts), to)
    if not nulls_win:
        return found
    absent: exp.Expr = exp.Is(this=wrapped(parts[0].copy()), expression=exp.Null())
    for part in parts[1:]:
        absent = exp.Or(this=absent, expression=exp.Is(this=wrapped(part.copy()), expression=exp.Null()))
    return typed(macro("extreme", found, absent), to)


def _equal_null(args: list[exp.Expr], cx: Context) -> exp.Expr:
    parts, _ = together(_lowered(args, cx), cx)
    left, right = (comparable(part, cx, False) for part in parts)
    return boolean(op(exp.NullSafeEQ, left, right))


def _null_if_zero(args: list[exp.Expr], cx: Context) -> exp.Expr:
    value = lower(args[0], cx)
    return typed(exp.Nullif(this=value, expression=number(0)), type_of(value))


def _div0(null_too: bool, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """DIV0 and DIV0NULL: 0 where the divisor is 0, and for DIV0NULL where it is NULL."""
    divisor = exp.Nullif(this=args[1].copy(), expression=exp.Literal.number(0))
    ratio = lower(exp.Div(this=args[0].copy(), expression=divisor), cx)
    zero = cast_to(number(0), type_of(ratio))
    tested = lower(args[1].copy(), cx)
    is_zero: exp.Expr = op(exp.EQ, tested, number(0))
    if null_too:
        is_zero = exp.Or(this=is_zero, expression=exp.Is(this=wrapped(tested.copy()), expression=exp.Null()))
    return typed(when(is_zero, zero, ratio), type_of(ratio))


def _logic(kind: str, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """BOOLAND, BOOLOR, BOOLXOR and BOOLNOT of numbers or booleans."""
    truths = [_truth(node) for node in _lowered(args, cx)]
    if kind == "NOT":
        return boolean(exp.Not(this=exp.Paren(this=truths[0])))
    joined: type[exp.Binary] = {"AND": exp.And, "OR": exp.Or, "XOR": exp.NEQ}[kind]
    return boolean(exp.Paren(this=joined(this=wrapped(truths[0]), expression=wrapped(truths[1]))))


def _truth(node: exp.Expr) -> exp.Expr:
    have = type_of(node)
    if have.kind is Kind.BOOLEAN or have.kind is Kind.NULL:
        return node
    if have.is_number:
        return boolean(op(exp.NEQ, node, number(0)))
    raise mistake(f"a number or BOOLEAN is expected, not {have}", "cast it")


def _to_number(tries: bool, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """TO_NUMBER(value, precision, scale); TRY_TO_NUMBER answers NULL where the text is none."""
    sizes = [arg for arg in args[1:] if isinstance(arg, exp.Literal) and not arg.is_string]
    if len(sizes) != len(args) - 1:
        raise NotTranslatable("TO_NUMBER with a format", hint="strip the text with REPLACE first")
    precision, scale = [*(int(size.name) for size in sizes), *[38, 0][len(sizes) :]]
    to = decimal(precision, scale)
    value = lower(args[0], cx)
    if not tries:
        return converted(value, to, cx)
    made = exp.TryCast(this=as_text(value, cx), to=exp.DataType.build(f"DECIMAL({precision}, {scale})"))
    return typed(made, to)


def _to(to: SqlType, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """TO_DOUBLE, TO_BOOLEAN: a cast."""
    return converted(lower(args[0], cx), to, cx)


def _find(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """CHARINDEX and POSITION(needle, hay, from)."""
    needle, hay = (as_text(lower(arg, cx), cx) for arg in args[:2])
    place = argument("POSITION", lower(args[2], cx), "i", cx) if len(args) > 2 else number(1)
    return typed(macro("find", needle, hay, place), INT32)


def _substring(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """SUBSTR(text, place, count): a negative place counts from the end, 0 is 1."""
    value, *places = _lowered(args, cx)
    made = [argument("SUBSTR", place, "i", cx) for place in places]
    start: exp.Expr = when(op(exp.EQ, made[0].copy(), number(0)), number(1), made[0])
    return typed(call("SUBSTR", as_text(value, cx), start, *made[1:]), STRING)


def _regexp_substr(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """REGEXP_SUBSTR(text, pattern, place, occurrence): NULL where nothing matches."""
    value = as_text(lower(args[0], cx), cx)
    places = [argument("REGEXP_SUBSTR", lower(arg, cx), "i", cx) for arg in args[2:]]
    places += [number(1)] * (2 - len(places))
    return typed(macro("regexp_match", value, _pattern(args[1], cx), *places), STRING)


def _regexp_replace(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """REGEXP_REPLACE(text, pattern, replacement): every match."""
    value = as_text(lower(args[0], cx), cx)
    with_ = written(args[2], "a replacement") if len(args) > 2 else ""
    if "$" in with_:
        raise NotTranslatable("$ in a replacement", hint=r"name groups \\1")
    return typed(macro("regexp_replace_all", value, _pattern(args[1], cx), text(with_), text("g")), STRING)


def _pattern(node: exp.Expr, _cx: Context) -> exp.Expr:
    pattern = written(node, "a regular expression")
    if "(?" in pattern:
        raise NotTranslatable("'(?' in a regular expression", hint="use plain groups")
    return text(pattern)


def _encode(target: str, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """HEX_ENCODE and BASE64_ENCODE of text."""
    return typed(call(target, call("ENCODE", as_text(lower(args[0], cx), cx))), STRING)


def _decode(target: str, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """HEX_DECODE_STRING and BASE64_DECODE_STRING."""
    return typed(call("DECODE", call(target, as_text(lower(args[0], cx), cx))), STRING)


def _truncated(args: list[exp.Expr], cx: Context) -> exp.Expr:
    return lower(exp.Anonymous(this="TRUNC", expressions=args), cx)


def _sha2(args: list[exp.Expr], cx: Context) -> exp.Expr:
    if len(args) > 1 and args[1].name not in ("256", "0"):
        raise NotTranslatable("SHA2 of this number of bits", hint="use 256")
    return typed(call("SHA256", as_text(lower(args[0], cx), cx)), STRING)


def _space(args: list[exp.Expr], cx: Context) -> exp.Expr:
    return typed(call("REPEAT", text(" "), argument("SPACE", lower(args[0], cx), "i", cx)), STRING)


def _replace(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """REPLACE(text, what, by): by nothing where that is left out."""
    parts = [as_text(lower(arg, cx), cx) for arg in args]
    return typed(call("REPLACE", *parts, *([] if len(parts) > 2 else [text("")])), STRING)


def _concat_ws(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """CONCAT_WS(separator, text, …): NULL where one is NULL."""
    separator, *parts = (as_text(lower(arg, cx), cx) for arg in args)
    pieces = [parts[0]]
    for part in parts[1:]:
        pieces += [separator.copy(), part]
    return joined([*pieces, typed(exp.Literal.string(""), STRING)], cx)


def _rounded(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """ROUND(number, places): NULL where the places are."""
    if len(args) > 1 and isinstance(args[1], exp.Null):
        return cast_to(exp.Null(), type_of(lower(args[0], cx)))
    return numbers.rounded(args, cx)


MAKERS: Mapping[str, tuple[Maker, int, int]] = {
    **moments.MAKERS,
    "GREATEST": (partial(_extreme, "GREATEST", True), 1, 99),
    "LEAST": (partial(_extreme, "LEAST", True), 1, 99),
    "GREATEST_IGNORE_NULLS": (partial(_extreme, "GREATEST", False), 1, 99),
    "LEAST_IGNORE_NULLS": (partial(_extreme, "LEAST", False), 1, 99),
    "EQUAL_NULL": (_equal_null, 2, 2),
    "NULLIFZERO": (_null_if_zero, 1, 1),
    "DIV0": (partial(_div0, False), 2, 2),
    "DIV0NULL": (partial(_div0, True), 2, 2),
    "BOOLAND": (partial(_logic, "AND"), 2, 2),
    "BOOLOR": (partial(_logic, "OR"), 2, 2),
    "BOOLXOR": (partial(_logic, "XOR"), 2, 2),
    "BOOLNOT": (partial(_logic, "NOT"), 1, 1),
    **dict.fromkeys(["TO_NUMBER", "TO_DECIMAL", "TO_NUMERIC"], (partial(_to_number, False), 1, 3)),
    **dict.fromkeys(["TRY_TO_NUMBER", "TRY_TO_DECIMAL", "TRY_TO_NUMERIC"], (partial(_to_number, True), 1, 3)),
    "TO_DOUBLE": (partial(_to, FLOAT64), 1, 1),
    "TO_BOOLEAN": (partial(_to, BOOLEAN), 1, 1),
    **dict.fromkeys(["CHARINDEX", "POSITION"], (_find, 2, 3)),
    **dict.fromkeys(["SUBSTR", "SUBSTRING"], (_substring, 2, 3)),
    "REGEXP_SUBSTR": (_regexp_substr, 2, 4),
    "REGEXP_REPLACE": (_regexp_replace, 2, 3),
    "HEX_ENCODE": (partial(_encode, "HEX"), 1, 1),
    "BASE64_ENCODE": (partial(_encode, "TO_BASE64"), 1, 1),
    "HEX_DECODE_STRING": (partial(_decode, "UNHEX"), 1, 1),
    "BASE64_DECODE_STRING": (partial(_decode, "FROM_BASE64"), 1, 1),
    "TRUNCATE": (_truncated, 1, 2),
    **dict.fromkeys(["SHA2", "SHA2_HEX"], (_sha2, 1, 2)),
    "SPACE": (_space, 1, 1),
    "PARSE_JSON": (documents.parsed, 1, 1),
    "GET": (documents.member, 2, 2),
    "OBJECT_KEYS": (documents.keys, 1, 1),
    "ARRAY_SIZE": (documents.size, 1, 1),
    "ROUND": (_rounded, 1, 2),
    **{f"IS_{name}": (partial(documents.is_kind, name), 1, 1) for name in ("ARRAY", "OBJECT")},
    "REPLACE": (_replace, 2, 3),
    "CONCAT_WS": (_concat_ws, 2, 99),
    **dict.fromkeys(["TO_TIME", "TIME"], (partial(_to, TIME), 1, 1)),
}


@lowers(exp.Anonymous, on=EMULATOR)
def _named(node: exp.Anonymous, cx: Context) -> exp.Expr:
    name, args = node.name.upper(), list(node.expressions)
    if cx.dialect.name == "snowflake":
        if (spec := PLAIN.get(name)) is not None:
            return _plain(name, spec, args, cx)
        if (maker := MAKERS.get(name)) is not None:
            arguments(name, args, maker[1], maker[2])
            return maker[0](args, cx)
    return POSTGRES_RULES[exp.Anonymous](node, cx)


_SIGNS: Mapping[str, type[exp.Binary]] = {
    "&": exp.BitwiseAnd,
    "|": exp.BitwiseOr,
    "<<": exp.BitwiseLeftShift,
    ">>": exp.BitwiseRightShift,
}


def _plain(name: str, spec: Plain, args: list[exp.Expr], cx: Context) -> exp.Expr:
    arguments(name, args, len(spec.takes) - spec.optional, len(spec.takes))
    made = [
        _pattern(arg, cx) if takes == "r" else argument(name, lower(arg, cx), takes, cx)
        for arg, takes in zip(args, spec.takes, strict=False)
    ]
    if name == "BITNOT":
        return typed(exp.Paren(this=exp.BitwiseNot(this=wrapped(made[0]))), INT64)
    if name == "GETBIT":
        shifted = exp.Paren(this=op(exp.BitwiseRightShift, duck_cast(made[0], "BIGINT"), made[1]))
        return typed(exp.Paren(this=op(exp.BitwiseAnd, shifted, number(1))), INT32)
    if sign := _SIGNS.get(spec.target):
        return typed(exp.Paren(this=op(sign, *made)), spec.returns)
    if name == "SQUARE":
        made.append(number(2))
    own = spec.target.startswith(".")
    return typed(macro(spec.target[1:], *made) if own else call(spec.target, *made), spec.returns)


@lowers(exp.Substring, on=EMULATOR)
def _substring_node(node: exp.Substring, cx: Context) -> exp.Expr:
    if cx.dialect.name != "snowflake":
        return POSTGRES_RULES[exp.Substring](node, cx)
    parts = [node.this, node.args.get("start") or number(1), node.args.get("length")]
    return _substring([part for part in parts if part is not None], cx)


@lowers(exp.StrPosition, on=EMULATOR)
def _position_node(node: exp.StrPosition, cx: Context) -> exp.Expr:
    parts = [node.args["substr"], node.this, node.args.get("position")]
    return _find([part for part in parts if part is not None], cx)


@lowers(exp.Cast, on=EMULATOR)
def _cast(node: exp.Cast, cx: Context) -> exp.Expr:
    value = lower(node.this, cx)
    if type_of(value).kind is not Kind.JSON or cx.dialect.name != "snowflake":
        return POSTGRES_RULES[exp.Cast](node, cx)
    to = type_of(POSTGRES_RULES[exp.Cast](exp.Cast(this=exp.Null(), to=node.to), cx))
    return converted(documents.scalar(value), to, cx)


@lowers(exp.TryCast, on=EMULATOR)
def _try_cast(node: exp.TryCast, cx: Context) -> exp.Expr:
    """TRY_CAST of text: NULL where it cannot be read."""
    plain = exp.Cast(this=exp.Null(), to=node.to)
    to = type_of(lower(plain, cx))
    value = lower(node.this, cx)
    if not type_of(value).is_text:
        raise mistake(f"TRY_CAST takes text, not {type_of(value)}", "use CAST")
    return typed(exp.TryCast(this=as_text(value, cx), to=cast_to(exp.Null(), to).args["to"]), to)


__all__ = ["EMULATOR", "EMULATOR_RULES", "OWN_NAMES"]
