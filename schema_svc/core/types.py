"""SQL type text -> what the document and the mesh call it.

Normalising is idempotent: the normalised text means the same type in the same dialect.
"""

import difflib
import re
from functools import lru_cache
from typing import NamedTuple

from schema_svc.core.model import LogicalType
from schema_svc.core.type_names import DIALECT_TYPES, GENERIC, REFUSED_TYPES, TypeName
from schema_svc.core.vocabulary import Dialect, TypeKind

LONGEST_TEXT = 500
_WORDS = r"[^\W\d]\w*(?:\s+[^\W\d]\w*)*"
_TYPE = re.compile(rf"\s*({_WORDS})\s*(?:\((.*)\))?\s*({_WORDS})?\s*((?:\[\s*\d*\s*\]\s*)*)", re.DOTALL)
_NUMBERS = re.compile(r"\s*(\d{1,9})\s*(?:,\s*(\d{1,9})\s*)?")
_DIGITS = re.compile(r"\(\s*\d+\s*\)")
_ELEMENT_NULLS = re.compile(r"\s+NOT\s+NULL\s*$", re.IGNORECASE)
_ARRAY_TAIL = re.compile(r"(?:(?:\s+|(?<=\)))ARRAY)?\s*(?:\[[^\[\]]*\]\s*)*\Z", re.IGNORECASE)
_INTEGER_DIGITS = 5
"""A whole NUMBER of fewer digits stays a decimal: no integer type has its bounds."""
_REAL_DIGITS = 24
_SLIP = 0.8
"""Likeness from which an unknown name is taken for a slip of a known one."""
_MOST_DIGITS = 38


class ColumnType(NamedTuple):
    """A column's type as the document writes it and as the mesh knows it."""

    data_type: str
    logical: LogicalType


class UnreadableType(ValueError):
    """The text is not a type of the dialect; `hint` says what would be right."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@lru_cache(maxsize=4096)
def read_type(text: str, dialect: Dialect, varchar_length: int | None = None) -> ColumnType:
    """Read a type; `varchar_length` is the length of a text type written without one. Do not change the answer."""
    if text.lstrip()[:8].upper() == "INTERVAL":
        text = _DIGITS.sub("", text[:LONGEST_TEXT])
    match = _TYPE.fullmatch(text) if len(text) <= LONGEST_TEXT else None
    if match is None:
        raise UnreadableType(f"{text[:60]!r} is not a type", "write a type such as INT or VARCHAR(100)")
    words, arguments, suffix, brackets = match.groups()
    name = re.sub(r"\s+", " ", f"{words} {suffix or ''}").strip().upper()
    if brackets or name.endswith(" ARRAY"):
        return _array(_ARRAY_TAIL.sub("", text), dialect)
    if name == "ARRAY" and arguments:
        return _array(_ELEMENT_NULLS.sub("", arguments), dialect)
    entry = _entry(name, dialect)
    return _READERS[entry.takes](entry, name, arguments, varchar_length)


def _entry(name: str, dialect: Dialect) -> TypeName:
    names = DIALECT_TYPES.get(dialect, GENERIC)
    if name in names:
        return names[name]
    if name in REFUSED_TYPES:
        raise UnreadableType(f"type {name} is not supported", REFUSED_TYPES[name])
    near = difflib.get_close_matches(name, names, 1)
    raise UnreadableType(f"{name} is not a type", f"did you mean {near[0]}?" if near else "use a type of the dialect")


def may_be_defined_elsewhere(name: str, dialect: Dialect) -> bool:
    """Whether an unknown type may be one of the user's: PostgreSQL has such, and it is no slip of a known name."""
    names = DIALECT_TYPES.get(dialect, GENERIC)
    known = name.upper() in names or name.upper() in REFUSED_TYPES
    return dialect is Dialect.POSTGRES and not known and not difflib.get_close_matches(name.upper(), names, 1, _SLIP)


def _array(element: str, dialect: Dialect) -> ColumnType:
    inner = read_type(element, dialect)
    return ColumnType(f"ARRAY({inner.data_type})", LogicalType(kind=TypeKind.ARRAY, element=inner.logical))


