"""VARBYTE: bytes from text and back."""

from dataclasses import replace

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import Context, call, lower, text, type_of, typed
from query_svc.core.rules.lengths import CHARACTER_BYTES, LONGEST_TEXT, text_of, within_longest
from query_svc.core.rules.postgres.values import as_text, cast_to, kept_in, short, written
from query_svc.core.types import INT32, STRING, Kind, SqlType

VARBYTE = SqlType(Kind.BINARY)
_FORMATS = {"hex": "hex", "base64": "base64"}
_TEXTS = ("utf8", "utf-8")
_WIDEST_INTEGER = 8


def encoded(node: exp.Expr, cx: Context) -> exp.Expr:
    """Bytes of a lowered text."""
    made = cast_to(as_text(node, cx), STRING)
    return typed(call("CONVERT_TO", made, text("UTF8")), replace(VARBYTE, bytes=type_of(made).bytes))


def _bytes(node: exp.Expr, cx: Context, where: str) -> exp.Expr:
    return kept_in(lower(node, cx), VARBYTE, "BYTEA", f"{where} takes a VARBYTE", "cast it, as in CAST(… AS VARBYTE)")


def _format(node: exp.Expr) -> str:
    name = written(node, "a format of bytes").lower()
    if name not in (*_FORMATS, *_TEXTS):
        raise NotTranslatable(f"the format {name!r}", hint="use hex, base64 or utf8")
    return name


def from_hex(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """FROM_HEX(text)."""
    value = as_text(lower(args[0], cx), cx)
    return typed(call("DECODE", value, text("hex")), replace(VARBYTE, bytes=type_of(value).bytes))


def to_hex(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """TO_HEX(varbyte or integer)."""
    made = lower(args[0], cx)
    if type_of(made).is_integer:
        return typed(call("TO_HEX", made), text_of(2 * _WIDEST_INTEGER))
    return _written(_bytes(args[0], cx, "TO_HEX"), "hex", cx)


def to_varbyte(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """TO_VARBYTE(text, format)."""
    name, value = _format(args[1]), lower(args[0], cx)
    if name in _TEXTS:
        return encoded(value, cx)
    return typed(call("DECODE", as_text(value, cx), text(_FORMATS[name])), VARBYTE)


def from_varbyte(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """FROM_VARBYTE(varbyte, format)."""
    name, value = _format(args[1]), _bytes(args[0], cx, "FROM_VARBYTE")
    if name in _TEXTS:
        return within_longest(call("CONVERT_FROM", value, text("UTF8")), _most(value), short, cx)
    return _written(value, _FORMATS[name], cx)


def _written(value: exp.Expr, name: str, cx: Context) -> exp.Expr:
    """Bytes as digits."""
    return within_longest(call("ENCODE", value, text(name)), 2 * _most(value) + CHARACTER_BYTES, short, cx)


def _most(value: exp.Expr) -> int:
    """Bytes of a VARBYTE, which may have more than a text."""
    return type_of(value).bytes or LONGEST_TEXT + 1


def octets(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """OCTET_LENGTH(text or varbyte)."""
    made = lower(args[0], cx)
    return typed(call("OCTET_LENGTH", made if type_of(made).kind is Kind.BINARY else as_text(made, cx)), INT32)
