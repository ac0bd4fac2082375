"""Logical types in the words of each dialect, as data: a further dialect is one more table.

In an entry `{n}` is the length, `{p}` and `{s}` precision and scale, `{element}` the type of an array's elements. An
entry without `{n}` is for values of any length; `longest` is where a bounded one ends. `loses` says what the dialect's
type does not keep.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from schema_svc.core.model import Column, LogicalType
from schema_svc.core.types import UnreadableType, read_type
from schema_svc.core.vocabulary import IMPORTED_DIALECTS, Dialect, TypeKind

K = TypeKind


class Written(NamedTuple):
    """A type of a dialect."""

    text: str
    loses: str = ""


class Sized(NamedTuple):
    """A type with a length, up to the longest that the dialect has; beyond it, and without bound, another one."""

    bounded: str
    unbounded: Written
    longest: int = 2**31 - 1


TypeTable: TypeAlias = Mapping[TypeKind, Written | Sized]
_ANY_TEXT = "any text is taken"
_NO_LENGTH = "its length is not kept"
_SQLITE_NUMBER = "digits beyond an 8-byte float are not kept"

_REDSHIFT: TypeTable = {
    K.BOOLEAN: Written("BOOLEAN"),
    K.INT16: Written("SMALLINT"),
    K.INT32: Written("INTEGER"),
    K.INT64: Written("BIGINT"),
    K.FLOAT32: Written("REAL"),
    K.FLOAT64: Written("DOUBLE PRECISION"),
    K.DECIMAL: Written("DECIMAL({p},{s})"),
    K.STRING: Sized("VARCHAR({n})", Written("VARCHAR(65535)", "text ends at 65535 bytes"), 65535),
    K.BINARY: Sized("VARBYTE({n})", Written("VARBYTE(16777216)", "bytes end at 16777216"), 16_777_216),
    K.DATE: Written("DATE"),
    K.TIME: Written("TIME"),
    K.TIMESTAMP: Written("TIMESTAMP"),
    K.TIMESTAMP_TZ: Written("TIMESTAMPTZ"),
    K.JSON: Written("SUPER"),
    K.UUID: Written("VARCHAR(36)", _ANY_TEXT),
    K.ARRAY: Written("SUPER", "the type of its elements is not kept"),
    K.INTERVAL: Written("INTERVAL DAY TO SECOND"),
    K.GEOGRAPHY: Written("GEOGRAPHY"),
    K.VECTOR: Written("SUPER", "its dimension is not kept"),
}
_SNOWFLAKE: TypeTable = {
    K.BOOLEAN: Written("BOOLEAN"),
    K.INT16: Written("SMALLINT", "every whole number is NUMBER(38,0)"),
    K.INT32: Written("INTEGER", "every whole number is NUMBER(38,0)"),
    K.INT64: Written("BIGINT"),
    K.FLOAT32: Written("FLOAT", "every float has 8 bytes"),
    K.FLOAT64: Written("FLOAT"),
    K.DECIMAL: Written("NUMBER({p},{s})"),
    K.STRING: Sized("VARCHAR({n})", Written("VARCHAR"), 134_217_728),
    K.BINARY: Sized("BINARY({n})", Written("BINARY"), 67_108_864),
    K.DATE: Written("DATE"),
    K.TIME: Written("TIME"),
    K.TIMESTAMP: Written("TIMESTAMP_NTZ"),
    K.TIMESTAMP_TZ: Written("TIMESTAMP_TZ"),
    K.JSON: Written("VARIANT"),
    K.UUID: Written("VARCHAR(36)", _ANY_TEXT),
    K.ARRAY: Written("ARRAY", "the type of its elements is not kept"),
    K.INTERVAL: Written("VARCHAR", "it is text"),
    K.GEOGRAPHY: Written("GEOGRAPHY"),
    K.VECTOR: Sized("VECTOR(FLOAT, {n})", Written("ARRAY", "its dimension is not kept"), 4096),
}
_POSTGRES: TypeTable = {
    **_REDSHIFT,
    K.DECIMAL: Written("NUMERIC({p},{s})"),
    K.STRING: Sized("VARCHAR({n})", Written("TEXT"), 10_485_760),
    K.BINARY: Written("BYTEA"),
    K.JSON: Written("JSONB"),
    K.UUID: Written("UUID"),
    K.ARRAY: Written("{element}[]"),
    K.INTERVAL: Written("INTERVAL"),
    K.GEOGRAPHY: Written("TEXT", "it is well-known text"),
    K.VECTOR: Written("REAL[]", "its dimension is not kept"),
}
_SQLITE: TypeTable = {
    **_POSTGRES,
    K.DECIMAL: Written("DECIMAL({p},{s})", _SQLITE_NUMBER),
    K.STRING: Sized("VARCHAR({n})", Written("TEXT")),
    K.BINARY: Written("BLOB"),
    K.JSON: Written("TEXT", "it is text"),
    K.UUID: Written("TEXT", _ANY_TEXT),
    K.ARRAY: Written("TEXT", "it is JSON text"),
    K.INTERVAL: Written("TEXT", "it is text"),
    K.VECTOR: Written("TEXT", "it is JSON text"),
}
_CLICKHOUSE: TypeTable = {
    K.BOOLEAN: Written("Bool"),
    K.INT16: Written("Int16"),
    K.INT32: Written("Int32"),
    K.INT64: Written("Int64"),
    K.FLOAT32: Written("Float32"),
    K.FLOAT64: Written("Float64"),
    K.DECIMAL: Written("Decimal({p},{s})"),
    K.STRING: Sized("", Written("String")),
    K.BINARY: Sized("", Written("String")),
    K.DATE: Written("Date32"),
    K.TIME: Written("String", "it is text"),
    K.TIMESTAMP: Written("DateTime64(6)"),
    K.TIMESTAMP_TZ: Written("DateTime64(6, 'UTC')"),
    K.JSON: Written("String", "it is text"),
    K.UUID: Written("UUID"),
    K.ARRAY: Written("Array({element})"),
    K.INTERVAL: Written("String", "it is text"),
    K.GEOGRAPHY: Written("String", "it is well-known text"),
    K.VECTOR: Written("Array(Float32)", "its dimension is not kept"),
}
_DUCKDB: TypeTable = {
    **_POSTGRES,
    K.FLOAT32: Written("FLOAT"),
    K.FLOAT64: Written("DOUBLE"),
    K.DECIMAL: Written("DECIMAL({p},{s})"),
    K.STRING: Sized("", Written("VARCHAR")),
    K.BINARY: Sized("", Written("BLOB")),
    K.JSON: Written("JSON"),
    K.GEOGRAPHY: Written("VARCHAR", "it is well-known text"),
    K.VECTOR: Sized("FLOAT[{n}]", Written("FLOAT[]")),
}
_DATABRICKS: TypeTable = {
    **_REDSHIFT,
    K.INT32: Written("INT"),
    K.FLOAT32: Written("FLOAT"),
    K.FLOAT64: Written("DOUBLE"),
    K.STRING: Sized("VARCHAR({n})", Written("STRING"), 65535),
    K.BINARY: Sized("", Written("BINARY")),
    K.TIME: Written("STRING", "it is text"),
    K.TIMESTAMP: Written("TIMESTAMP_NTZ"),
    K.TIMESTAMP_TZ: Written("TIMESTAMP"),
    K.JSON: Written("VARIANT"),
    K.UUID: Written("STRING", _ANY_TEXT),
    K.ARRAY: Written("ARRAY<{element}>"),
    K.INTERVAL: Written("STRING", "it is text"),
    K.GEOGRAPHY: Written("STRING", "it is well-known text"),
    K.VECTOR: Written("ARRAY<FLOAT>", "its dimension is not kept"),
}
TYPES: Mapping[Dialect, TypeTable] = {
    Dialect.REDSHIFT: _REDSHIFT,
    Dialect.SNOWFLAKE: _SNOWFLAKE,
    Dialect.POSTGRES: _POSTGRES,
    Dialect.SQLITE: _SQLITE,
    Dialect.CLICKHOUSE: _CLICKHOUSE,
    Dialect.DUCKDB: _DUCKDB,
    Dialect.DATABRICKS: _DATABRICKS,
}

FIXED_LENGTHS: Mapping[Dialect, int] = {
    Dialect.REDSHIFT: 4096,
    Dialect.SNOWFLAKE: 134_217_728,
    Dialect.POSTGRES: 10_485_760,
    Dialect.SQLITE: 2**31 - 1,
    Dialect.DATABRICKS: 255,
}
"""Longest CHAR(n) of the dialects that have one."""

_FOREIGN_NAMES: Mapping[Dialect, frozenset[str]] = {
    Dialect.REDSHIFT: frozenset({"UUID", "JSON", "JSONB", "VARIANT", "OBJECT", "MAP", "STRUCT", "ARRAY", "VECTOR"}),
    Dialect.SNOWFLAKE: frozenset({"JSON", "JSONB", "SUPER", "STRUCT", "VARBYTE", "TIMETZ", "UUID"}),
    Dialect.POSTGRES: frozenset(
        {"SUPER", "VARIANT", "OBJECT", "MAP", "STRUCT", "ARRAY", "VARBINARY", "VARBYTE", "BINARY", "GEOGRAPHY",
         "GEOMETRY", "VECTOR", "INTERVALY2M", "INTERVALD2S"}
    ),
}  # fmt: skip
"""Names that documents of a dialect may use, and its warehouse does not know."""
_OWN_NAMES = {
    "TIMETZ": frozenset({Dialect.REDSHIFT, Dialect.POSTGRES, Dialect.DUCKDB}),
    "GEOMETRY": frozenset({Dialect.REDSHIFT, Dialect.SNOWFLAKE}),
}
"""Names that say more than their logical type, and the dialects that have them."""


def written_type(column: Column, own: Dialect, written: Dialect) -> Written:
    """Write a column's type; `loses` names what would not come back."""
    if own is written and column.source_type:
        return Written(column.source_type)
    name = _first_word(column.data_type)
    if own is written and name not in _FOREIGN_NAMES.get(written, frozenset()):
        return Written(_with_length(column))
    logical = column.logical_type or LogicalType()
    if written in _OWN_NAMES.get(name, frozenset()):
        return Written(name)
    return _checked(_spelled(logical, written), logical, written)


