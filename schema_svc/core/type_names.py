"""Type names of the dialects, as data: a further dialect is one more table.

An entry gives the logical kind, the name that the document uses, and what a bare name means.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from schema_svc.core.vocabulary import Dialect, TypeKind

Arguments = Literal["none", "length", "decimal", "float", "digits", "any", "vector"]
"""What follows in parentheses; `digits` are read and change nothing."""


class TypeName(NamedTuple):
    """What one type name means."""

    kind: TypeKind
    document: str
    """Name in the document's data_type."""
    takes: Arguments = "none"
    length: int = 0
    """Length of the bare name; 0 is unbounded."""
    longest: int = 0
    """Greatest length; 0 is unlimited. `MAX` means it."""
    fixed: bool = False
    precision: int = 0
    scale: int = 0
    whole: bool = False
    """A decimal without digits after the point is an integer."""


def _names(entry: TypeName, names: str) -> dict[str, TypeName]:
    return {name.strip(): entry for name in names.split("|")}


_JSON_NAMES = ("JSON", "JSONB", "SUPER", "VARIANT", "OBJECT", "MAP", "STRUCT")
_VARYING = (
    "VARCHAR|NVARCHAR|VARCHAR2|NVARCHAR2|CHARACTER VARYING|CHAR VARYING|NCHAR VARYING|NATIONAL CHARACTER VARYING"
    "|NATIONAL CHAR VARYING"
)
_FIXED = "CHAR|CHARACTER|NCHAR|NATIONAL CHARACTER|NATIONAL CHAR"
_DECIMAL = "DECIMAL|NUMERIC|DEC|FIXED"
_ZONED = "TIMESTAMPTZ|TIMESTAMP_TZ|TIMESTAMP_LTZ|TIMESTAMPLTZ|TIMESTAMP WITH TIME ZONE|TIMESTAMP WITH LOCAL TIME ZONE"

_BINARY = "BINARY|VARBINARY|BINARY VARYING|VARBYTE|BYTEA|BLOB"

_UNITS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
_INTERVALS = (
    "INTERVAL",
    "INTERVALY2M",
    "INTERVALD2S",
    *(f"INTERVAL {unit}" for unit in _UNITS),
    *(f"INTERVAL {unit} TO {finer}" for place, unit in enumerate(_UNITS) for finer in _UNITS[place + 1 :]),
)

GENERIC: Mapping[str, TypeName] = {
    **_names(TypeName(TypeKind.BOOLEAN, "BOOLEAN"), "BOOLEAN|BOOL|LOGICAL"),
    **_names(TypeName(TypeKind.INT16, "SMALLINT"), "SMALLINT|INT2|TINYINT|BYTEINT|SMALLSERIAL|SERIAL2"),
    **_names(TypeName(TypeKind.INT32, "INT"), "INT|INTEGER|INT4|MEDIUMINT|SERIAL|SERIAL4"),
    **_names(TypeName(TypeKind.INT64, "BIGINT"), "BIGINT|INT8|BIGSERIAL|SERIAL8"),
    **_names(TypeName(TypeKind.FLOAT32, "REAL"), "REAL|FLOAT4"),
    **_names(TypeName(TypeKind.FLOAT64, "FLOAT", "float"), "FLOAT|FLOAT8|DOUBLE|DOUBLE PRECISION"),
    **_names(TypeName(TypeKind.DECIMAL, "DECIMAL", "decimal", precision=38, scale=9), _DECIMAL),
    "NUMBER": TypeName(TypeKind.DECIMAL, "DECIMAL", "decimal", precision=38, whole=True),
    **_names(TypeName(TypeKind.STRING, "VARCHAR", "length"), _VARYING + "|TEXT|STRING|CLOB"),
    **_names(TypeName(TypeKind.STRING, "CHAR", "length", length=1, fixed=True), _FIXED + "|BPCHAR"),
    **_names(TypeName(TypeKind.BINARY, "VARBINARY", "length"), _BINARY),
    **_names(TypeName(TypeKind.DATE, "DATE"), "DATE"),
    **_names(TypeName(TypeKind.TIME, "TIME", "digits"), "TIME|TIME WITHOUT TIME ZONE"),
    **_names(TypeName(TypeKind.TIME, "TIMETZ", "digits"), "TIMETZ|TIME WITH TIME ZONE"),
    **_names(
        TypeName(TypeKind.TIMESTAMP, "TIMESTAMP", "digits"),
        "TIMESTAMP|DATETIME|DATETIME2|SMALLDATETIME|TIMESTAMP_NTZ|TIMESTAMPNTZ|TIMESTAMP WITHOUT TIME ZONE",
    ),
    **_names(TypeName(TypeKind.TIMESTAMP_TZ, "TIMESTAMPTZ", "digits"), _ZONED),
    **{name: TypeName(TypeKind.JSON, name, "any") for name in _JSON_NAMES},
    **_names(TypeName(TypeKind.UUID, "UUID"), "UUID"),
    **{name: TypeName(TypeKind.INTERVAL, name, "digits") for name in _INTERVALS},
    **{name: TypeName(TypeKind.GEOGRAPHY, name, "any") for name in ("GEOGRAPHY", "GEOMETRY")},
    **_names(TypeName(TypeKind.VECTOR, "VECTOR", "vector"), "VECTOR"),
}

