"""Values in PostgreSQL: brought together, cast, written as text and compared as the user's warehouse does.

Every DECIMAL is exact here: its form is always SCALED, whatever its digits.
"""

from dataclasses import replace
from math import isfinite

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.coerce import read_literal
from query_svc.core.rules.context import Context, call, mistake, number, text, type_of, typed, wrapped
from query_svc.core.rules.lengths import LONGEST_TEXT, bound_of, most_bytes
from query_svc.core.types import STRING, TIMESTAMP, Form, Kind, SqlType

COMPATIBILITY = "dw_redshift"
_TYPES = {
    Kind.BOOLEAN: "BOOLEAN",
    Kind.INT16: "SMALLINT",
    Kind.INT32: "INT",
    Kind.INT64: "BIGINT",
    Kind.FLOAT32: "REAL",
    Kind.FLOAT64: "DOUBLE PRECISION",
    Kind.DATE: "DATE",
    Kind.TIME: "TIME",
    Kind.TIMESTAMP: "TIMESTAMP",
    Kind.TIMESTAMP_TZ: "TIMESTAMPTZ",
    Kind.UUID: "UUID",
}
_AS_TEXT = (Kind.STRING, Kind.DATE, Kind.TIME, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ, Kind.BOOLEAN, Kind.UUID)


def compat(name: str, *args: exp.Expr | None) -> exp.Dot:
    """Call of a function of the compatibility schema."""
    return exp.Dot(this=exp.to_identifier(COMPATIBILITY), expression=call(name, *args))


def short(node: exp.Expr) -> exp.Dot:
    """Text, or an error where it is longer than Redshift's longest."""
    return compat("short", node)


def stored_exactly(logical: SqlType) -> SqlType:
    """Type of a stored column."""
    return replace(logical, form=Form.SCALED) if logical.is_decimal else logical


def cast_to(node: exp.Expr, to: SqlType) -> exp.Expr:
    """CAST to a type of PostgreSQL's."""
    name = _TYPES.get(to.kind, "TEXT")
    if to.is_decimal:
        name = f"DECIMAL({to.precision}, {to.scale})"
    elif to.kind is Kind.STRING and to.length:
        name = f"{'CHAR' if to.fixed_length else 'VARCHAR'}({to.length})"
    made = exp.Cast(this=wrapped(node), to=exp.DataType.build(name, dialect="postgres"))
    return typed(made, replace(to, literal=False, bytes=_bytes_of(node, to)))


def kept_in(node: exp.Expr, kind: SqlType, stored: str, wrong: str, hint: str) -> exp.Expr:
    """Lowered value of a kind that no other value becomes by itself; NULL is one in the type that it is `stored` in."""
    have = type_of(node)
    if have.kind is Kind.NULL:
        return typed(exp.Cast(this=node, to=exp.DataType.build(stored, dialect="postgres")), kind)
    if have.kind is not kind.kind:
        raise mistake(f"{wrong}, not {have}", hint)
    return node


def _bytes_of(node: exp.Expr, to: SqlType) -> int:
    """Bytes of a value that becomes a text; 0 where nothing is known."""
    if to.kind is not Kind.STRING:
        return 0
    most = min(most_bytes(node), bound_of(replace(to, bytes=0)))
    return most if most < LONGEST_TEXT else 0


def coerce(node: exp.Expr, to: SqlType, _cx: Context) -> exp.Expr:
    """Bring a lowered expression to the type that it meets others in; PostgreSQL itself widens numbers and dates."""
    have = type_of(node)
    if have.kind is Kind.NULL or have == to:
        return node
    if have.literal:
        return literal_as(node, to)
    if have.is_number and to.is_number:
        return cast_to(node, to) if to.is_float and not have.is_float else typed(node, to)
    if have.is_moment and to.is_moment:
        return cast_to(node, to) if have.kind is not to.kind else node
    if have.is_text and to.is_text:
        return cast_to(node, STRING) if Kind.UUID in (have.kind, to.kind) else node
    if have.kind is to.kind:
        return node
    raise mistake(f"{have} cannot stand where {to} is expected", f"cast it, as in CAST(… AS {to})")


