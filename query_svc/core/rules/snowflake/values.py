"""Values in Snowflake's emulator: calls of its compatibility macros, exact quotients, casts for the result."""

from sqlglot import exp

from query_svc.core.rules.context import call, number, op, type_of, typed, wrapped
from query_svc.core.types import Kind, SqlType

PREFIX = "_dw_"
"""Of the names of the macros that every session with the emulator has."""
_WIDE = "INT128"


def macro(name: str, *args: exp.Expr | None) -> exp.Anonymous:
    """Call of a compatibility macro."""
    return call(PREFIX + name, *args)


def duck_cast(node: exp.Expr, name: str) -> exp.Cast:
    """CAST to a type of DuckDB's."""
    return exp.Cast(this=wrapped(node), to=exp.DataType.build(name, dialect="duckdb"))


def scale_of(kind: SqlType) -> int:
    """Digits after the point of a number that is exact."""
    return kind.scale if kind.is_decimal else 0


def _unscaled(node: exp.Expr, scale: int) -> exp.Expr:
    """Digits of an exact number without its point, as a 128-bit integer."""
    if not scale:
        return duck_cast(node, _WIDE)
    digits = duck_cast(node, f"DECIMAL(38, {scale})")
    return duck_cast(op(exp.Mul, digits, number(10**scale)), _WIDE)


def quotient(dividend: exp.Expr, divisor: exp.Expr, scales: tuple[int, int], to: SqlType, *, rounds: bool) -> exp.Expr:
    """Exact quotient of two exact numbers at the scale of `to`: rounded half away from zero, or cut off."""
    above, below = _unscaled(dividend, scales[0]), _unscaled(divisor, scales[1])
    shift = to.scale + scales[1] - scales[0] + (1 if rounds else 0)
    if shift > 0:
        above = op(exp.Mul, above, duck_cast(number(10**shift), _WIDE))
    elif shift < 0:
        below = op(exp.Mul, below, duck_cast(number(10**-shift), _WIDE))
    whole: exp.Expr = exp.IntDiv(this=wrapped(above), expression=wrapped(below))
    if rounds:
        whole = macro("half_away", whole)
    return typed(duck_cast(macro("point", whole, number(to.scale)), f"DECIMAL(38, {to.scale})"), to)


def result_type(kind: SqlType) -> str:
    """Type to which a result column is cast, so that the emulator's driver knows it; empty where it does."""
    if kind.is_decimal:
        return f"DECIMAL({kind.precision}, {kind.scale})"
    if kind.is_integer:
        return "BIGINT"
    if kind.is_float:
        return "DOUBLE"
    return {Kind.TIMESTAMP: "TIMESTAMP", Kind.TIMESTAMP_TZ: "TIMESTAMPTZ", Kind.DATE: "DATE", Kind.TIME: "TIME"}.get(
        kind.kind, ""
    )


def shown(node: exp.Expr) -> exp.Expr:
    """Result column as the driver reads it."""
    name = result_type(type_of(node))
    return typed(duck_cast(node, name), type_of(node)) if name else node