_REDSHIFT: Mapping[str, TypeName] = {
    **_names(TypeName(TypeKind.DECIMAL, "DECIMAL", "decimal", precision=18), _DECIMAL),
    **_names(TypeName(TypeKind.STRING, "VARCHAR", "length", length=256, longest=65535), _VARYING),
    **_names(TypeName(TypeKind.STRING, "VARCHAR", length=256, longest=65535), "TEXT|STRING|CLOB"),
    **_names(TypeName(TypeKind.STRING, "CHAR", "length", length=1, longest=4096, fixed=True), _FIXED),
    **_names(TypeName(TypeKind.STRING, "CHAR", length=256, fixed=True), "BPCHAR"),
    **_names(
        TypeName(TypeKind.BINARY, "VARBYTE", "length", length=64000, longest=16_777_216),
        _BINARY,
    ),
}

_SNOWFLAKE: Mapping[str, TypeName] = {
    **{
        name: entry._replace(kind=TypeKind.INT64)
        for name, entry in GENERIC.items()
        if entry.kind in {TypeKind.INT16, TypeKind.INT32}
    },
    **_names(TypeName(TypeKind.FLOAT64, "FLOAT", "digits"), "REAL|FLOAT|FLOAT4|FLOAT8|DOUBLE|DOUBLE PRECISION"),
    **_names(TypeName(TypeKind.DECIMAL, "DECIMAL", "decimal", precision=38, whole=True), _DECIMAL),
    **_names(TypeName(TypeKind.STRING, "VARCHAR", "length", longest=134_217_728), _VARYING + "|TEXT|STRING"),
    **_names(TypeName(TypeKind.STRING, "CHAR", "length", length=1, longest=134_217_728), _FIXED + "|BPCHAR"),
    **_names(TypeName(TypeKind.BINARY, "BINARY", "length", longest=67_108_864), _BINARY),
    "ARRAY": TypeName(TypeKind.JSON, "ARRAY", "any"),
    "DECFLOAT": TypeName(TypeKind.FLOAT64, "FLOAT"),
}

_RANGES = "INT4RANGE|INT8RANGE|NUMRANGE|TSRANGE|TSTZRANGE|DATERANGE"
_MULTIRANGES = "INT4MULTIRANGE|INT8MULTIRANGE|NUMMULTIRANGE|TSMULTIRANGE|TSTZMULTIRANGE|DATEMULTIRANGE"
_OBJECT_IDS = "OID|XID|XID8|CID|REGCLASS|REGTYPE|REGPROC|REGPROCEDURE|REGROLE|REGNAMESPACE|REGCONFIG"
_AS_TEXT = f"XML|CITEXT|LTREE|LQUERY|TSVECTOR|TSQUERY|JSONPATH|PG_LSN|ACLITEM|{_RANGES}|{_MULTIRANGES}"
_CATALOG: Mapping[str, TypeName] = {
    "NAME": TypeName(TypeKind.STRING, "VARCHAR", length=63),
    **_names(TypeName(TypeKind.INT64, "BIGINT"), _OBJECT_IDS),
}
"""Types of PostgreSQL's catalog, which Redshift's has too."""

_POSTGRES: Mapping[str, TypeName] = {
    **_CATALOG,
    **_names(TypeName(TypeKind.BINARY, "BYTEA"), "BYTEA"),
    "MONEY": TypeName(TypeKind.DECIMAL, "DECIMAL", "decimal", precision=19, scale=2),
    **_names(TypeName(TypeKind.STRING, "VARCHAR", "length", length=1), "BIT"),
    **_names(TypeName(TypeKind.STRING, "VARCHAR", "length"), "BIT VARYING|VARBIT"),
    **_names(TypeName(TypeKind.STRING, "VARCHAR"), _AS_TEXT),
    **_names(TypeName(TypeKind.STRING, "VARCHAR", length=43), "INET|CIDR"),
    **_names(TypeName(TypeKind.STRING, "VARCHAR", length=17), "MACADDR"),
    **_names(TypeName(TypeKind.STRING, "VARCHAR", length=23), "MACADDR8"),
    "HSTORE": TypeName(TypeKind.JSON, "JSON"),
    **_names(TypeName(TypeKind.GEOGRAPHY, "GEOMETRY", "any"), "POINT|LINE|LSEG|BOX|PATH|POLYGON|CIRCLE"),
}

DIALECT_TYPES: Mapping[Dialect, Mapping[str, TypeName]] = {
    Dialect.REDSHIFT: {**GENERIC, **_CATALOG, **_REDSHIFT},
    Dialect.SNOWFLAKE: {**GENERIC, **_SNOWFLAKE},
    Dialect.POSTGRES: {**GENERIC, **_POSTGRES},
}

REFUSED_TYPES: Mapping[str, str] = {
    "HLLSKETCH": "sketches cannot be generated; leave the column out or store the counted values",
    "FILE": "staged files cannot be generated; use VARCHAR for their paths",
    "ANYELEMENT": "a pseudo-type belongs to functions; name a real type",
}

SERIAL_NAMES = frozenset({"SERIAL", "SERIAL2", "SERIAL4", "SERIAL8", "SMALLSERIAL", "BIGSERIAL"})
