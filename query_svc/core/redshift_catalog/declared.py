"""What Redshift would say of a declared table: type texts, encodings, keys, distribution."""

from query_svc.core.catalog import Column, Place, Table
from query_svc.core.types import Kind

DATABASE, OWNER, PUBLIC = "dev", "awsuser", "public"
_TYPES = {
    Kind.BOOLEAN: "boolean",
    Kind.INT16: "smallint",
    Kind.INT32: "integer",
    Kind.INT64: "bigint",
    Kind.FLOAT32: "real",
    Kind.FLOAT64: "double precision",
    Kind.DECIMAL: "numeric",
    Kind.BINARY: "binary varying",
    Kind.DATE: "date",
    Kind.TIME: "time without time zone",
    Kind.TIMESTAMP: "timestamp without time zone",
    Kind.TIMESTAMP_TZ: "timestamp with time zone",
    Kind.JSON: "super",
}
_UNENCODED = frozenset({Kind.BOOLEAN, Kind.FLOAT32, Kind.FLOAT64, Kind.JSON, Kind.GEOGRAPHY})
_LONGEST, _DEFAULT_LENGTH = 65_535, 256
_DIGITS = {Kind.INT16: (16, 2, 0), Kind.INT32: (32, 2, 0), Kind.INT64: (64, 2, 0), Kind.FLOAT32: (24, 2, None)}
_FLOAT64_DIGITS = (53, 2, None)


def schema_of(table: Table) -> str:
    """Schema that the DDL put a table into."""
    return table.properties.get("schema_name", "").lower() or PUBLIC


def schemas_of(place: Place) -> list[str]:
    """Schemas of an experiment."""
    return sorted({PUBLIC, *(schema_of(table) for table in place.tables)})


def plain_type(column: Column) -> str:
    """Name of a column's type without its lengths."""
    kind = column.type
    if kind.kind is Kind.STRING:
        return "character" if kind.fixed_length else "character varying"
    if kind.kind is Kind.TIME and ("TZ" in column.declared.upper() or "WITH TIME" in column.declared.upper()):
        return "time with time zone"
    return _TYPES.get(kind.kind, column.declared.lower())


def full_type(column: Column) -> str:
    """Name of a column's type as `pg_table_def` has it."""
    kind, name = column.type, plain_type(column)
    if kind.is_decimal:
        return f"{name}({kind.precision},{kind.scale})"
    return f"{name}({length})" if (length := text_length(column)) is not None else name


def text_length(column: Column) -> int | None:
    """Longest text of a column, in bytes; None where it has none."""
    kind = column.type
    if kind.kind is Kind.STRING and kind.fixed_length:
        return kind.length or 1
    if kind.kind is Kind.STRING:
        return kind.length or (_LONGEST if "MAX" in column.declared.upper() else _DEFAULT_LENGTH)
    return (kind.length or None) if kind.kind is Kind.BINARY else None


def number_digits(column: Column) -> tuple[int | None, int | None, int | None]:
    """Precision, its radix and the scale of a number."""
    kind = column.type
    if kind.is_decimal:
        return kind.precision, 10, kind.scale
    return _FLOAT64_DIGITS if kind.kind is Kind.FLOAT64 else _DIGITS.get(kind.kind, (None, None, None))


def encoding(column: Column, table: Table) -> str:
    """Compression of a column: what was declared, else what Redshift chooses without it."""
    if declared := column.properties.get("encode", "").lower():
        return "none" if declared == "raw" else declared
    if sort_place(column, table) or column.type.kind in _UNENCODED:
        return "none"
    return "lzo" if column.type.kind in (Kind.STRING, Kind.BINARY) else "az64"


def sort_key(table: Table) -> list[str]:
    """Columns of the sort key; none where Redshift chooses them."""
    names = [name.strip().strip('"').lower() for name in table.properties.get("sortkey", "").strip("()").split(",")]
    return [name for name in names if name] if names not in (["auto"], ["none"]) else []


def sort_place(column: Column, table: Table) -> int:
    """Place of a column in the sort key, from 1, its sign changing if it is interleaved; 0 outside of it."""
    names = sort_key(table)
    if column.name.lower() not in names:
        return 0
    place = names.index(column.name.lower()) + 1
    interleaved = table.properties.get("sortkey_style", "").upper() == "INTERLEAVED"
    return -place if interleaved and place % 2 == 0 else place


def is_dist_key(column: Column, table: Table) -> bool:
    """Whether rows are distributed by this column."""
    return column.name.lower() == dist_key(table)


def dist_key(table: Table) -> str:
    """Column of the distribution key; empty without one."""
    return table.properties.get("distkey", "").strip("() ").strip('"').lower()


def dist_style(table: Table) -> str:
    """Distribution as `svv_table_info` has it."""
    if key := dist_key(table):
        return f"KEY({key})"
    style = table.properties.get("diststyle", "AUTO").upper()
    return "AUTO(ALL)" if style == "AUTO" else style
