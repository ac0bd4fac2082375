"""CREATE TABLE, as Redshift, Snowflake and PostgreSQL write it."""

from schema_svc.core.ddl.columns import read_column
from schema_svc.core.ddl.constraints import at_table_constraint, read_table_constraint
from schema_svc.core.ddl.cursor import Cursor, UnreadableSql
from schema_svc.core.ddl.draft import TableDraft
from schema_svc.core.names import words

_LASTING = frozenset(words("LOCAL GLOBAL TEMP TEMPORARY VOLATILE TRANSIENT UNLOGGED HYBRID"))
_REFUSED = {
    "EXTERNAL": "its rows are files elsewhere; write CREATE TABLE with the same columns",
    "FOREIGN": "its rows are elsewhere; write CREATE TABLE with the same columns",
    "DYNAMIC": "it is a query; write CREATE TABLE with the columns that it answers",
    "ICEBERG": "write CREATE TABLE with the same columns",
    "EVENT": "its columns are fixed by the warehouse; write them in CREATE TABLE",
    "DIRECTORY": "its rows are files elsewhere; write CREATE TABLE with the same columns",
}
_WITHOUT_COLUMNS = {
    "AS": "CREATE TABLE AS has no types: write CREATE TABLE with columns and types",
    "LIKE": "write the columns of the other table out",
    "CLONE": "write the columns of the other table out",
    "USING": "write the columns out instead of a template",
}
CREATE_TABLE_WORDS = _LASTING | frozenset(_REFUSED)


def read_header(cursor: Cursor) -> TableDraft:
    """Read up to the table's name."""
    offset = cursor.offset
    cursor.expect("CREATE")
    replaces = cursor.accept("OR", "REPLACE")
    kinds = []
    while word := cursor.accept_any(*CREATE_TABLE_WORDS):
        kinds.append(word)
    cursor.expect("TABLE")
    if_missing = cursor.accept("IF", "NOT", "EXISTS")
    schema, name = cursor.qualified_name()
    if_missing = cursor.accept("IF", "NOT", "EXISTS") or if_missing
    draft = TableDraft(schema, name, offset, replaces=replaces, if_missing=if_missing)
    if kinds:
        draft.properties["kind"] = " ".join(kinds)
    return draft


def read_body(cursor: Cursor, draft: TableDraft) -> None:
    """Read columns, constraints and what follows them into `draft`."""
    for kind in draft.properties.get("kind", "").split():
        if kind in _REFUSED:
            raise UnreadableSql(f"{kind} tables cannot be modelled", draft.offset, _REFUSED[kind])
    if cursor.word() in _WITHOUT_COLUMNS:
        raise cursor.problem(f"{draft.shown} has no column definitions", _WITHOUT_COLUMNS[cursor.word()])
    for element in cursor.group().parts():
        _read_element(element, draft)
    while not cursor.ended:
        _read_property(cursor, draft)
    if not draft.columns:
        raise UnreadableSql(f"{draft.shown} has no column", draft.offset, "a table has at least one column")


def _read_element(element: Cursor, draft: TableDraft) -> None:
    if element.ended:
        raise element.problem("a column is expected between the commas", "remove a comma")
    if element.word() == "LIKE" and element.word(1) != "(":
        raise element.problem("LIKE inside a column list is not read", _WITHOUT_COLUMNS["LIKE"])
    if at_table_constraint(element):
        read_table_constraint(element, draft.keys)
        element.finish("after a constraint")
    else:
        read_column(element, draft)


def _read_property(cursor: Cursor, draft: TableDraft) -> None:
    if cursor.word() in {"AS", "SELECT"}:
        raise cursor.problem("CREATE TABLE AS SELECT is not read", _WITHOUT_COLUMNS["AS"])
    if _read_redshift(cursor, draft) or _read_snowflake(cursor, draft):
        return
    rest = cursor.rest()
    draft.properties["options"] = rest
    draft.warnings.append(f"Table '{draft.name}' has options that were kept but not understood: {rest[:200]}")


def _read_redshift(cursor: Cursor, draft: TableDraft) -> bool:
    properties = draft.properties
    if cursor.accept("DISTSTYLE"):
        properties["diststyle"] = cursor.take().word
    elif cursor.accept("DISTKEY"):
        properties["distkey"] = cursor.key_text()
    elif cursor.word() == "SORTKEY" or cursor.word(1) == "SORTKEY":
        if style := cursor.accept_any("COMPOUND", "INTERLEAVED"):
            properties["sortkey_style"] = style
        cursor.expect("SORTKEY")
        properties["sortkey"] = "AUTO" if cursor.accept("AUTO") else cursor.key_text()
    elif cursor.accept("ENCODE", "AUTO"):
        properties["encode"] = "AUTO"
    elif cursor.accept("BACKUP"):
        properties["backup"] = cursor.take().word
    else:
        return False
    return True


def _read_snowflake(cursor: Cursor, draft: TableDraft) -> bool:
    begin = cursor.at
    if cursor.accept("CLUSTER", "BY"):
        cursor.accept("LINEAR")
        cursor.group()
        draft.properties["cluster_by"] = cursor.raw(begin + 2)
    elif cursor.accept("COMMENT"):
        cursor.accept("=")
        draft.properties["comment"] = cursor.string("a comment's text")
    elif cursor.accept("COPY", "GRANTS"):
        draft.properties["copy_grants"] = "true"
    elif cursor.word() and cursor.word(1) == "=" and cursor.peek(2):
        name = cursor.take().text.lower()
        cursor.take()
        value = cursor.at
        cursor.skip()
        draft.properties[name] = cursor.raw(value)
    else:
        return False
    return True
