"""Hashes: of the bytes that Redshift hashes."""

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import Context, call, lower, number, text, type_of, typed
from query_svc.core.rules.lengths import text_of
from query_svc.core.rules.postgres.binaries import encoded
from query_svc.core.rules.postgres.values import as_text, cast_to, compat
from query_svc.core.types import INT32, INT64, Kind

_OFFSET = exp.Neg(this=number(3_750_763_034_362_895_579))
_WIDTHS = {Kind.INT16: 2, Kind.INT32: 4, Kind.INT64: 8}
_SHA2 = {"0": "SHA256", "224": "SHA224", "256": "SHA256", "384": "SHA384", "512": "SHA512"}
_DIGEST_BYTES = 128


def sha2(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """SHA2(text, bits) in hexadecimal digits."""
    bits = args[1].name if len(args) > 1 else "256"
    if bits not in _SHA2 or (len(args) > 1 and not isinstance(args[1], exp.Literal)):
        raise NotTranslatable("SHA2 of this number of bits", hint="use 224, 256, 384 or 512")
    content = call("CONVERT_TO", as_text(lower(args[0], cx), cx), text("UTF8"))
    return typed(call("ENCODE", call(_SHA2[bits], content), text("hex")), text_of(_DIGEST_BYTES))


def sha1(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """SHA, SHA1 and FUNC_SHA1(text) in hexadecimal digits."""
    return typed(compat("sha1", encoded(lower(args[0], cx), cx)), text_of(_DIGEST_BYTES))


def _hashed(node: exp.Expr, cx: Context, where: str) -> exp.Expr:
    """Bytes of a value: those of a text, or of an integer with the lowest first."""
    made = lower(node, cx)
    kind = type_of(made)
    if kind.is_text or kind.kind is Kind.NULL:
        return encoded(made, cx)
    if kind.kind is Kind.BINARY:
        return made
    if kind.kind in _WIDTHS:
        return compat("little_endian", cast_to(made, INT64), number(_WIDTHS[kind.kind]))
    raise NotTranslatable(f"{where} of {kind}", hint="hash a text or an integer")


def _seed(args: list[exp.Expr], cx: Context, otherwise: exp.Expr) -> exp.Expr:
    return cast_to(lower(args[1], cx) if len(args) > 1 else otherwise.copy(), INT64)


def fnv(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """FNV_HASH(value, seed)."""
    return typed(compat("fnv_hash", _hashed(args[0], cx, "FNV_HASH"), _seed(args, cx, _OFFSET)), INT64)


def murmur3(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """MURMUR3_32_HASH(value, seed)."""
    value = _hashed(args[0], cx, "MURMUR3_32_HASH")
    if type_of(value).kind is not Kind.BINARY:
        raise NotTranslatable("MURMUR3_32_HASH of a number", hint="hash a text")
    return typed(compat("murmur3", value, _seed(args, cx, number(0))), INT32)
