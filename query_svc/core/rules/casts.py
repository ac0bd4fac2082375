"""CAST: strict, rounded and written as the user's warehouse does it; SQLite's own CAST makes 0 of 'abc'."""

from dataclasses import replace

from sqlglot import exp

from query_svc.core import values
from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.coerce import as_double, coerce, exact_literal, literal_as, readers, scaled
from query_svc.core.rules.context import (
    Context,
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
    when,
)
from query_svc.core.rules.lengths import bound_of, cuts_bytes, refuse_length, text_of
from query_svc.core.rules.overflow import BITS_64, as_whole, bound, bounded
from query_svc.core.types import (
    BOOLEAN,
    FLOAT64,
    INT64,
    INTEGER_DIGITS,
    TIMESTAMP,
    Form,
    Kind,
    SqlType,
    decimal,
)

_KINDS = {
    exp.DType.BOOLEAN: Kind.BOOLEAN,
    exp.DType.SMALLINT: Kind.INT16,
    exp.DType.TINYINT: Kind.INT16,
    exp.DType.INT: Kind.INT32,
    exp.DType.BIGINT: Kind.INT64,
    exp.DType.FLOAT: Kind.FLOAT32,
    exp.DType.DOUBLE: Kind.FLOAT64,
    exp.DType.DECIMAL: Kind.DECIMAL,
    exp.DType.VARCHAR: Kind.STRING,
    exp.DType.TEXT: Kind.STRING,
    exp.DType.NVARCHAR: Kind.STRING,
    exp.DType.CHAR: Kind.STRING,
    exp.DType.NCHAR: Kind.STRING,
    exp.DType.BPCHAR: Kind.STRING,
    exp.DType.DATE: Kind.DATE,
    exp.DType.TIME: Kind.TIME,
    exp.DType.TIMESTAMP: Kind.TIMESTAMP,
    exp.DType.TIMESTAMPNTZ: Kind.TIMESTAMP,
    exp.DType.DATETIME: Kind.TIMESTAMP,
    exp.DType.TIMESTAMPTZ: Kind.TIMESTAMP_TZ,
    exp.DType.UUID: Kind.UUID,
}


def target_of(node: exp.DataType, cx: Context) -> SqlType:
    """Type that a CAST names."""
    kind = _KINDS.get(node.this)
    if kind is None:
        raise NotTranslatable(f"CAST to {node.sql()}", hint="cast to a number, text, BOOLEAN, DATE, TIME or TIMESTAMP")
    sizes = [int(param.name) for param in node.expressions if param.name.isdigit()]
    if kind is Kind.DECIMAL:
        precision, scale = [*sizes, *([18, 0] if not sizes else [0])][:2] if len(sizes) < 2 else sizes[:2]
        if cx.dialect.folds_upper and not sizes:
            precision, scale = 38, 0
        return decimal(precision, scale)
    if kind in (Kind.INT16, Kind.INT32) and cx.dialect.folds_upper:
        return INT64
    if kind is Kind.FLOAT32 and (cx.dialect.folds_upper or node.sql(cx.dialect.grammar).upper() == "FLOAT"):
        return FLOAT64
    length = sizes[0] if sizes and kind is Kind.STRING else 0
    if sizes and kind is Kind.STRING:
        refuse_length(node, length, cx)
    return SqlType(kind, length=length)


@lowers(exp.Cast)
def _cast(node: exp.Cast, cx: Context) -> exp.Expr:
    if node.args.get("format") or node.args.get("action"):
        raise NotTranslatable("CAST with a format", hint="use TO_DATE or TO_CHAR")
    return converted(lower(node.this, cx), target_of(node.to, cx), cx)


def converted(node: exp.Expr, to: SqlType, cx: Context) -> exp.Expr:
    """Convert a lowered expression as CAST does."""
    have = type_of(node)
    if have.kind is Kind.NULL:
        return typed(node, to)
    if to.is_text:
        return _cut(as_text(node, cx), to, have, cx)
    if have.literal:
        return literal_as(node, to)
    if have.is_text:
        return _from_text(node, have, to)
    if to.is_decimal:
        return _to_decimal(node, have, to, cx)
    if to.is_integer:
        return _to_integer(node, have, to, cx)
    return _to_other(node, have, to, cx)


def _to_other(node: exp.Expr, have: SqlType, to: SqlType, cx: Context) -> exp.Expr:
    if to.is_float and have.is_number:
        return typed(as_double(node, have), to)
    if to.kind is Kind.BOOLEAN and have.is_integer:
        return typed(op(exp.NEQ, node, number(0)), BOOLEAN)
    if to.kind is Kind.DATE and have.is_moment:
        return typed(call("SUBSTR", node, number(1), number(10)), to)
    if to.kind is Kind.TIME and have.kind in (Kind.TIMESTAMP, Kind.TIMESTAMP_TZ):
        return typed(call("SUBSTR", node, number(12)), to)
    return coerce(node, to, cx)


def _cut(node: exp.Expr, to: SqlType, have: SqlType, cx: Context) -> exp.Expr:
    plain = replace(to, literal=False)
    if cuts_bytes(node, to, have, cx):
        return typed(call("dw_cut", node, number(to.length)), replace(plain, bytes=to.length))
    if isinstance(node, exp.Literal):
        return typed(text(node.name[: to.length] if to.length else node.name), plain)
    return typed(call("SUBSTR", node, number(1), number(to.length)) if to.length else node, plain)


