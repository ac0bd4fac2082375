"""ALTER TABLE … ALTER COLUMN: nullness, default, type, identity, comment, policy, encoding of a column."""

from collections.abc import Mapping

from schema_svc.core.ddl.column_types import read_column_type
from schema_svc.core.ddl.columns import CLAUSES, ColumnSite, read_clauses, read_default
from schema_svc.core.ddl.cursor import Cursor
from schema_svc.core.ddl.draft import NamedType, TableDraft
from schema_svc.core.ddl.scan import TokenKind
from schema_svc.core.model import Column

_STORAGE = frozenset({"STATISTICS", "STORAGE", "COMPRESSION", "(", "GENERATED", "TAG"})


def alter_column(action: Cursor, column: Column, table: TableDraft, types: Mapping[str, NamedType]) -> bool:
    """Read what follows the column's name; False if it changes nothing that an experiment has."""
    if action.accept("SET"):
        return _set(action, column, table, types)
    if action.accept("DROP"):
        return _drop(action, column)
    if action.accept("UNSET"):
        return _unset(action, column)
    action.accept("ADD")
    if action.accept("TYPE") or _type_comes(action):
        return _type(action, column, table, types)
    read_clauses(action, ColumnSite(column, table))
    return True


def _type_comes(action: Cursor) -> bool:
    """MODIFY c VARCHAR(50): a type without the word TYPE."""
    token = action.peek()
    if token is None or token.kind is not TokenKind.WORD:
        return False
    return token.word not in {*CLAUSES, "CONSTRAINT"} or token.word == "CHARACTER"


def _set(action: Cursor, column: Column, table: TableDraft, types: Mapping[str, NamedType]) -> bool:
    if action.accept("NOT", "NULL"):
        column.required = True
    elif action.accept("DEFAULT"):
        read_default(action, column)
    elif action.accept("DATA", "TYPE"):
        return _type(action, column, table, types)
    elif action.word() in _STORAGE:
        return False
    else:
        while action.stop > action.at and action.tokens[action.stop - 1].word == "FORCE":
            action.stop -= 1
        read_clauses(action, ColumnSite(column, table))
    return True


def _drop(action: Cursor, column: Column) -> bool:
    if action.accept("NOT", "NULL"):
        column.required = False
    elif action.accept("DEFAULT"):
        column.properties.pop("default", None)
    elif action.accept("IDENTITY"):
        column.rule = None
        column.properties.pop("identity", None)
    else:
        return False
    return True


def _unset(action: Cursor, column: Column) -> bool:
    kind = action.take().word
    name = f"{kind.lower()}_policy" if action.accept("POLICY") else kind.lower()
    return column.properties.pop(name, None) is not None


def _type(action: Cursor, column: Column, table: TableDraft, types: Mapping[str, NamedType]) -> bool:
    read_column_type(action, column, table, types)
    if action.accept("USING"):
        action.rest()
    read_clauses(action, ColumnSite(column, table))
    return True
