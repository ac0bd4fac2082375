"""Bytes of texts in Redshift, whose longest VARCHAR has 65,535: what would be longer is an error, never a longer text.

Types of texts carry a bound of their bytes, reckoned from what they are made of. Only what may go beyond the longest
VARCHAR is checked when it is computed; ordinary texts cost nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlglot import exp

from query_svc.core.rules.context import Context, mistake, type_of, typed
from query_svc.core.types import STRING, Kind, SqlType

LONGEST_TEXT = 65_535
"""Bytes of Redshift's longest VARCHAR."""
LONGEST_TEXTS = {
    **dict.fromkeys((exp.DType.VARCHAR, exp.DType.NVARCHAR, exp.DType.TEXT), LONGEST_TEXT),
    **dict.fromkeys((exp.DType.CHAR, exp.DType.NCHAR), 4_096),
}
CHARACTER_BYTES = 4
_SCALAR_BYTES = 64
_UUID_BYTES = 36
Check = Callable[[exp.Expr], exp.Expr]
Growth = Callable[[list[exp.Expr]], int]


def most_bytes(node: exp.Expr) -> int:
    """Bytes that a lowered value has at most as text."""
    if isinstance(node, exp.Literal) and node.is_string:
        return len(node.name.encode())
    return bound_of(type_of(node))


def bound_of(kind: SqlType) -> int:
    """Bytes that a value of a type has at most as text."""
    if kind.bytes:
        return kind.bytes
    if kind.kind is Kind.UUID:
        return _UUID_BYTES
    if kind.is_text and kind.length:
        return min(CHARACTER_BYTES * kind.length, LONGEST_TEXT)
    short = kind.is_number or kind.is_moment or kind.kind in (Kind.NULL, Kind.BOOLEAN, Kind.TIME)
    return _SCALAR_BYTES if short else LONGEST_TEXT


def cuts_bytes(node: exp.Expr, to: SqlType, have: SqlType, cx: Context) -> bool:
    """Whether a CAST cuts a lowered text after so many bytes: elsewhere than after so many characters."""
    plain = not have.is_text or (isinstance(node, exp.Literal) and node.name.isascii())
    long = to.kind is Kind.STRING and not to.fixed_length and 0 < to.length < most_bytes(node)
    return long and not plain and ends_at_longest(cx)


def text_of(most: int) -> SqlType:
    """Type of a text of at most so many bytes."""
    return replace(STRING, bytes=most) if 0 < most < LONGEST_TEXT else STRING


def refuse_length(node: exp.DataType, length: int, cx: Context) -> None:
    """Refuse a length that no text of Redshift's has."""
    longest = LONGEST_TEXTS.get(node.this)
    if longest and cx.dialect.name == "redshift" and not 1 <= length <= longest:
        raise mistake(f"{node.sql(cx.dialect.grammar)} cannot be: its length is 1 to {longest}", "choose one, or none")


def ends_at_longest(cx: Context) -> bool:
    """Whether texts end with Redshift's longest."""
    return cx.dialect.name == "redshift" and cx.target.warehouse in ("REDSHIFT", "SQLITE")


def within_longest(node: exp.Expr, most: int, check: Check, cx: Context) -> exp.Expr:
    """Text of at most so many bytes, checked where they may be too many."""
    if most > LONGEST_TEXT and ends_at_longest(cx):
        node = check(node)
    return typed(node, text_of(most))


def _same(args: list[exp.Expr]) -> int:
    return most_bytes(args[0])


def _times(most: int) -> Growth:
    return lambda args: most * most_bytes(args[0]) + 2


def characters(value: exp.Expr, count: exp.Expr) -> int:
    """Bytes of so many characters of a text, of all where that is computed."""
    written = _whole(count)
    return most_bytes(value) if written is None else min(most_bytes(value), CHARACTER_BYTES * written)


def _replaced(args: list[exp.Expr]) -> int:
    """REPLACE: at worst every byte is replaced, at best only texts that are no longer."""
    value, old, new = args
    most = most_bytes(value)
    if isinstance(old, exp.Literal) and old.name:
        return most if most_bytes(new) <= most_bytes(old) else most // most_bytes(old) * most_bytes(new) + most
    return most * max(most_bytes(new), 1)


def _repeated(args: list[exp.Expr]) -> int:
    return _times_of(args[1], most_bytes(args[0]))


def _padded(args: list[exp.Expr]) -> int:
    return _times_of(args[1], CHARACTER_BYTES)


def _times_of(count: exp.Expr, each: int) -> int:
    """So many bytes so often; a negative number makes no text."""
    written = 0 if isinstance(count, exp.Neg) else _whole(count)
    return LONGEST_TEXT + 1 if written is None else written * each


def _whole(node: exp.Expr) -> int | None:
    """Number that is written; 0 for what makes no text."""
    if isinstance(node, exp.Literal) and node.name.isdecimal():
        return int(node.name)
    return 0 if isinstance(node, exp.Null) else None


GROWTH: Mapping[str, Growth] = {
    **dict.fromkeys(("LOWER", "UPPER", "INITCAP"), _times(2)),
    **dict.fromkeys(("QUOTE_IDENT", "QUOTE_LITERAL"), _times(2)),
    **dict.fromkeys(("REVERSE", "SPLIT_PART", "SUBSTRING", "TRIM"), _same),
    **dict.fromkeys(("LEFT", "RIGHT"), lambda args: characters(*args)),
    **dict.fromkeys(("LPAD", "RPAD"), _padded),
    **dict.fromkeys(("REPEAT", "REPLICATE"), _repeated),
    "TRANSLATE": _times(CHARACTER_BYTES),
    "REPLACE": _replaced,
    "CHR": lambda _: CHARACTER_BYTES,
    "CRC32": lambda _: 8,
    "MD5": lambda _: 32,
    "SOUNDEX": lambda _: CHARACTER_BYTES,
}
"""Bytes of a function's text by its name, from its lowered arguments; of others nothing is known but the longest."""


def grown(name: str, made: exp.Expr, args: list[exp.Expr], check: Check, cx: Context) -> exp.Expr:
    """Text that a function made, checked where it may be too long."""
    growth = GROWTH.get(name)
    return within_longest(made, growth(args) if growth else LONGEST_TEXT, check, cx)
