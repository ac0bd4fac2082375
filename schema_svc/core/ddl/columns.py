"""Column definitions: name, type, and the clauses behind them, those of the warehouses included."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from schema_svc.core.ddl.column_types import read_column_type
from schema_svc.core.ddl.constraints import (
    at_state,
    keep_state,
    leave_out_states,
    nulls_distinct,
    read_check,
    read_reference,
    set_primary_key,
)
from schema_svc.core.ddl.cursor import Cursor
from schema_svc.core.ddl.draft import NamedType, TableDraft
from schema_svc.core.ddl.identity import count_by_itself, identity_of_default, read_identity
from schema_svc.core.model import Column, KeyColumns
from schema_svc.core.names import identifier
from schema_svc.core.properties import PRIMARY_KEY_STATE, unique_key_state


@dataclass
class ColumnSite:
    """A column that is being read, and where it goes."""

    column: Column
    table: TableDraft
    constraint: str = ""


def read_column(cursor: Cursor, table: TableDraft, types: Mapping[str, NamedType]) -> None:
    """Read one column definition into `table`; `types` are those of the text."""
    name = cursor.name("a column's name")
    column = Column(name=name)
    if cursor.ended or (cursor.word() in CLAUSES and not _is_type(cursor)):
        raise cursor.problem(f"column {name!r} has no type", "write a type such as INT or VARCHAR(100)")
    read_column_type(cursor, column, table, types)
    table.columns.append(column)
    read_clauses(cursor, ColumnSite(column, table))


def _is_type(cursor: Cursor) -> bool:
    """CHARACTER begins a type, and a clause before SET."""
    return cursor.word() == "CHARACTER" and cursor.word(1) != "SET"


def read_clauses(cursor: Cursor, site: ColumnSite) -> None:
    """Read all that follows a column's type."""
    while not cursor.ended:
        _read_clause(cursor, site)


def _read_clause(cursor: Cursor, site: ColumnSite) -> None:
    site.constraint = cursor.name("a constraint's name") if cursor.accept("CONSTRAINT") else ""
    if leave_out_states(cursor, site.table):
        return
    clause = CLAUSES.get(cursor.word())
    if clause is None:
        raise cursor.problem(
            f"{cursor.shown()} is not understood in column {site.column.name!r}",
            "a comma may be missing before it",
        )
    clause(cursor, site)
    leave_out_states(cursor, site.table)


def _not_null(cursor: Cursor, site: ColumnSite) -> None:
    cursor.expect("NOT", "NULL")
    site.column.required = True


def _null(cursor: Cursor, _site: ColumnSite) -> None:
    cursor.take()


def _default(cursor: Cursor, site: ColumnSite) -> None:
    cursor.take()
    read_default(cursor, site.column)


def read_default(cursor: Cursor, column: Column) -> None:
    """Read the expression behind the word DEFAULT."""
    begin = cursor.at
    while not cursor.ended and not _clause_begins(cursor, begin):
        cursor.skip()
    if cursor.at == begin:
        raise cursor.problem(f"column {column.name!r}: DEFAULT has no value")
    text = cursor.raw(begin)
    if counts := identity_of_default(text):
        count_by_itself(column, counts)
        column.properties["identity"] = f"IDENTITY({counts.start}, {counts.step})"
    else:
        column.properties["default"] = text


def _clause_begins(cursor: Cursor, begin: int) -> bool:
    """True at the clause behind a default value; NULL and such words are values where they come first."""
    if cursor.at == begin:
        return False
    if cursor.word() == "NOT":
        return cursor.word(1) == "NULL" or at_state(cursor)
    if cursor.word() == "WITH":
        return cursor.word(1) != "TIME"
    if cursor.tokens[cursor.at - 1].word in _GLUE:
        return False
    return cursor.word() in CLAUSES or cursor.word() == "CONSTRAINT" or at_state(cursor)


def _primary(cursor: Cursor, site: ColumnSite) -> None:
    offset = cursor.offset
    cursor.expect("PRIMARY", "KEY")
    cursor.accept_any("ASC", "DESC")
    set_primary_key(site.table.keys, [site.column.name], offset, site.constraint)
    keep_state(cursor, site.table.keys, PRIMARY_KEY_STATE)


def _unique(cursor: Cursor, site: ColumnSite) -> None:
    cursor.take()
    cursor.accept("KEY")
    site.table.keys.unique_keys.append(KeyColumns(columns=[site.column.name], name=site.constraint))
    keep_state(cursor, site.table.keys, unique_key_state([site.column.name]), nulls_distinct(cursor))


def _references(cursor: Cursor, site: ColumnSite) -> None:
    cursor.accept("FOREIGN", "KEY")
    site.table.keys.references.append(read_reference(cursor, [site.column.name], site.constraint))