def literal_as(node: exp.Expr, to: SqlType) -> exp.Expr:
    """Quoted literal as a value of type `to`, read now so that a wrong one is refused."""
    if to.kind is Kind.JSON:
        return typed(call("TO_JSONB", cast_to(node, STRING)), to)
    if to.is_text or to.kind is Kind.BINARY:
        return typed(node.copy(), replace(to, literal=False))
    read = read_literal(node, to)
    if to.kind is Kind.BOOLEAN:
        return typed(exp.Boolean(this=bool(read)), to)
    if (isinstance(read, str) and not to.is_number) or (isinstance(read, float) and not isfinite(read)):
        return cast_to(text(str(read)), to)
    return cast_to(_signed(str(read)), to)


def _signed(digits: str) -> exp.Expr:
    return exp.Paren(this=exp.Neg(this=number(digits[1:]))) if digits.startswith("-") else number(digits)


def as_double(node: exp.Expr) -> exp.Expr:
    """Nearest double of a number."""
    have = type_of(node)
    if have.literal:
        return literal_as(node, SqlType(Kind.FLOAT64))
    return node if have.kind in (Kind.FLOAT64, Kind.NULL) else cast_to(node, SqlType(Kind.FLOAT64))


def as_text(node: exp.Expr, cx: Context) -> exp.Expr:
    """Text of a lowered value, written as the user's warehouse writes it; a CHAR without its blanks."""
    have = type_of(node)
    if have.kind is Kind.NULL or have.literal or (have.kind is Kind.STRING and not have.fixed_length):
        return node
    if have.kind in cx.dialect.other_texts:
        raise NotTranslatable(f"{have} as text", f"{cx.dialect.name} writes it otherwise", hint="select it as it is")
    if have.is_float:
        cx.note("the number of digits of a floating-point number as text differs between warehouses")
    if have.is_decimal and not isinstance(node, exp.Column | exp.Cast):
        node = cast_to(node, have)  # 2 beside 1.50 is written 2.00
    if have.is_number or have.kind in _AS_TEXT:
        return cast_to(node, STRING)
    raise NotTranslatable(f"{have} as text", hint="select it as it is")


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


def timestamp(node: exp.Expr, where: str) -> exp.Expr:
    """Bring a lowered argument to a TIMESTAMP without zone: PostgreSQL would make a TIMESTAMPTZ of a DATE."""
    found = moment(node, where)
    have = type_of(found)
    return found if have.kind in (Kind.TIMESTAMP, Kind.NULL) else cast_to(found, TIMESTAMP)


def comparable(node: exp.Expr, cx: Context, ordering: bool) -> exp.Expr:
    """Text without trailing blanks, which Redshift disregards, and in the order of its code points."""
    have = type_of(node)
    if not have.is_text:
        return node
    if isinstance(node, exp.Literal):
        made: exp.Expr = text(node.name.rstrip(" ")) if cx.dialect.blanks_vanish else text(node.name)
    elif have.kind is Kind.UUID:
        made = cast_to(node, STRING)
    elif cx.dialect.blanks_vanish or have.fixed_length:
        made = call("RTRIM", node)
    else:
        made = node
    return collated(typed(made, STRING)) if ordering else typed(made, replace(have, literal=False))


def collated(node: exp.Expr) -> exp.Expr:
    """Text in the order of its code points, whatever the database's own order is."""
    return typed(exp.Collate(this=wrapped(node), expression=exp.to_identifier("C", quoted=True)), type_of(node))


def written(node: exp.Expr, what: str) -> str:
    """Text of a literal; what is computed is refused."""
    if not (isinstance(node, exp.Literal) and node.is_string):
        raise NotTranslatable(f"{what} that is computed", hint="write it as a literal")
    return node.name
