"""What a guessed foreign key must not do: make a table impossible that was possible without it."""

import math
from collections.abc import Mapping

from schema_svc.core.graph import reaches
from schema_svc.core.model import Column, Experiment, Table


class Harm:
    """Knows the keys of an experiment, guessed ones included as they are added."""

    def __init__(self, experiment: Experiment, required: dict[str, set[str]]) -> None:
        self._tables = experiment.tables_by_name()
        self._required = required
        self._groups = {
            table.name: [group for group in table.unique_groups() if len(group) > 1] for table in experiment.tables
        }

    def would_harm(self, table: Table, column: Column, parent: Table, target: Column) -> bool:
        """True where a required cycle, a circle of values or a lack of parents would follow."""
        rows, parents = table.target_rows or 0, parent.target_rows or 0
        if column.required and parent is not table and reaches(self._required, parent.name, table.name):
            return True
        if self._leads_back(table.name, column.name, parent.name, target.name):
            return True
        if column.required and rows and not parents:
            return True
        if column.is_unique and (rows > parents or parent is table):
            return True
        return any(self._too_narrow(table, group, column, parent) for group in self._groups[table.name])

    def added(self, table: Table, column: Column, parent: Table) -> None:
        """Take note of a guess that was made."""
        if column.required and parent is not table:
            self._required[table.name].add(parent.name)

    def _leads_back(self, table: str, column: str, parent: str, target: str) -> bool:
        """True where the value of the target is taken, key by key, from the column itself."""
        seen: set[tuple[str, str]] = set()
        here = (parent, target)
        while here not in seen:
            if here == (table, column):
                return True
            seen.add(here)
            owner = self._tables.get(here[0])
            key = _single(owner, here[1]) if owner else None
            if key is None:
                return False
            here = key
        return True

    def _too_narrow(self, table: Table, group: list[str], column: Column, parent: Table) -> bool:
        """True where the members of a key could not make as many tuples as the table has rows."""
        if column.name not in group:
            return False
        if parent is table:
            return True
        sizes = [parent.target_rows or 0]
        for name in group:
            member = table.column(name)
            if member is None or name == column.name:
                continue
            if member.foreign_key is None:
                return not sizes[0]
            other = self._tables.get(member.foreign_key.references_table)
            sizes.append((other.target_rows or 0) if other else 0)
        return math.prod(sizes) < 2 * (table.target_rows or 0)


def _single(table: Table, column: str) -> tuple[str, str] | None:
    """Where a column's values are taken from, if one foreign key says so."""
    found = table.column(column)
    if found and found.foreign_key:
        return found.foreign_key.references_table, found.foreign_key.references_column
    for key in table.foreign_keys:
        pairs: Mapping[str, str] = dict(zip(key.columns, key.references_columns, strict=False))
        if column in pairs:
            return key.references_table, pairs[column]
    return None
