"""CREATE TABLE, as Redshift, Snowflake and PostgreSQL write it."""

from collections.abc import Collection

from schema_svc.core.ddl.columns import CLAUSES, read_column
from schema_svc.core.ddl.constraints import at_table_constraint, keep_element, read_table_constraint
from schema_svc.core.ddl.copies import copy_columns, copy_whole, inherit
from schema_svc.core.ddl.cursor import Cursor, UnreadableSql
from schema_svc.core.ddl.draft import Drafts, TableDraft
from schema_svc.core.ddl.removal import NAMING, naming_columns
from schema_svc.core.ddl.table_properties import read_known_property, read_property
from schema_svc.core.names import name_problem, words

_NO_COLUMNS = ("AUTO", "NONE")
_LASTING = frozenset(
    words("LOCAL GLOBAL TEMP TEMPORARY VOLATILE TRANSIENT UNLOGGED HYBRID DYNAMIC ICEBERG IMMUTABLE INTERACTIVE")
)
_FILES = "its rows are files elsewhere; write CREATE TABLE with the same columns"
_REFUSED = {
    "EXTERNAL": _FILES,
    "DIRECTORY": _FILES,
    "FOREIGN": "its rows are elsewhere; write CREATE TABLE with the same columns",
    "EVENT": "its columns are fixed by the warehouse; write them in CREATE TABLE",
}
_NO_TYPES = "CREATE TABLE AS has no types: write CREATE TABLE with columns and types"
_WITHOUT_COLUMNS = {
    "AS": _NO_TYPES,
    "SELECT": _NO_TYPES,
    "WITH": _NO_TYPES,
    "USING": "write the columns out instead of a template",
    "OF": "write the columns of the type out",
    "FROM": "its columns are elsewhere; write them out",
    "PARTITION": "a partition has the columns of its table; leave it out",
}
_QUERIED = {
    "DYNAMIC": "it is a query; write CREATE TABLE with the columns that it answers",
    "ICEBERG": "write CREATE TABLE with the same columns",
}
CREATE_TABLE_WORDS = _LASTING | frozenset(_REFUSED)


def read_header(cursor: Cursor) -> TableDraft:
    """Read up to the table's name."""
    offset = cursor.offset
    cursor.expect("CREATE")
    replaces = cursor.accept("OR", "REPLACE") or cursor.accept("OR", "ALTER")
    kinds = []
    while word := cursor.accept_any(*CREATE_TABLE_WORDS):
        kinds.append(word)
    cursor.expect("TABLE")
    if_missing = cursor.accept("IF", "NOT", "EXISTS")
    place = cursor.qualified_name()
    if_missing = cursor.accept("IF", "NOT", "EXISTS") or if_missing
    draft = TableDraft(place, offset, replaces=replaces, if_missing=if_missing)
    if kinds:
        draft.properties["kind"] = " ".join(kinds)
    return draft


def read_body(cursor: Cursor, draft: TableDraft, drafts: Drafts) -> None:
    """Read columns, constraints and what follows them into `draft`."""
    kinds = draft.properties.get("kind", "").split()
    for kind in kinds:
        if kind in _REFUSED:
            raise UnreadableSql(f"{kind} tables cannot be modelled", draft.offset, _REFUSED[kind])
    if cursor.accept_any("LIKE", "CLONE"):
        copy_whole(cursor, draft, drafts)
        _skip_moment(cursor)
    else:
        _read_columns(cursor, draft, drafts, kinds)
    while not cursor.ended:
        if cursor.word() == "INHERITS" and cursor.word(1) == "(":
            _read_inherited(cursor, draft, drafts)
        elif cursor.word() in {"AS", "SELECT"}:
            _keep_query(cursor, draft)
        else:
            read_property(cursor, draft)
    check_draft(draft)


