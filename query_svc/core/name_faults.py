"""What qualifying a statement's names can find wrong, as faults that name the place and the nearest name."""

import re
from collections import Counter

from sqlglot import exp

from query_svc.core.excerpts import at
from query_svc.core.faults import (
    AmbiguousName,
    InvalidSql,
    NotTranslatable,
    SqlFault,
    UnknownColumn,
    UnknownTable,
    did_you_mean,
)
from query_svc.core.resolve import Resolved

_COLUMN = re.compile(r"Column '([^']+)' could not be resolved(?: for table: '([^']+)')?|Unknown column: (\S+)")
_TABLE = re.compile(r"Unknown table: (\S+)")
_USING = re.compile(r"Cannot automatically join: (\S+)")
_ALIAS = re.compile(r"Alias already used: (\S+)")
_ORDINAL = re.compile(r"Unknown output column: (\S+)")


def name_fault(words: str, tree: exp.Query, resolved: Resolved) -> SqlFault:
    """Fault that the qualifier's message stands for."""
    if found := _COLUMN.search(words):
        name, table = found.group(1) or found.group(3), found.group(2) or ""
        return at(_column(name, table, tree, resolved), _identifier(name, tree))
    if found := _USING.search(words):
        return at(_column(found.group(1), "", tree, resolved), _identifier(found.group(1), tree))
    if found := _TABLE.search(words):
        return at(_table(found.group(1), tree, resolved), _identifier(found.group(1), tree))
    if found := _ALIAS.search(words):
        return AmbiguousName(f"two tables are called {found.group(1)!r}", hint="give one of them another alias")
    if found := _ORDINAL.search(words):
        return InvalidSql(f"there is no result column {found.group(1)}", hint="count the columns from 1")
    return InvalidSql(words.split("\n")[0][:200], hint="check the names and clauses")


def _column(name: str, table: str, tree: exp.Query, resolved: Resolved) -> SqlFault:
    if table and table not in _aliases(tree):
        return _table(table, tree, resolved)
    counts = Counter(c for tables in resolved.columns.values() for columns in tables.values() for c in columns)
    if not table and counts[name]:
        return AmbiguousName(
            f"column {name!r} is in several tables", hint="write the table before it", metadata={"name": name}
        )
    return UnknownColumn(
        f"there is no column {name!r}",
        hint=did_you_mean(name, list(counts), otherwise="the statement reads no table"),
        metadata={"name": name},
    )


def _aliases(tree: exp.Query) -> list[str]:
    sources = tree.find_all(exp.Table, exp.Subquery)
    return sorted({source.alias_or_name for source in sources if source.alias_or_name})


def _table(name: str, tree: exp.Query, resolved: Resolved) -> SqlFault:
    if any(name in columns for tables in resolved.columns.values() for columns in tables.values()):
        return NotTranslatable(f"a step into the value of {name!r}", hint="JSON_EXTRACT_PATH_TEXT reads JSON in text")
    return UnknownTable(
        f"FROM has no table or alias {name!r}",
        hint=did_you_mean(name, _aliases(tree)),
        metadata={"table": name},
    )


def _identifier(name: str, tree: exp.Query) -> exp.Identifier | None:
    """The first identifier of that name whose place in the text is known."""
    return next((found for found in tree.find_all(exp.Identifier) if found.name == name and "line" in found.meta), None)
