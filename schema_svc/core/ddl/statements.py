"""What each kind of statement adds to the drafts of a text."""

import copy
from dataclasses import dataclass, field

from schema_svc.core.ddl.columns import read_column
from schema_svc.core.ddl.constraints import at_table_constraint, read_table_constraint
from schema_svc.core.ddl.create_table import read_body, read_header
from schema_svc.core.ddl.cursor import Cursor, UnreadableSql
from schema_svc.core.ddl.draft import TableDraft
from schema_svc.core.model import View
from schema_svc.core.names import did_you_mean


@dataclass
class Drafts:
    """The tables and views of a text so far."""

    tables: list[TableDraft] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    _by_name: dict[str, list[TableDraft]] = field(default_factory=dict)

    def add(self, table: TableDraft) -> None:
        """Add a table at the end."""
        self.tables.append(table)
        self._by_name.setdefault(table.name, []).append(table)

    def replace(self, before: TableDraft, after: TableDraft) -> None:
        """Put a table of the same name where another one is."""
        for tables in (self.tables, self._by_name[before.name]):
            tables[next(place for place, table in enumerate(tables) if table is before)] = after

    def remove(self, table: TableDraft) -> None:
        """Take a table out that is there."""
        for tables in (self.tables, self._by_name[table.name]):
            del tables[next(place for place, other in enumerate(tables) if other is table)]

    def exact(self, schema: str, name: str) -> TableDraft | None:
        """Find the table of a schema."""
        return next((table for table in self._by_name.get(name, ()) if table.schema == schema), None)

    def find(self, schema: str, name: str) -> TableDraft | None:
        """Find a table: by its schema, or by its name alone where that is not ambiguous."""
        if exact := self.exact(schema, name):
            return exact
        named = self._by_name.get(name, ())
        return named[0] if len(named) == 1 and not (schema and named[0].schema) else None

    def require(self, schema: str, name: str, offset: int) -> TableDraft:
        """Find a table or refuse the statement."""
        if found := self.find(schema, name):
            return found
        raise UnreadableSql(
            f"table {name!r} is not defined above",
            offset,
            did_you_mean(name, [t.name for t in self.tables], "above are"),
        )


class Skipped(Exception):
    """A statement that has no part in an experiment; the text says why."""


def create_table(cursor: Cursor, drafts: Drafts, subject: list[str]) -> None:
    """Add a table; its name goes to `subject` before anything can go wrong."""
    draft = read_header(cursor)
    subject.append(draft.name)
    before = drafts.exact(draft.schema, draft.name)
    if before and draft.if_missing:
        raise Skipped("the table is defined above, and this is IF NOT EXISTS")
    if before and not draft.replaces:
        place = cursor.text.place(before.offset)
        raise UnreadableSql(
            f"table {draft.shown!r} is defined at line {place.line} already", draft.offset, "remove one of them"
        )
    read_body(cursor, draft)
    if before:
        drafts.remove(before)
    drafts.add(draft)


def alter_table(cursor: Cursor, drafts: Drafts, subject: list[str]) -> None:
    """Add the constraints and columns of an ALTER TABLE."""
    cursor.expect("ALTER", "TABLE")
    cursor.accept("IF", "EXISTS")
    cursor.accept("ONLY")
    offset = cursor.offset
    schema, name = cursor.qualified_name()
    subject.append(name)
    if cursor.word() != "ADD":
        raise Skipped(f"{cursor.word() or 'it'} changes nothing that an experiment has")
    before = drafts.require(schema, name, offset)
    draft = copy.deepcopy(before)
    for action in cursor.parts():
        action.expect("ADD")
        if at_table_constraint(action):
            read_table_constraint(action, draft.keys)
            action.finish("after a constraint")
            continue
        action.accept("COLUMN")
        action.accept("IF", "NOT", "EXISTS")
        read_column(action, draft)
    drafts.replace(before, draft)


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
    draft = drafts.require(parts[-2] if len(parts) > 1 else "", parts[-1], offset)
    subject.append(draft.name)
    cursor.expect("IS")
    target = next((c.properties for c in draft.columns if c.name == column), None) if column else draft.properties
    if target is None:
        known = [c.name for c in draft.columns]
        raise UnreadableSql(f"{draft.name} has no column {column!r}", offset, did_you_mean(column, known))
    if not cursor.accept("NULL"):
        target["comment"] = cursor.string("a comment's text")
    cursor.finish("after a comment")


def create_view(cursor: Cursor, drafts: Drafts, subject: list[str]) -> None:
    """Keep a view as text."""
    materialized = False
    while cursor.word() not in {"VIEW", ""}:
        materialized = cursor.take().word == "MATERIALIZED" or materialized
    cursor.expect("VIEW")
    cursor.accept("IF", "NOT", "EXISTS")
    _, name = cursor.qualified_name()
    subject.append(name)
    while not cursor.ended and cursor.word() != "AS":
        cursor.skip()
    cursor.expect("AS")
    drafts.views = [view for view in drafts.views if view.name != name]
    drafts.views.append(View(name=name, sql=cursor.rest(), materialized=materialized))


READERS = {
    "CREATE TABLE": create_table,
    "ALTER TABLE": alter_table,
    "COMMENT ON": comment_on,
    "CREATE VIEW": create_view,
    "CREATE MATERIALIZED VIEW": create_view,
}