def _read_columns(cursor: Cursor, draft: TableDraft, drafts: Drafts, kinds: list[str]) -> None:
    while cursor.word() not in {"(", "USING"} and read_known_property(cursor, draft):
        pass
    if cursor.word() != "(":
        hint = next((_QUERIED[kind] for kind in kinds if kind in _QUERIED), _hint(cursor))
        raise cursor.problem(f"{draft.shown} has no column definitions", hint)
    offset = cursor.offset
    elements = cursor.group()
    if _filled_by_query(cursor) and _has_no_types(elements):
        hint = _QUERIED["DYNAMIC"] if "DYNAMIC" in kinds else _NO_TYPES
        raise UnreadableSql(f"{draft.shown} has columns without types", offset, hint)
    if elements.ended:
        return
    if elements.tokens[elements.stop - 1].word == "," and elements.stop - elements.at > 1:
        elements.stop -= 1
        draft.warnings.append(f"Table '{draft.name}': the comma behind the last column was left out.")
    for element in elements.parts():
        _read_element(element, draft, drafts)


def _hint(cursor: Cursor) -> str:
    """What to do where no column list comes: CREATE TABLE AS may have its query behind properties."""
    if cursor.word() in _WITHOUT_COLUMNS:
        return _WITHOUT_COLUMNS[cursor.word()]
    return _NO_TYPES if _filled_by_query(cursor) else "write the columns in brackets behind the table's name"


def _filled_by_query(cursor: Cursor) -> bool:
    """True where `AS query` comes, behind properties perhaps."""
    ahead = cursor.fork()
    while not ahead.ended:
        if ahead.word() == "AS" and ahead.word(1) in {"SELECT", "WITH", "(", "TABLE", "VALUES", "EXECUTE"}:
            return True
        ahead.skip()
    return False


def _has_no_types(elements: Cursor) -> bool:
    return any(part.stop - part.at == 1 or part.word(1) in CLAUSES for part in elements.fork().parts())


def _read_element(element: Cursor, draft: TableDraft, drafts: Drafts) -> None:
    if element.ended:
        raise element.problem("a column is expected between the commas", "remove a comma")
    if element.word() == "LIKE" and element.peek(1) and element.word(1) != "(":
        copy_columns(element, draft, drafts)
    elif element.word() == "INDEX" and element.word(2) == "(":
        keep_element(draft, element.rest())
    elif at_table_constraint(element):
        read_table_constraint(element, draft, drafts.indexes)
        element.finish("after a constraint")
    else:
        read_column(element, draft, drafts.types)


def _skip_moment(cursor: Cursor) -> None:
    """`AT (TIMESTAMP => …)`, `BEFORE (STATEMENT => …)`, `INCLUDING …` behind a copied table."""
    while cursor.accept_any("AT", "BEFORE", "INCLUDING", "EXCLUDING", "IGNORE"):
        cursor.skip()


def _read_inherited(cursor: Cursor, draft: TableDraft, drafts: Drafts) -> None:
    begin = cursor.at
    cursor.take()
    inherit(draft, cursor.group(), drafts)
    draft.properties["inherits"] = cursor.raw(begin)


def _keep_query(cursor: Cursor, draft: TableDraft) -> None:
    draft.properties["as_select"] = cursor.rest()
    draft.warnings.append(f"Table '{draft.name}' is filled by a query in the DDL; its rows are generated.")


def check_draft(draft: TableDraft) -> None:
    """Refuse a table whose own parts do not fit together."""
    if not draft.columns:
        raise UnreadableSql(f"{draft.shown} has no column", draft.offset, "a table has at least one column")
    for what, name in (("the table", draft.name), *(("a column", column.name) for column in draft.columns)):
        if problem := name_problem(name):
            raise UnreadableSql(f"{what} {problem}", draft.offset, "give it another name")
    known: set[str] = set()
    for column in draft.columns:
        if column.name.casefold() in known:
            raise UnreadableSql(f"column {column.name!r} is defined twice", draft.offset, "rename or remove one")
        known.add(column.name.casefold())
    _check_named(draft, known)


def _check_named(draft: TableDraft, known: Collection[str]) -> None:
    """Refuse keys and properties that name columns which are not `known`, by folded name."""
    keys = draft.keys
    for group in (keys.primary_key, *(k.columns for k in keys.unique_keys), *(r.columns for r in keys.references)):
        for name in group:
            draft.require(name, draft.offset)
        if len(set(group)) < len(group):
            raise UnreadableSql(f"a key names a column twice: {', '.join(group)}", draft.offset, "name it once")
    for what in NAMING:
        for name in naming_columns(draft, what):
            if name.casefold() not in known and name not in _NO_COLUMNS:
                draft.require(name, draft.offset)
