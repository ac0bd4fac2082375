"""`SHOW SCHEMAS`, `SHOW TABLES` and `SHOW COLUMNS` as queries over the catalog."""

import re

_NAME = r'(?:"[^"]+"|\w+)'
_TAIL = r"(?:\s+LIKE\s+(?P<like>'(?:[^']|'')*'))?(?:\s+LIMIT\s+(?P<limit>\d+))?\s*$"
_FORMS = {
    rf"SCHEMAS\s+FROM\s+DATABASE\s+(?P<database>{_NAME})": (
        "svv_all_schemas",
        "database_name, schema_name, schema_owner, schema_type, schema_acl, source_database, schema_option",
        "schema_name",
    ),
    rf"TABLES\s+FROM\s+SCHEMA\s+(?:(?P<database>{_NAME})\.)?(?P<schema>{_NAME})": (
        "svv_all_tables",
        "database_name, schema_name, table_name, table_type, table_acl, remarks",
        "table_name",
    ),
    rf"COLUMNS\s+FROM\s+TABLE\s+(?:(?:(?P<database>{_NAME})\.)?(?P<schema>{_NAME})\.)?(?P<table>{_NAME})": (
        "svv_all_columns",
        "database_name, schema_name, table_name, column_name, ordinal_position, column_default, is_nullable, data_type,"
        " character_maximum_length, numeric_precision, numeric_scale, remarks",
        "column_name",
    ),
}
_KEYS = ("database", "schema", "table")


def show_query(text: str) -> str | None:
    """Query for what follows SHOW; None where it is none of these forms."""
    for form, (relation, columns, filtered) in _FORMS.items():
        if found := re.match(rf"\s*{form}{_TAIL}", text, re.IGNORECASE):
            return _query(found.groupdict(), relation, columns, filtered)
    return None


def _query(parts: dict[str, str | None], relation: str, columns: str, filtered: str) -> str:
    names = {key: name.strip('"').lower() for key in _KEYS if (name := parts.get(key))}
    conditions = [f"{key}_name = '{name.replace(chr(39), chr(39) * 2)}'" for key, name in names.items()]
    if table := parts.get("table"):  # which is looked up, so that an unknown one is said to be unknown
        conditions.append(f"NOT EXISTS (SELECT 1 FROM {_quoted(table)} WHERE FALSE)")  # noqa: S608 - a quoted name
    if like := parts.get("like"):
        conditions.append(f"{filtered} LIKE {like}")
    order = "ordinal_position" if table else filtered
    limit = f" LIMIT {parts['limit']}" if parts.get("limit") else ""
    where = " AND ".join(conditions)
    return f"SELECT {columns} FROM pg_catalog.{relation} WHERE {where} ORDER BY {order}{limit}"  # noqa: S608 - parsed


def _quoted(name: str) -> str:
    return '"' + name.strip('"').lower() + '"'