def _from_text(node: exp.Expr, have: SqlType, to: SqlType) -> exp.Expr:
    if to.is_decimal:
        return bounded(typed(call("dw_to_decimal", node, number(to.scale)), to), BITS_64)
    if name := readers().get(to.kind):
        made = typed(call(name, node), to)
        return bounded(made, BITS_64) if to.is_integer else made
    raise NotTranslatable(f"CAST of {have} to {to}", hint="cast to a number, BOOLEAN, DATE, TIME or TIMESTAMP")


def _to_integer(node: exp.Expr, have: SqlType, to: SqlType, cx: Context) -> exp.Expr:
    if have.is_integer or have.kind is Kind.BOOLEAN:
        most = bound(node) if have.is_integer else 1
        return bounded(typed(node, to), most)
    if have.is_decimal and have.form is not Form.ROUGH:
        exact: exp.Expr = cast(call("ROUND", node), "INTEGER")
        if have.form is not Form.DOUBLE:
            exact = _rounded(scaled(node, have, have.scale), have.scale)
        return bounded(typed(exact, to), bound(node) // 10**have.scale + 1)
    if have.is_float:
        cx.note("a floating-point number halfway between two integers is rounded away from zero")
    if have.is_number:
        return as_whole(call("ROUND", node), to)
    raise mistake(f"{have} cannot be cast to an integer")


def _rounded(node: exp.Expr, places: int) -> exp.Expr:
    """Divide a scaled integer by 10^places, half away from zero."""
    if places == 0:
        return node
    half = when(op(exp.LT, node.copy(), number(0)), exp.Neg(this=number(5 * 10 ** (places - 1))))
    half.set("default", number(5 * 10 ** (places - 1)))
    return op(exp.Div, exp.Paren(this=op(exp.Add, node, half)), number(10**places))


def _to_decimal(node: exp.Expr, have: SqlType, to: SqlType, cx: Context) -> exp.Expr:
    if to.scale > INTEGER_DIGITS:
        raise NotTranslatable(f"CAST to {to}", "exact arithmetic has 18 digits", hint="cast to fewer digits")
    if isinstance(node, exp.Literal) and have.is_decimal and have.form is Form.DOUBLE:
        return exact_literal(values.read_decimal(node.name), to)
    cx.used("decimal_as_integer")
    if have.is_float or (have.is_decimal and have.form is Form.ROUGH):
        return as_whole(call("ROUND", op(exp.Mul, node, number(10**to.scale))), to)
    if not have.is_number:
        raise mistake(f"{have} cannot be cast to {to}")
    own = have.scale if have.is_decimal else 0
    most = bound(node) * 10 ** (to.scale - own) if to.scale >= own else bound(node) // 10 ** (own - to.scale) + 1
    return bounded(typed(rescaled(node, have, to.scale), to), most)


def rescaled(node: exp.Expr, have: SqlType, scale: int) -> exp.Expr:
    """Scaled integer of an exact number at any scale, rounded half away from zero."""
    own = have.scale if have.is_decimal else 0
    if scale >= own:
        return scaled(node, have, scale)
    return _rounded(scaled(node, have, own), own - scale)


def as_text(node: exp.Expr, cx: Context) -> exp.Expr:
    """Text of a lowered value, written as the user's warehouse writes it."""
    have = type_of(node)
    if have.kind in cx.dialect.other_texts:
        raise NotTranslatable(f"{have} as text", f"{cx.dialect.name} writes it otherwise", hint="select it as it is")
    if have.is_text or have.kind in (Kind.NULL, Kind.JSON, Kind.DATE, Kind.TIME, Kind.GEOGRAPHY, Kind.TIMESTAMP):
        return node if have.is_text or have.kind is Kind.NULL else typed(node, text_of(bound_of(have)))
    return typed(_text_form(node, have, cx), text_of(bound_of(have)))


def _text_form(node: exp.Expr, have: SqlType, cx: Context) -> exp.Expr:
    if have.is_integer:
        return cast(node, "TEXT")
    if have.is_decimal:
        return _decimal_text(node, have)
    if have.is_float:
        cx.note("the number of digits of a floating-point number as text differs between warehouses")
        return call("dw_float_text", node)
    if have.kind is Kind.BOOLEAN:
        return exp.Case(
            this=node,
            ifs=[exp.If(this=number(1), true=text("true")), exp.If(this=number(0), true=text("false"))],
        )
    if have.kind is Kind.TIMESTAMP_TZ:
        return op(exp.DPipe, node, text("+00"))
    raise NotTranslatable(f"{have} as text", hint="cast it to another type first")


def _decimal_text(node: exp.Expr, have: SqlType) -> exp.Expr:
    if have.form is Form.MIXED:
        return call("dw_mixed_text", node, number(have.scale))
    if have.form is Form.SCALED:
        return call("dw_decimal_text", node, number(have.scale))
    return call("PRINTF", text(f"%.{have.scale}f"), node)


def moment(node: exp.Expr, where: str) -> exp.Expr:
    """Bring a lowered argument to a DATE or TIMESTAMP; a literal is read as a TIMESTAMP."""
    have = type_of(node)
    if have.literal:
        return literal_as(node, TIMESTAMP)
    if have.is_moment or have.kind is Kind.NULL:
        return node
    if have.kind is Kind.TIME:
        raise NotTranslatable(f"{where} of a TIME", hint="use a TIMESTAMP")
    raise mistake(f"{where} takes a DATE or TIMESTAMP, not {have}", "cast it, as in CAST(… AS TIMESTAMP)")
