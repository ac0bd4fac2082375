"""Redshift's types: how a logical type is declared, and which of our files its COPY from Parquet can read.

| logical type         | declared                                  | read from Parquet                                 |
|----------------------|-------------------------------------------|---------------------------------------------------|
| BOOLEAN              | boolean                                   | as it is                                          |
| INT16, INT32, INT64  | smallint, integer, bigint                 | as they are                                       |
| FLOAT32, FLOAT64     | real, double precision                    | as they are                                       |
| DECIMAL(p, s)        | numeric(p,s), s up to 37                  | as it is; scale 38 is refused                     |
| STRING, Redshift DDL | varchar(n), char(n): n bytes, as it says  | a text of more bytes fails the load               |
| STRING, another DDL  | varchar(4n): room for n characters        | as it is                                          |
| BINARY               | varbyte(n)                                | as it is                                          |
| DATE                 | date                                      | as it is                                          |
| TIMESTAMP, …_TZ      | timestamp, timestamptz                    | microseconds                                      |
| JSON, ARRAY, VECTOR  | super                                     | as text, then JSON_PARSE: up to 65,535 bytes      |
| UUID                 | char(36)                                  | text                                              |
| TIME, INTERVAL       | refused                                   | COPY from Parquet has no such types               |
| GEOGRAPHY            | refused                                   | COPY reads shapes from CSV and shapefiles alone   |
"""

from loader_svc.core.document import Column, LogicalType
from loader_svc.core.faults import SchemaMismatch

LONGEST_TEXT = 65_535
LONGEST_CHAR = 4_096
MOST_BYTES_OF_A_CHARACTER = 4
LONGEST_BINARY = 16_777_216
UNBOUNDED_BINARY = 1_024_000
LARGEST_SCALE = 37
DECLARED = {
    "BOOLEAN": "boolean",
    "INT16": "smallint",
    "INT32": "integer",
    "INT64": "bigint",
    "FLOAT32": "real",
    "FLOAT64": "double precision",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP_TZ": "timestamptz",
    "JSON": "super",
    "ARRAY": "super",
    "VECTOR": "super",
    "UUID": "char(36)",
}
PARSED = frozenset({"JSON", "ARRAY", "VECTOR"})
OWN_DIALECT = "REDSHIFT"


def declared_type(table: str, column: Column, dialect: str) -> str:
    """Type to declare; refuses what Redshift cannot read from our files."""
    logical = column.logical_type
    if logical.kind == "DECIMAL" and logical.scale <= LARGEST_SCALE:
        return f"numeric({logical.precision},{logical.scale})"
    if logical.kind == "STRING":
        return _text_type(logical, dialect)
    if logical.kind == "BINARY":
        return f"varbyte({min(logical.length or UNBOUNDED_BINARY, LONGEST_BINARY)})"
    if logical.kind not in DECLARED:
        raise SchemaMismatch(
            f"column {column.name!r} of table {table!r} is {column.data_type}, which Redshift does not read"
            " from Parquet",
            hint="leave the column out or make it text, or load the experiment into another warehouse",
            metadata={"table": table, "column": column.name},
        )
    return DECLARED[logical.kind]


def copied_type(table: str, column: Column, dialect: str) -> str:
    """Type of the column that COPY writes."""
    return f"varchar({LONGEST_TEXT})" if parsed_later(column) else declared_type(table, column, dialect)


def parsed_later(column: Column) -> bool:
    """Whether a column is copied as text: COPY would keep a document as one string."""
    return column.logical_type.kind in PARSED


def _text_type(logical: LogicalType, dialect: str) -> str:
    """Redshift counts bytes, all others characters; its CHAR has single-byte characters alone."""
    if dialect == OWN_DIALECT:
        if logical.fixed_length and 0 < logical.length <= LONGEST_CHAR:
            return f"char({logical.length})"
        return f"varchar({min(logical.length or LONGEST_TEXT, LONGEST_TEXT)})"
    return f"varchar({min(logical.length * MOST_BYTES_OF_A_CHARACTER or LONGEST_TEXT, LONGEST_TEXT)})"
