"""What each kind of statement adds to the drafts of a text."""

from collections.abc import Callable, Mapping

from schema_svc.core.ddl.alter_table import KINDS, alter_table
from schema_svc.core.ddl.create_table import read_body, read_header
from schema_svc.core.ddl.cursor import Cursor, Skipped, TableName, UnreadableSql
from schema_svc.core.ddl.draft import Drafts
from schema_svc.core.ddl.objects import (
    create_domain,
    create_index,
    create_schema,
    create_sequence,
    create_type,
    create_view,
    set_search_path,
    use,
)

Reader = Callable[[Cursor, Drafts, list[str]], str | None]
"""Reads a statement; the table's name goes to the list before anything can go wrong. Answers a note if there is one."""


def create_table(cursor: Cursor, drafts: Drafts, subject: list[str]) -> None:
    """Add a table."""
    draft = read_header(cursor)
    subject.append(draft.name)
    draft.place = drafts.placed(draft.place)
    if cursor.accept("PARTITION", "OF"):
        raise Skipped(f"it is a partition of {cursor.qualified_name().name}, whose rows are generated whole")
    before = drafts.get(draft.place)
    if before and draft.if_missing and not before.dropped:
        raise Skipped("the table is defined above, and this is IF NOT EXISTS")
    if before and not draft.replaces and not before.dropped:
        place = cursor.text.place(before.offset)
        raise UnreadableSql(
            f"table {draft.shown!r} is defined at line {place.line} already", draft.offset, "remove one of them"
        )
    if before is None and (near := drafts.alike(draft.place)):
        raise UnreadableSql(
            f"table {draft.shown!r} differs from {near.shown!r} only by case", draft.offset, "rename one of them"
        )
    read_body(cursor, draft, drafts)
    if before:
        drafts.remove(before.place)
    drafts.put(draft)


def drop_table(cursor: Cursor, drafts: Drafts, subject: list[str]) -> None:
    """Drop nothing, but let a later CREATE TABLE take the table's place."""
    cursor.expect("DROP")
    cursor.accept_any(*KINDS)
    cursor.expect("TABLE")
    cursor.accept("IF", "EXISTS")
    found = [drafts.find(part.qualified_name()) for part in cursor.parts() if not part.ended]
    for draft in found:
        if draft:
            draft.dropped = True
            subject.append(draft.name)
    kept = "; the table above stays, unless it is created again" if any(found) else ""
    raise Skipped(f"nothing is dropped: an experiment begins empty{kept}")


def comment_on(cursor: Cursor, drafts: Drafts, subject: list[str]) -> None:
    """Keep the comment of a table or column."""
    cursor.expect("COMMENT")
    cursor.accept("IF", "EXISTS")
    cursor.expect("ON")
    kind, offset = cursor.accept_any("TABLE", "COLUMN"), cursor.offset
    if not kind:
        raise Skipped("only comments on tables and columns are read")
    parts = [cursor.name()]
    while cursor.accept("."):
        parts.append(cursor.name())
    column = parts.pop() if kind == "COLUMN" else ""
    if not parts:
        raise UnreadableSql("a column's comment names its table too", offset, "write COMMENT ON COLUMN table.column")
    if any(view.name == parts[-1] for view in drafts.views):
        raise Skipped("only comments on tables and columns are read; this is a view's")
    database, schema, name = ("", "", *parts)[-3:]
    draft = drafts.require(TableName(database, schema, name), offset)
    subject.append(draft.name)
    cursor.expect("IS")
    properties = draft.require(column, offset).properties if column else draft.properties
    if not cursor.accept("NULL"):
        properties["comment"] = cursor.string("a comment's text")
    cursor.finish("after a comment")


READERS: Mapping[str, Reader] = {
    "CREATE TABLE": create_table,
    "ALTER TABLE": alter_table,
    "DROP TABLE": drop_table,
    "COMMENT ON": comment_on,
    "CREATE VIEW": create_view,
    "CREATE MATERIALIZED VIEW": create_view,
    "CREATE SEQUENCE": create_sequence,
    "CREATE INDEX": create_index,
    "CREATE TYPE": create_type,
    "CREATE DOMAIN": create_domain,
    "CREATE SCHEMA": create_schema,
    "USE": use,
    "SET": set_search_path,
}
