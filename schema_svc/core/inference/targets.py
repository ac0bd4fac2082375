"""Columns that other tables' columns may reference, found by name and by noun.

A table without any declared key offers the column that its name says is the key; being referenced makes it unique.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from schema_svc.core.inference.key_names import Nouns, TableNames, is_own_key, key_name, noun_forms
from schema_svc.core.model import Column, Table
from schema_svc.core.names import SURROGATE
from schema_svc.core.vocabulary import TypeKind

_LEAST_TEXT = 8
_ROWS = {TypeKind.INT16: 2**15 - 1, TypeKind.INT32: 2**31 - 1}
_KEY_KINDS = frozenset({*_ROWS, TypeKind.INT64, TypeKind.UUID, TypeKind.STRING})
_STEM = 3


class Target(NamedTuple):
    """A column that may be referenced; `implied` where no key was declared."""

    table: Table
    column: Column
    nouns: frozenset[Nouns]
    table_nouns: Nouns
    implied: bool

    @property
    def bare(self) -> bool:
        """True where the name says nothing by itself: `id`, `a`."""
        letters = "".join(letter for letter in self.column.name.casefold() if letter.isalpha())
        return len(letters) < 2 or letters in _BARE


_BARE = frozenset({"id", "key", "sk", "pk", "uid", "uuid", "guid", "code", "name"})


class Targets:
    """All targets of an experiment."""

    def __init__(self, tables: Iterable[TableNames], refused: Collection[str]) -> None:
        self._by_name: dict[str, list[Target]] = {}
        self._by_nouns: dict[Nouns, list[Target]] = {}
        self._by_stem: dict[str, list[Target]] = {}
        self._by_table: dict[str, list[Target]] = {}
        for names in tables:
            for target in _targets(names, refused):
                self._add(target)

    def named(self, column: str) -> list[Target]:
        """Targets whose column has this very name, which says what it is a key of."""
        return self._by_name.get(column.casefold(), [])

    def of(self, nouns: Nouns) -> list[Target]:
        """Targets that stand for these nouns."""
        return self._by_nouns.get(nouns, [])

    def of_table(self, table: str) -> list[Target]:
        """Targets of one table."""
        return self._by_table.get(table, [])

    def beginning(self, stem: str) -> list[Target]:
        """Targets of one noun that begins with `stem`, of three letters and more."""
        found = self._by_stem.get(stem[:_STEM], []) if len(stem) >= _STEM else []
        return [target for target in found if any(len(n) == 1 and n[0].startswith(stem) for n in target.nouns)]

    def ending_in(self, word: str) -> Iterator[tuple[str, Target]]:
        """Targets of one noun that `word` ends with, and what is before it: `c` and `demo` of `cdemo`."""
        for cut in range(1, len(word) - _STEM):
            yield from ((word[:cut], target) for target in self.of((word[cut:],)))

    def _add(self, target: Target) -> None:
        if not target.bare:
            self._by_name.setdefault(target.column.name.casefold(), []).append(target)
        self._by_table.setdefault(target.table.name, []).append(target)
        for nouns in target.nouns:
            self._by_nouns.setdefault(nouns, []).append(target)
            if len(nouns) == 1:
                self._by_stem.setdefault(nouns[0][:_STEM], []).append(target)


def _targets(names: TableNames, refused: Collection[str]) -> Iterator[Target]:
    """Columns of a table that are unique; else the one that could be."""
    table = names.table
    groups = table.unique_groups()
    unique = {group[0] for group in groups if len(group) == 1} - {SURROGATE}
    for column in table.columns:
        if column.name in unique:
            yield _target(names, column, implied=False)
    if groups or not table.columns or f"{table.name}.{table.columns[0].name}".casefold() in refused:
        return
    first = table.columns[0]
    if is_own_key(names, first) and _may_be_unique(table, first):
        yield _target(names, first, implied=True)


def _target(names: TableNames, column: Column, *, implied: bool) -> Target:
    nouns: set[Nouns] = set()
    if key_name(names.words(column.name)) is not None:
        key = implied or names.table.primary_key == [column.name] or is_own_key(names, column)
        nouns = {*noun_forms(names, column), *([names.nouns] if key else [])}
    return Target(names.table, column, frozenset(nouns - {()}), names.nouns, implied)


def _may_be_unique(table: Table, column: Column) -> bool:
    """True where a column may be made unique without harm: it holds the table's rows, and nothing is said of it."""
    logical = column.logical_type
    if logical is None or logical.kind not in _KEY_KINDS or column.rule or column.foreign_key:
        return False
    if column.min_value is not None or column.max_value is not None or column.faker_rule or column.distribution:
        return False
    if logical.kind is TypeKind.STRING:
        return not logical.length or logical.length >= _LEAST_TEXT
    return (table.target_rows or 0) <= _ROWS.get(logical.kind, 2**62)