def _check(cursor: Cursor, site: ColumnSite) -> None:
    cursor.take()
    site.table.keys.checks.append(read_check(cursor, site.constraint))


def _identity(cursor: Cursor, site: ColumnSite) -> None:
    """IDENTITY(1,1), AUTOINCREMENT START 1 INCREMENT 1, IDENTITY START WITH = 1 …"""
    begin = cursor.at
    cursor.take()
    read_identity(cursor, site.column)
    site.column.properties["identity"] = cursor.raw(begin)


def _generated(cursor: Cursor, site: ColumnSite) -> None:
    """GENERATED … AS IDENTITY[(…)], GENERATED ALWAYS AS (expression)."""
    begin = cursor.at
    cursor.take()
    if not cursor.accept("ALWAYS"):
        cursor.expect("BY", "DEFAULT")
        cursor.accept("ON", "NULL")
    cursor.expect("AS")
    if cursor.accept("IDENTITY"):
        read_identity(cursor, site.column)
        site.column.properties["identity"] = cursor.raw(begin)
    else:
        _expression(cursor, site, begin)


def _computed(cursor: Cursor, site: ColumnSite) -> None:
    begin = cursor.at
    cursor.take()
    _expression(cursor, site, begin)


def _expression(cursor: Cursor, site: ColumnSite, begin: int) -> None:
    cursor.group()
    cursor.accept_any("STORED", "VIRTUAL")
    site.column.properties["computed"] = cursor.raw(begin)


def _distkey(cursor: Cursor, site: ColumnSite) -> None:
    cursor.take()
    site.table.properties["distkey"] = identifier(site.column.name, cursor.dialect)


def _sortkey(cursor: Cursor, site: ColumnSite) -> None:
    cursor.take()
    name, before = identifier(site.column.name, cursor.dialect), site.table.properties.get("sortkey")
    site.table.properties["sortkey"] = f"{before}, {name}" if before else name


def _encode(cursor: Cursor, site: ColumnSite) -> None:
    cursor.take()
    cursor.accept("=")
    site.column.properties["encode"] = cursor.name("an encoding").lower()


def _collate(cursor: Cursor, site: ColumnSite) -> None:
    cursor.take()
    begin = cursor.at
    cursor.take()
    while cursor.accept("."):
        cursor.take()
    site.column.properties["collate"] = cursor.raw(begin).strip("'")


def _setting(cursor: Cursor, site: ColumnSite) -> None:
    """STORAGE EXTERNAL, COMPRESSION lz4, CHARACTER SET utf8: how values are kept."""
    begin = cursor.at
    name = cursor.take().word
    if name == "CHARACTER":
        cursor.expect("SET")
    cursor.name("a setting")
    site.column.properties[name.lower()] = cursor.raw(begin)


def _comment(cursor: Cursor, site: ColumnSite) -> None:
    cursor.take()
    cursor.accept("=")
    site.column.properties["comment"] = cursor.string("a comment's text")


def _policy(cursor: Cursor, site: ColumnSite) -> None:
    """[WITH] MASKING POLICY p [USING (…)], [WITH] PROJECTION POLICY p, [WITH] TAG (…)."""
    begin = cursor.at
    cursor.accept("WITH")
    if cursor.accept("TAG"):
        cursor.group()
        site.column.properties["tag"] = cursor.raw(begin)
        return
    kind = cursor.accept_any("MASKING", "PROJECTION")
    if not kind:
        raise cursor.problem(f"{cursor.shown()} is not understood in column {site.column.name!r}")
    cursor.expect("POLICY")
    cursor.qualified_name("a policy's name")
    if cursor.accept("USING"):
        cursor.group()
    site.column.properties[f"{kind.lower()}_policy"] = cursor.raw(begin)


_GLUE = frozenset({"::", ".", "AS"})
"""Behind these a word is part of an expression, whatever it means elsewhere."""
CLAUSES: dict[str, Callable[[Cursor, ColumnSite], None]] = {
    "NOT": _not_null,
    "NULL": _null,
    "DEFAULT": _default,
    "PRIMARY": _primary,
    "UNIQUE": _unique,
    "REFERENCES": _references,
    "FOREIGN": _references,
    "CHECK": _check,
    "IDENTITY": _identity,
    "AUTOINCREMENT": _identity,
    "GENERATED": _generated,
    "AS": _computed,
    "DISTKEY": _distkey,
    "SORTKEY": _sortkey,
    "ENCODE": _encode,
    "COLLATE": _collate,
    "COMMENT": _comment,
    "WITH": _policy,
    "STORAGE": _setting,
    "COMPRESSION": _setting,
    "CHARACTER": _setting,
    "AUTO_INCREMENT": _identity,
    "MASKING": _policy,
    "PROJECTION": _policy,
    "TAG": _policy,
}
"""What each word behind a column's type begins."""
