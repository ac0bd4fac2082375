"""Objects that tables are made of or stand behind: sequences, types, unique indexes, views, the current schema."""

from schema_svc.core.ddl.cursor import Cursor, Skipped, TableName
from schema_svc.core.ddl.draft import VALUE, Drafts, NamedType
from schema_svc.core.ddl.identity import read_counts
from schema_svc.core.ddl.scan import TokenKind
from schema_svc.core.model import KeyColumns, View
from schema_svc.core.names import identifier

_NO_KEY = "an index changes no rows; only unique ones over plain columns are read"


def create_sequence(cursor: Cursor, drafts: Drafts, _subject: list[str]) -> str:
    """Remember how a sequence counts: columns whose default takes its numbers count so."""
    cursor.expect("CREATE")
    while cursor.accept_any("OR", "REPLACE", "TEMP", "TEMPORARY", "UNLOGGED"):
        pass
    cursor.expect("SEQUENCE")
    cursor.accept("IF", "NOT", "EXISTS")
    name = cursor.qualified_name("a sequence's name")
    if cursor.accept("AS"):
        cursor.take()
    cursor.accept("WITH")
    counts = read_counts(cursor)
    if counts.step == 0:
        raise cursor.problem("a sequence's step is never 0")
    drafts.sequences[name.name] = counts
    return "columns whose default takes its numbers count as it does"


def create_index(cursor: Cursor, drafts: Drafts, subject: list[str]) -> str:
    """Read a unique index over plain columns as a unique key."""
    cursor.expect("CREATE")
    cursor.accept("OR", "REPLACE")
    if not cursor.accept("UNIQUE"):
        raise Skipped(_NO_KEY)
    cursor.accept("CLUSTERED")
    cursor.expect("INDEX")
    cursor.accept("CONCURRENTLY")
    cursor.accept("IF", "NOT", "EXISTS")
    name = "" if cursor.word() == "ON" else cursor.qualified_name("an index's name").name
    cursor.expect("ON")
    cursor.accept("ONLY")
    offset, table = cursor.offset, cursor.qualified_name()
    subject.append(table.name)
    if cursor.accept("USING"):
        cursor.name("a method")
    columns = _plain_columns(cursor)
    conditional = False
    while not cursor.ended:
        conditional = cursor.take().word == "WHERE" or conditional
    if conditional or not columns:
        raise Skipped("the index is unique over an expression or a part of the rows only")
    if any(view.name == table.name for view in drafts.views):
        raise Skipped("an index of a view is no key of a table")
    draft = drafts.require(table, offset)
    for column in columns:
        draft.require(column, offset)
    drafts.indexes[name] = columns
    if columns not in [key.columns for key in draft.keys.unique_keys] and columns != draft.keys.primary_key:
        draft.keys.unique_keys.append(KeyColumns(columns=columns, name=name))
    return "a unique index is read as a unique key"


def _plain_columns(cursor: Cursor) -> list[str]:
    """Columns of `(a, b DESC, c text_pattern_ops)`; none if one is an expression."""
    columns = []
    for part in cursor.group().parts():
        token = part.peek()
        if token is None or token.kind not in {TokenKind.WORD, TokenKind.QUOTED} or part.word(1) == "(":
            return []
        columns.append(part.name("a column's name"))
    return columns


def create_type(cursor: Cursor, drafts: Drafts, _subject: list[str]) -> str:
    """Remember an enumeration; other types have several fields."""
    cursor.expect("CREATE", "TYPE")
    name = cursor.qualified_name("a type's name").name
    if not cursor.accept("AS", "ENUM"):
        drafts.types[name] = NamedType()
        raise Skipped("only enumerations and domains are read: a type of several fields is no column's type")
    labels = [part.string("a value") for part in cursor.group().parts()] if cursor.word(1) != ")" else []
    listed = ", ".join("'" + label.replace("'", "''") + "'" for label in labels)
    longest = max(map(len, labels), default=1) or 1
    drafts.types[name] = NamedType(f"VARCHAR({longest})", f"{VALUE} IN ({listed})" if labels else "")
    return f"its columns are VARCHAR({longest}) with a check"


def create_domain(cursor: Cursor, drafts: Drafts, _subject: list[str]) -> str:
    """Remember a domain: its type, default and condition."""
    cursor.expect("CREATE", "DOMAIN")
    name = cursor.qualified_name("a domain's name").name
    cursor.accept("AS")
    begin = cursor.at
    while not cursor.ended and cursor.word() not in {"DEFAULT", "CHECK", "CONSTRAINT", "NOT", "NULL", "COLLATE"}:
        cursor.skip()
    source, required, default = cursor.raw(begin), False, ""
    conditions = []
    if not source:
        raise cursor.problem("a domain has a type", "write CREATE DOMAIN name AS type")
    while not cursor.ended:
        if cursor.accept("NOT", "NULL"):
            required = True
        elif cursor.accept("CHECK"):
            conditions.append(_condition(cursor))
        elif cursor.accept("DEFAULT"):
            start = cursor.at
            while not cursor.ended and cursor.word() not in {"CHECK", "CONSTRAINT", "NOT"}:
                cursor.skip()
            default = cursor.raw(start)
        elif cursor.accept_any("CONSTRAINT", "COLLATE"):
            cursor.name()
        else:
            cursor.take()
    known = drafts.types.get(source.strip('"').rpartition(".")[2])
    if known and known.source_type:
        source, conditions = known.source_type, [c for c in (known.condition, *conditions) if c]
    drafts.types[name] = NamedType(source, " AND ".join(conditions), default, required)
    return f"its columns are {source[:100]}, with its conditions"