def _plain(entry: TypeName, name: str, arguments: str | None, varchar_length: int | None) -> ColumnType:
    if arguments is not None and entry.kind is not TypeKind.STRING and not _NUMBERS.fullmatch(arguments):
        raise UnreadableType(f"{name} takes no arguments", f"write {name}")
    if entry.kind is TypeKind.STRING:
        return _text(entry, name, None, varchar_length)
    return ColumnType(entry.document, LogicalType(kind=entry.kind))


def _text(entry: TypeName, name: str, arguments: str | None, varchar_length: int | None) -> ColumnType:
    length = _length(entry, name, arguments)
    shown = f"{entry.document}({length})" if length else entry.document
    if varchar_length and (arguments is None):
        length, shown = varchar_length, entry.document
    logical = LogicalType(kind=entry.kind, length=length, fixed_length=entry.fixed)
    return ColumnType(shown, logical)


def _length(entry: TypeName, name: str, arguments: str | None) -> int:
    if arguments is None:
        return entry.length
    word = arguments.split()[0].upper() if arguments.strip() else ""
    if word == "MAX":
        return entry.longest
    if not word.isdecimal() or len(word) > len("134217728") or not 1 <= int(word) <= (entry.longest or 2**31 - 1):
        most = entry.longest or 2**31 - 1
        raise UnreadableType(f"{name}({arguments.strip()[:20]}) has no valid length", f"a length is 1 to {most}")
    return int(word)


def _decimal(entry: TypeName, name: str, arguments: str | None, _length: int | None) -> ColumnType:
    precision, scale = entry.precision, entry.scale
    if arguments is not None:
        match = _NUMBERS.fullmatch(arguments)
        precision, scale = (int(match[1]), int(match[2] or 0)) if match else (0, 0)
    if not 1 <= precision <= _MOST_DIGITS or scale > precision:
        raise UnreadableType(
            f"{name}({(arguments or '').strip()[:20]}) has no valid precision and scale",
            f"precision is 1 to {_MOST_DIGITS}, scale 0 to precision",
        )
    if entry.whole and scale == 0 and precision >= _INTEGER_DIGITS:
        return ColumnType("BIGINT", LogicalType(kind=TypeKind.INT64))
    logical = LogicalType(kind=TypeKind.DECIMAL, precision=precision, scale=scale)
    return ColumnType(f"{entry.document}({precision},{scale})", logical)


def _float(entry: TypeName, name: str, arguments: str | None, _length: int | None) -> ColumnType:
    match = _NUMBERS.fullmatch(arguments) if arguments is not None else None
    if arguments is not None and match is None:
        raise UnreadableType(f"{name}({arguments.strip()[:20]}) has no valid precision", "write FLOAT or REAL")
    if match and int(match[1]) <= _REAL_DIGITS:
        return ColumnType("REAL", LogicalType(kind=TypeKind.FLOAT32))
    return ColumnType(entry.document, LogicalType(kind=entry.kind))


def _digits(entry: TypeName, name: str, arguments: str | None, _length: int | None) -> ColumnType:
    if arguments is not None and not _NUMBERS.fullmatch(arguments):
        raise UnreadableType(f"{name}({arguments.strip()[:20]}) has no valid precision", f"write {name} or {name}(6)")
    return ColumnType(entry.document, LogicalType(kind=entry.kind))


def _any(entry: TypeName, _name: str, arguments: str | None, _length: int | None) -> ColumnType:
    shown = f"{entry.document}({' '.join(arguments.split())})" if arguments else entry.document
    return ColumnType(shown, LogicalType(kind=entry.kind))


def _vector(entry: TypeName, name: str, arguments: str | None, _length: int | None) -> ColumnType:
    match = re.fullmatch(r"\s*(?:(FLOAT|INT)\s*,)?\s*(\d{1,4})\s*", arguments or "", re.IGNORECASE)
    if match is None or not 1 <= int(match[2]) <= 4096:
        raise UnreadableType(f"{name} has no valid dimension", "write VECTOR(FLOAT, 256)")
    shown = f"VECTOR({(match[1] or 'FLOAT').upper()}, {match[2]})"
    return ColumnType(shown, LogicalType(kind=entry.kind, length=int(match[2])))


_READERS = {
    "none": _plain,
    "length": _text,
    "decimal": _decimal,
    "float": _float,
    "digits": _digits,
    "any": _any,
    "vector": _vector,
}
