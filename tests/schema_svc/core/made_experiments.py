"""Experiments made by hypothesis: all that DDL can say, in one dialect."""

from typing import Any

from hypothesis import strategies as st

from schema_svc.core.check import prepare
from schema_svc.core.document import read_document
from schema_svc.core.model import Experiment
from schema_svc.core.vocabulary import Dialect

TYPES = {
    Dialect.REDSHIFT: [
        "SMALLINT", "INT", "BIGINT", "REAL", "FLOAT", "DECIMAL(12,2)", "DECIMAL(18,0)", "BOOLEAN", "VARCHAR(40)",
        "CHAR(3)", "VARCHAR(65535)", "DATE", "TIME", "TIMETZ", "TIMESTAMP", "TIMESTAMPTZ", "SUPER", "VARBYTE(16)",
        "GEOGRAPHY",
    ],
    Dialect.SNOWFLAKE: [
        "INT", "BIGINT", "FLOAT", "NUMBER(12,2)", "NUMBER(4,0)", "NUMBER(38,0)", "BOOLEAN", "VARCHAR", "VARCHAR(40)",
        "CHAR(3)", "DATE", "TIME", "TIMESTAMP_NTZ", "TIMESTAMP_TZ", "VARIANT", "OBJECT", "ARRAY", "BINARY(16)",
        "GEOGRAPHY", "VECTOR(FLOAT, 8)",
    ],
    Dialect.POSTGRES: [
        "SMALLINT", "INTEGER", "BIGINT", "REAL", "DOUBLE PRECISION", "NUMERIC(12,2)", "BOOLEAN", "TEXT", "VARCHAR(40)",
        "CHAR(3)", "DATE", "TIME", "TIMETZ", "TIMESTAMP", "TIMESTAMPTZ", "JSON", "JSONB", "BYTEA", "UUID", "INTEGER[]",
        "INTERVAL",
    ],
}  # fmt: skip
KEY_TYPES = {
    Dialect.REDSHIFT: ["INT", "BIGINT", "VARCHAR(40)"],
    Dialect.SNOWFLAKE: ["BIGINT", "VARCHAR(40)"],
    Dialect.POSTGRES: ["INTEGER", "BIGINT", "TEXT", "UUID"],
}
_ODD_NAMES = ["order", "select", "two words", 'quo"ted', "Ünïcode", "check", "name", "index", "type", "1st"]
_COMMENTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)


def names(dialect: Dialect) -> st.SearchStrategy[str]:
    """Names as the dialect folds them: plain, reserved, quoted."""
    plain = st.from_regex(r"[a-z_][a-z0-9_]{0,10}", fullmatch=True).filter(lambda name: not name.startswith("_"))
    if dialect is Dialect.SNOWFLAKE:
        return plain.map(str.upper) | st.sampled_from(_ODD_NAMES)
    return plain | st.sampled_from([name.lower() for name in _ODD_NAMES])


@st.composite
def documents(draw: st.DrawFn, dialect: Dialect) -> dict[str, Any]:
    """A valid document whose every field DDL can say."""
    table_names: list[str] = draw(st.lists(names(dialect), min_size=1, max_size=3, unique_by=str.casefold))
    tables: list[dict[str, Any]] = []
    for name in table_names:
        tables.append(draw(_tables(dialect, name, tables)))
    return {"name": "made", "dialect": dialect, "tables": tables}


def experiments(dialect: Dialect) -> st.SearchStrategy[Experiment]:
    """A checked experiment."""
    return documents(dialect).map(read_document).map(prepare)


@st.composite
def _tables(draw: st.DrawFn, dialect: Dialect, name: str, above: list[dict[str, Any]]) -> dict[str, Any]:
    column_names = draw(st.lists(names(dialect), min_size=2, max_size=6, unique_by=str.casefold))
    columns = [draw(_columns(dialect, column)) for column in column_names]
    columns[0] |= {"data_type": draw(st.sampled_from(KEY_TYPES[dialect])), "required": True, "properties": {}}
    table: dict[str, Any] = {"name": name, "target_rows": 1, "columns": columns}
    if draw(st.booleans()):
        table["primary_key"] = [column_names[0]]
    elif draw(st.booleans()):
        columns[0]["is_unique"] = True
    if len(columns) > 3 and draw(st.booleans()):
        key_name = draw(st.sampled_from(["", f"uq_{len(above)}"]))
        table["unique_keys"] = [{"columns": column_names[:2], "name": key_name}]
        columns[1] |= {"data_type": "INT", "properties": {}}
    if draw(st.booleans()) and above:
        _reference(draw, columns[-1], above)
    if draw(st.booleans()):
        table["properties"] = draw(_table_properties(dialect, column_names[0]))
    return table


def _reference(draw: st.DrawFn, column: dict[str, Any], above: list[dict[str, Any]]) -> None:
    parents = [table for table in above if "primary_key" in table]
    if parents:
        parent = draw(st.sampled_from(parents))
        column["data_type"] = parent["columns"][0]["data_type"]
        column["properties"] = {}
        column["foreign_key"] = {"references_table": parent["name"], "nullable": not column.get("required", False)}


@st.composite
def _columns(draw: st.DrawFn, dialect: Dialect, name: str) -> dict[str, Any]:
    data_type = draw(st.sampled_from(TYPES[dialect]))
    properties = {}
    if draw(st.booleans()):
        properties["comment"] = draw(_COMMENTS)
    if data_type == "VARCHAR(40)" and draw(st.booleans()):
        properties["default"] = draw(st.sampled_from(["'it''s'", "NULL", "'a;b'"]))
    if dialect is Dialect.REDSHIFT and draw(st.booleans()):
        properties["encode"] = "zstd"
    return {"name": name, "data_type": data_type, "required": draw(st.booleans()), "properties": properties}


@st.composite
def _table_properties(draw: st.DrawFn, dialect: Dialect, column: str) -> dict[str, str]:
    quoted = '"' + column.replace('"', '""') + '"'
    offered: dict[Dialect, list[dict[str, str]]] = {
        Dialect.REDSHIFT: [{"diststyle": "ALL"}, {"sortkey": "AUTO"}, {"diststyle": "KEY", "backup": "NO"}],
        Dialect.SNOWFLAKE: [{"cluster_by": f"({quoted})"}, {"data_retention_time_in_days": "3"}, {"kind": "TRANSIENT"}],
        Dialect.POSTGRES: [{}],
    }
    return {**draw(st.sampled_from(offered[dialect])), "comment": draw(_COMMENTS)}