def _condition(cursor: Cursor) -> str:
    """A domain's condition with the word VALUE marked."""
    begin, inside = cursor.at, cursor.group()
    text, last = "", cursor.tokens[begin].start
    for token in cursor.tokens[inside.at : inside.stop]:
        if token.word == "VALUE":
            text += cursor.text.sql[last : token.start] + VALUE
            last = token.end
    return text + cursor.text.sql[last : cursor.tokens[cursor.at - 1].end]


def create_view(cursor: Cursor, drafts: Drafts, subject: list[str]) -> None:
    """Keep a view as text; names that it gives its columns are put around its query."""
    materialized = False
    while cursor.word() not in {"VIEW", ""}:
        materialized = cursor.take().word == "MATERIALIZED" or materialized
    cursor.expect("VIEW")
    cursor.accept("IF", "NOT", "EXISTS")
    name = cursor.qualified_name("a view's name").name
    subject.append(name)
    columns = [part.name("a column's name") for part in cursor.group().parts()] if cursor.word() == "(" else []
    while not cursor.ended and cursor.word() != "AS":
        cursor.skip()
    cursor.expect("AS")
    sql = _query(cursor)
    if not sql:
        raise cursor.problem(f"view {name!r} has no query")
    if columns:
        listed = ", ".join(identifier(column, cursor.dialect) for column in columns)
        sql = f"SELECT * FROM ({sql}) AS {identifier(name, cursor.dialect)} ({listed})"  # noqa: S608  # kept as text, never run here
    drafts.views = [view for view in drafts.views if view.name != name]
    drafts.views.append(View(name=name, sql=sql, materialized=materialized))


_TAILS = (
    ("WITH", "NO", "SCHEMA", "BINDING"),
    ("WITH", "CHECK", "OPTION"),
    ("WITH", "LOCAL", "CHECK", "OPTION"),
    ("WITH", "CASCADED", "CHECK", "OPTION"),
    ("WITH", "NO", "DATA"),
    ("WITH", "DATA"),
    ("WITH", "READ", "ONLY"),
)
"""What may stand behind a view's query and is no part of it."""


def _query(cursor: Cursor) -> str:
    tokens = [token.word for token in cursor.tokens[max(cursor.at, cursor.stop - 4) : cursor.stop]]
    for tail in _TAILS:
        if tuple(tokens[-len(tail) :]) == tail:
            cursor.stop -= len(tail)
            break
    return cursor.rest()


def use(cursor: Cursor, drafts: Drafts, _subject: list[str]) -> None:
    """USE SCHEMA and the like: names without a schema are in it from here on."""
    cursor.expect("USE")
    if cursor.word() in {"ROLE", "WAREHOUSE", "SECONDARY"} and not cursor.word(1) == ".":
        raise Skipped("it sets up a session")
    kind = cursor.accept_any("SCHEMA", "DATABASE")
    name = cursor.qualified_name("a schema")
    if kind == "SCHEMA" or name.schema:
        drafts.schema = TableName(name.schema or drafts.schema.database, name.name, "")
    else:
        drafts.schema = TableName(name.name, "", "")
        raise Skipped("it sets up a session")
    raise Skipped("names without a schema are in it from here on")


def set_search_path(cursor: Cursor, drafts: Drafts, _subject: list[str]) -> None:
    """SET search_path: the first schema of it is that of names without one."""
    cursor.expect("SET")
    cursor.accept_any("SESSION", "LOCAL")
    if not cursor.accept("SEARCH_PATH"):
        raise Skipped("it sets up a session")
    if not cursor.accept("TO"):
        cursor.expect("=")
    token = cursor.peek()
    if token and token.kind in {TokenKind.WORD, TokenKind.QUOTED} and token.word not in {"DEFAULT", "PG_CATALOG"}:
        drafts.schema = TableName("", cursor.name(), "")
    raise Skipped("names without a schema are in its first one from here on")


def create_schema(cursor: Cursor, drafts: Drafts, _subject: list[str]) -> None:
    """CREATE SCHEMA: its elements, which follow as statements of their own, are in it."""
    cursor.expect("CREATE")
    cursor.accept("OR", "REPLACE")
    cursor.accept_any("TRANSIENT", "EXTERNAL")
    cursor.expect("SCHEMA")
    cursor.accept("IF", "NOT", "EXISTS")
    cursor.accept("AUTHORIZATION")
    name = cursor.qualified_name("a schema")
    drafts.element_schema = TableName(name.schema, name.name, "")
    raise Skipped("a schema is made for every experiment")
