"""CAST: what PostgreSQL casts otherwise than Redshift, or not in one step."""

from dataclasses import replace

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.casts import target_of
from query_svc.core.rules.context import (
    POSTGRES,
    Context,
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
from query_svc.core.rules.lengths import cuts_bytes
from query_svc.core.rules.postgres.binaries import encoded
from query_svc.core.rules.postgres.supers import cast_super
from query_svc.core.rules.postgres.values import as_text, cast_to, coerce, compat, literal_as
from query_svc.core.types import BOOLEAN, INT32, NULL, STRING, Kind, SqlType

_BYTES = (exp.DType.VARBINARY, exp.DType.BINARY)
_FIXED = (exp.DType.CHAR, exp.DType.NCHAR, exp.DType.BPCHAR)


@lowers(exp.Cast, on=POSTGRES)
def _cast(node: exp.Cast, cx: Context) -> exp.Expr:
    if node.args.get("format") or node.args.get("action"):
        raise NotTranslatable("CAST with a format", hint="use TO_DATE or TO_CHAR")
    if node.to.this in _BYTES and cx.dialect.name == "redshift":
        return _to_bytes(lower(node.this, cx), cx)
    to = target_of(node.to, cx)
    if node.to.this in _FIXED and not cx.dialect.folds_upper:
        to = replace(to, fixed_length=True, length=to.length or 1)
    return converted(lower(node.this, cx), to, cx)


def converted(node: exp.Expr, to: SqlType, cx: Context) -> exp.Expr:
    """Convert a lowered expression as CAST does."""
    have = type_of(node)
    if have.kind is Kind.NULL:
        return cast_to(node, to)
    if have.kind is Kind.JSON:
        return cast_super(node, to)
    if to.is_text:
        return _to_text(node, to, cx)
    if have.literal:
        return literal_as(node, to)
    if have.is_text:
        return cast_to(as_text(node, cx), to)
    if to.is_integer:
        return _to_integer(node, have, to, cx)
    return _to_other(node, have, to, cx)


def _to_bytes(node: exp.Expr, cx: Context) -> exp.Expr:
    return node if type_of(node).kind is Kind.BINARY else encoded(node, cx)


@lowers(exp.TryCast, on=POSTGRES)
def _try_cast(node: exp.TryCast, cx: Context) -> exp.Expr:
    value, to = lower(node.this, cx), target_of(node.to, cx)
    if not (type_of(value).is_text or type_of(value) == NULL) or to.is_text:
        raise NotTranslatable(f"TRY_CAST of {type_of(value)} to {to}", hint="use CAST, or TRY_CAST of a text")
    if cx.dialect.folds_upper and (to.is_moment or to.kind is Kind.TIME):
        raise NotTranslatable(f"TRY_CAST to {to}", "PostgreSQL reads more forms of moments", hint="use CAST")
    value = cast_to(value, STRING)
    made = cast_to(value, to)
    name = made.args["to"].sql(dialect="postgres")
    return typed(when(compat("readable", value.copy(), text(name)), made), to)


def _to_text(node: exp.Expr, to: SqlType, cx: Context) -> exp.Expr:
    made = as_text(node, cx)
    if cuts_bytes(made, to, type_of(node), cx):
        return typed(compat("cut", made, number(to.length)), replace(to, literal=False, bytes=to.length))
    if to.kind is Kind.UUID or to.length or type_of(made).literal:
        return cast_to(made, to)
    return typed(made, STRING)


def _to_integer(node: exp.Expr, have: SqlType, to: SqlType, cx: Context) -> exp.Expr:
    if have.kind is Kind.BOOLEAN:
        return cast_to(node, INT32) if to == INT32 else cast_to(cast_to(node, INT32), to)
    if not have.is_number:
        raise mistake(f"{have} cannot be cast to an integer")
    if have.is_float:
        cx.note("a floating-point number halfway between two integers is rounded to the even one")
    return cast_to(node, to)


def _to_other(node: exp.Expr, have: SqlType, to: SqlType, cx: Context) -> exp.Expr:
    if have.is_number and (to.is_decimal or to.is_float):
        return cast_to(node, to)
    if to.kind is Kind.BOOLEAN and have.is_integer:
        return typed(op(exp.NEQ, node, number(0)), BOOLEAN)
    if have.is_moment and (to.is_moment or (to.kind is Kind.TIME and have.kind is not Kind.DATE)):
        return cast_to(node, to)
    if to.is_decimal:
        raise mistake(f"{have} cannot be cast to {to}")
    return coerce(node, to, cx)
