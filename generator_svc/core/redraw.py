"""What an update may change: cells of these columns are drawn anew, by keys that the version enters.

Keys stay, and so do unique columns, foreign keys, moments of events, columns that other tables are made from, copies,
and all that these are made from or drawn together with.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from generator_svc.core.dependencies import column_needs, row_needs
from generator_svc.core.keys import TableKeys
from generator_svc.core.primitives import derive_key
from generator_svc.core.rules import (
    ConstantRule,
    DerivedRule,
    EventTimeRule,
    HierarchyRule,
    LookupRule,
    SequenceRule,
    TemplateRule,
)

_LASTING: Final = (ConstantRule, EventTimeRule, LookupRule, SequenceRule)


@dataclass(frozen=True, slots=True)
class Redraw:
    """Keys of the cells that the updates of one version draw; `columns` may change, by table."""

    version: int
    columns: Mapping[str, frozenset[str]]
    paths: Mapping[str, frozenset[str]]

    def key(self, key: np.uint64, purpose: str, table: str, columns: tuple[str, ...]) -> np.uint64:
        """The version's own key where everything that it is for may change."""
        changing = self.paths[table] if purpose == "path" else self.columns[table]
        drawn = purpose in {"path", "cell", "null"} or purpose.startswith("correlation ")
        return derive_key("version", int(key), self.version) if drawn and changing.issuperset(columns) else key


def changing_columns(tables: Mapping[str, TableKeys]) -> dict[str, frozenset[str]]:
    """Columns of each table that an update draws anew."""
    copied = _copied(tables.values())
    return {
        name: frozenset(column.name for column in keys.table.columns) - _fixed(keys, copied.get(name, set()))
        for name, keys in tables.items()
    }


def changing_paths(tables: Mapping[str, TableKeys]) -> dict[str, frozenset[str]]:
    """Paths of hierarchies that an update draws anew."""
    changing = changing_columns(tables)
    paths = {}
    for name, keys in tables.items():
        groups = [(each.name, each.rule.group) for each in keys.table.columns if isinstance(each.rule, HierarchyRule)]
        paths[name] = frozenset(group for column, group in groups if group and column in changing[name])
    return paths


def _copied(tables: Iterable[TableKeys]) -> dict[str, set[str]]:
    """Columns that other rows refer to or are made from."""
    found: dict[str, set[str]] = {}
    for keys in tables:
        for key in keys.references:
            found.setdefault(key.parent_table, set()).update(key.parent_columns)
        for column in keys.table.columns:
            for need in column_needs(keys, column):
                if need.key:
                    found.setdefault(need.key.parent_table, set()).add(need.column)
    return found


def _fixed(keys: TableKeys, copied: set[str]) -> frozenset[str]:
    table = keys.table
    fixed = {*copied, *keys.distinct, *table.primary_key}
    fixed |= {column for group in keys.groups for column in group}
    fixed |= {column for key in keys.references for column in key.columns}
    fixed |= {column.name for column in table.columns if isinstance(column.rule, _LASTING)}
    needs, together = row_needs(keys), _drawn_together(keys)
    made = [column.name for column in table.columns if isinstance(column.rule, DerivedRule | TemplateRule)]
    while True:
        grown = fixed | {source for column in fixed for source in needs.get(column, ())}
        grown |= {column for column in made if fixed.issuperset(needs.get(column, ()))}
        grown |= {column for group in together if group & grown for column in group}
        if grown == fixed:
            return frozenset(fixed)
        fixed = grown


def _drawn_together(keys: TableKeys) -> list[set[str]]:
    """Columns that share a draw: of one hierarchy's path, of one correlation."""
    paths: dict[str, set[str]] = {}
    for column in keys.table.columns:
        if isinstance(column.rule, HierarchyRule) and column.rule.group:
            paths.setdefault(column.rule.group, set()).add(column.name)
    return [*paths.values(), *(set(group.columns) for group in keys.table.correlations)]