def _checked(spelled: Written, logical: LogicalType, written: Dialect) -> Written:
    """Say what an imported dialect makes of the type, where that is another one."""
    if spelled.loses or written not in IMPORTED_DIALECTS:
        return spelled
    try:
        again = read_type(spelled.text, written).logical
    except UnreadableType as problem:
        return spelled._replace(loses=problem.message)
    return spelled if again == logical else spelled._replace(loses="it is another type there")


def _spelled(logical: LogicalType, written: Dialect) -> Written:
    entry = TYPES[written].get(logical.kind, Written("VARCHAR", "its type is not known"))
    if logical.fixed_length and 0 < logical.length <= FIXED_LENGTHS.get(written, 0):
        return Written(f"CHAR({logical.length})")
    if isinstance(entry, Sized):
        return _sized(entry, logical)
    if "{element}" in entry.text:
        inner = _spelled(logical.element or LogicalType(kind=TypeKind.STRING), written)
        return Written(entry.text.format(element=inner.text), inner.loses)
    return Written(entry.text.format(p=logical.precision, s=logical.scale), entry.loses)


def _sized(entry: Sized, logical: LogicalType) -> Written:
    if logical.length and entry.bounded and logical.length <= entry.longest:
        return Written(entry.bounded.format(n=logical.length), "its values are no longer padded" * logical.fixed_length)
    loses = _NO_LENGTH if logical.length and not entry.unbounded.loses else entry.unbounded.loses
    return entry.unbounded._replace(loses=loses)


def _with_length(column: Column) -> str:
    if column.varchar_length and "(" not in column.data_type:
        return f"{column.data_type}({column.varchar_length})"
    return column.data_type


def _first_word(data_type: str) -> str:
    match = re.match(r"\w*", data_type)
    return match[0].upper() if match else ""
