"""Relations of the catalog: their columns, and their rows for an experiment. What a stand-in cannot know is NULL."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from query_svc.core.catalog import Column, Place, Table
from query_svc.core.redshift_catalog.declared import (
    DATABASE,
    OWNER,
    dist_style,
    encoding,
    full_type,
    is_dist_key,
    number_digits,
    plain_type,
    schema_of,
    schemas_of,
    sort_key,
    sort_place,
    text_length,
)
from query_svc.core.types import BOOLEAN, FLOAT64, INT32, INT64, STRING, SqlType

Value = str | int | float | bool | None
Row = tuple[Value, ...]
SYSTEM, STANDARD = "pg_catalog", "information_schema"
_FIRST_OID = 100_000
_SUFFIXES = {"i": INT32, "l": INT64, "b": BOOLEAN, "f": FLOAT64}


@dataclass(frozen=True)
class Relation:
    """A relation of the catalog; `rows` gives what an experiment has in it."""

    columns: dict[str, SqlType]
    rows: Callable[[Place], Iterator[Row]]


def _sorted(place: Place) -> list[Table]:
    return sorted(place.tables, key=lambda table: (schema_of(table), table.name.lower()))


def _each(place: Place) -> Iterator[tuple[int, Table, int, Column]]:
    for oid, table in enumerate(_sorted(place), start=_FIRST_OID):
        for number, column in enumerate(table.columns, start=1):
            yield oid, table, number, column


def _of_tables(row: Callable[[int, Table], Row]) -> Callable[[Place], Iterator[Row]]:
    return lambda place: (row(oid, table) for oid, table in enumerate(_sorted(place), start=_FIRST_OID))


def _of_columns(row: Callable[[int, Table, int, Column], Row]) -> Callable[[Place], Iterator[Row]]:
    return lambda place: (row(*facts) for facts in _each(place))


def _of_schemas(row: Callable[[int, str], Row]) -> Callable[[Place], Iterator[Row]]:
    return lambda place: (row(number, schema) for number, schema in enumerate(schemas_of(place), start=2_200))


def _relation(columns: str, rows: Callable[[Place], Iterator[Row]]) -> Relation:
    """Relation whose columns are named with a letter for their type behind a colon, text without one."""
    named = (text.partition(":") for text in columns.split())
    return Relation({name: _SUFFIXES.get(letter, STRING) for name, _, letter in named}, rows)


def _at(table: Table) -> tuple[str, str, str]:
    return DATABASE, schema_of(table), table.name.lower()


def _nullable(column: Column) -> str:
    return "NO" if column.required else "YES"


def _default(column: Column) -> str | None:
    return column.properties.get("default")


def _remarks(facts: Table | Column) -> str | None:
    return facts.properties.get("comment")


def _physical(table: Table, column: Column) -> tuple[str, bool, int]:
    return encoding(column, table), is_dist_key(column, table), sort_place(column, table)


def _info(oid: int, table: Table) -> Row:
    keys = sort_key(table)
    first = next((c for c in table.columns if keys and c.name.lower() == keys[0]), None)
    longest = max((text_length(c) or 0 for c in table.columns if plain_type(c) == "character varying"), default=0)
    encoded = any(encoding(column, table) != "none" for column in table.columns)
    return (
        *(DATABASE, schema_of(table), oid, table.name.lower(), "Y" if encoded else "N", dist_style(table)),
        *(keys[0] if keys else "AUTO(SORTKEY)", longest, encoding(first, table) if first else None, len(keys)),
        *(table.rows, table.rows),
    )


def _standard_column(_oid: int, table: Table, number: int, column: Column) -> Row:
    shape = (plain_type(column), text_length(column), *number_digits(column))
    return (*_at(table), column.name.lower(), number, _default(column), _nullable(column), *shape)


def _all_column(_oid: int, table: Table, number: int, column: Column) -> Row:
    precision, _, scale = number_digits(column)
    shape = (plain_type(column), text_length(column), precision, scale, _remarks(column))
    return (*_at(table), column.name.lower(), number, _default(column), _nullable(column), *shape)


def _namespace(place: Place) -> dict[str, int]:
    return {schema: number for number, schema in enumerate(schemas_of(place), start=2_200)}


def _classes(place: Place) -> Iterator[Row]:
    numbers = _namespace(place)
    for oid, table in enumerate(_sorted(place), start=_FIRST_OID):
        facts = (oid, table.name.lower(), numbers[schema_of(table)], 100, "r", float(table.rows))
        yield (*facts, len(table.columns), bool(table.primary_key))


_STANDARD_COLUMNS = (
    "table_catalog table_schema table_name column_name ordinal_position:i column_default is_nullable data_type"
    " character_maximum_length:i numeric_precision:i numeric_precision_radix:i numeric_scale:i"
)
_ALL_COLUMNS = (
    "database_name schema_name table_name column_name ordinal_position:i column_default is_nullable data_type"
    " character_maximum_length:i numeric_precision:i numeric_scale:i remarks"
)
_SCHEMAS = "database_name schema_name schema_owner:i schema_type schema_acl schema_option"
_INFO = (
    "database schema table_id:l table encoded diststyle sortkey1 max_varchar:i sortkey1_enc sortkey_num:i"
    " tbl_rows:l estimated_visible_rows:l"
)
_BASE = "BASE TABLE"
RELATIONS: dict[tuple[str, str], Relation] = {
    (SYSTEM, "pg_table_def"): _relation(
        "schemaname tablename column type encoding distkey:b sortkey:i notnull:b",
        _of_columns(lambda _o, t, _n, c: (*_at(t)[1:], c.name.lower(), full_type(c), *_physical(t, c), c.required)),
    ),
    (SYSTEM, "svv_tables"): _relation(
        "table_catalog table_schema table_name table_type remarks",
        _of_tables(lambda _, t: (*_at(t), _BASE, _remarks(t))),
    ),
    (SYSTEM, "svv_columns"): _relation(
        f"{_STANDARD_COLUMNS} remarks", _of_columns(lambda o, t, n, c: (*_standard_column(o, t, n, c), _remarks(c)))
    ),
    (SYSTEM, "svv_all_tables"): _relation(
        "database_name schema_name table_name table_acl table_type remarks",
        _of_tables(lambda _, t: (*_at(t), None, "TABLE", _remarks(t))),
    ),
    (SYSTEM, "svv_redshift_tables"): _relation(
        "database_name schema_name table_name table_type table_acl remarks table_owner",
        _of_tables(lambda _, t: (*_at(t), "TABLE", None, _remarks(t), OWNER)),
    ),
    (SYSTEM, "svv_all_columns"): _relation(_ALL_COLUMNS, _of_columns(_all_column)),
    (SYSTEM, "svv_redshift_columns"): _relation(
        "database_name schema_name table_name column_name ordinal_position:i data_type column_default is_nullable"
        " encoding distkey:b sortkey:i column_acl remarks",
        _of_columns(
            lambda _, t, n, c: (
                *(*_at(t), c.name.lower(), n, full_type(c), _default(c), _nullable(c)),
                *(*_physical(t, c), None, _remarks(c)),
            )
        ),
    ),
    (SYSTEM, "svv_all_schemas"): _relation(
        f"{_SCHEMAS} source_database", _of_schemas(lambda _, s: (DATABASE, s, 100, "local", None, None, None))
    ),
    (SYSTEM, "svv_redshift_schemas"): _relation(
        _SCHEMAS, _of_schemas(lambda _, s: (DATABASE, s, 100, "local", None, None))
    ),
    (SYSTEM, "svv_table_info"): _relation(_INFO, _of_tables(_info)),
    (SYSTEM, "pg_tables"): _relation(
        "schemaname tablename tableowner tablespace hasindexes:b hasrules:b hastriggers:b",
        _of_tables(lambda _, t: (*_at(t)[1:], OWNER, None, bool(t.primary_key), False, False)),
    ),
    (SYSTEM, "pg_class"): _relation(
        "oid:l relname relnamespace:l relowner:i relkind reltuples:f relnatts:i relhaspkey:b", _classes
    ),
    (SYSTEM, "pg_namespace"): _relation("oid:l nspname nspowner:i", _of_schemas(lambda n, s: (n, s, 100))),
    (SYSTEM, "pg_attribute"): _relation(
        "attrelid:l attname attnum:i attnotnull:b attisdropped:b attisdistkey:b attsortkeyord:i",
        _of_columns(lambda o, t, n, c: (o, c.name.lower(), n, c.required, False, is_dist_key(c, t), sort_place(c, t))),
    ),
    (SYSTEM, "pg_database"): _relation("datname datistemplate:b", lambda _: iter([(DATABASE, False)])),
    (STANDARD, "tables"): _relation(
        "table_catalog table_schema table_name table_type", _of_tables(lambda _, t: (*_at(t), _BASE))
    ),
    (STANDARD, "columns"): _relation(_STANDARD_COLUMNS, _of_columns(_standard_column)),
    (STANDARD, "schemata"): _relation(
        "catalog_name schema_name schema_owner", _of_schemas(lambda _, s: (DATABASE, s, OWNER))
    ),
}
CATALOG_SCHEMAS = frozenset({SYSTEM, STANDARD})


def relation_of(name: str, schema: str) -> Relation | None:
    """Relation of this name; those of `pg_catalog` need no schema."""
    return RELATIONS.get((schema.lower() or SYSTEM, name.lower()))
