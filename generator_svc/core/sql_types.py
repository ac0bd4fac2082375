"""SQL types of members and elements, which the document writes as text: `INT`, `VARCHAR(20)`, `DECIMAL(12,2)`."""

import re
from collections.abc import Mapping
from typing import Final

from dwsim_wire.fault import InvalidArgument
from generator_svc.core.spec import LogicalType, TypeKind

_WRITTEN: Final = re.compile(r"\s*([A-Za-z][A-Za-z0-9_ ]*?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*")
_NAMES: Final[Mapping[TypeKind, str]] = {
    TypeKind.BOOLEAN: "BOOLEAN|BOOL|LOGICAL",
    TypeKind.INT16: "SMALLINT|INT2|TINYINT|BYTEINT",
    TypeKind.INT32: "INT|INTEGER|INT4|MEDIUMINT",
    TypeKind.INT64: "BIGINT|INT8",
    TypeKind.FLOAT32: "REAL|FLOAT4",
    TypeKind.FLOAT64: "FLOAT|FLOAT8|DOUBLE|DOUBLE PRECISION|DECFLOAT",
    TypeKind.DECIMAL: "DECIMAL|NUMERIC|DEC|FIXED|NUMBER",
    TypeKind.STRING: (
        "VARCHAR|NVARCHAR|VARCHAR2|NVARCHAR2|CHARACTER VARYING|CHAR VARYING|NCHAR VARYING|TEXT|STRING|CLOB"
        "|CHAR|CHARACTER|NCHAR|BPCHAR"
    ),
    TypeKind.DATE: "DATE",
    TypeKind.TIME: "TIME|TIME WITHOUT TIME ZONE|TIMETZ|TIME WITH TIME ZONE",
    TypeKind.TIMESTAMP: (
        "TIMESTAMP|DATETIME|DATETIME2|SMALLDATETIME|TIMESTAMP_NTZ|TIMESTAMPNTZ|TIMESTAMP WITHOUT TIME ZONE"
    ),
    TypeKind.TIMESTAMP_TZ: "TIMESTAMPTZ|TIMESTAMP_TZ|TIMESTAMP_LTZ|TIMESTAMPLTZ|TIMESTAMP WITH TIME ZONE",
    TypeKind.UUID: "UUID",
    TypeKind.JSON: "JSON|JSONB|SUPER|VARIANT|OBJECT|MAP|STRUCT",
    TypeKind.ARRAY: "ARRAY",
}
_KINDS: Final = {name: kind for kind, names in _NAMES.items() for name in names.split("|")}
_MOST_DIGITS: Final = 38


def sql_type(text: str) -> LogicalType:
    """Read a type; none is text."""
    written = _WRITTEN.fullmatch(text or "VARCHAR")
    kind = _KINDS.get(" ".join(written[1].upper().split())) if written else None
    if written is None or kind is None:
        raise InvalidArgument(
            f"no type of a member is written {text!r}", hint="such as INT, VARCHAR(20), DECIMAL(12,2)"
        )
    size, scale = int(written[2] or 0), int(written[3] or 0)
    if kind is TypeKind.DECIMAL:
        precision = size or _MOST_DIGITS
        if precision > _MOST_DIGITS or scale > precision:
            raise InvalidArgument(f"no DECIMAL has the digits of {text!r}", hint=f"at most {_MOST_DIGITS} digits")
        return LogicalType(kind, precision=precision, scale=scale)
    return LogicalType(kind, length=size if kind is TypeKind.STRING else 0)
