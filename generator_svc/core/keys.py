"""What the keys of a table mean for its columns: which are distinct, taken from parents, or never null.

Every promise is kept by construction: by a bijection, by drawing a parent row, by tuples. Nothing is checked later.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from dwsim_wire.fault import InvalidArgument
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.shared_keys import leading_keys
from generator_svc.core.spec import ColumnSpec, ForeignKeySpec, TableSpec

DEFAULT_NULL_FRACTION = 0.1


@dataclass(frozen=True, slots=True)
class TableKeys:
    """Keys of one table, resolved.

    `table.foreign_keys` are all that are declared, `references` those whose parents are drawn: the others follow.
    `distinct`: columns whose values are distinct on their own. `groups`: tuples of columns that are distinct only
    together. `never_null`: required columns, keys, and columns that other tables refer to.
    """

    table: TableSpec
    distinct: frozenset[str]
    groups: tuple[tuple[str, ...], ...]
    references: tuple[ForeignKeySpec, ...]
    never_null: frozenset[str]

    def column(self, name: str) -> ColumnSpec:
        """Column of this name."""
        return next(column for column in self.table.columns if column.name == name)

    def reference_of(self, column: str) -> ForeignKeySpec | None:
        """Foreign key that a column belongs to."""
        return next((key for key in self.references if column in key.columns), None)

    def is_distinct(self, key: ForeignKeySpec) -> bool:
        """Tell whether no two rows may take the same parent."""
        columns = set(key.columns)
        return bool(columns & self.distinct) or any(set(group) <= columns for group in self.groups)

    def null_fraction(self, column: ColumnSpec) -> float:
        """Share of nulls of a column; the columns of one foreign key share theirs."""
        key = self.reference_of(column.name)
        covered = [column] if key is None else [self.column(name) for name in key.columns]
        if any(each.name in self.never_null for each in covered):
            return 0.0
        given = [each.null_fraction for each in covered if each.null_fraction is not None]
        if given:
            return min(max(*given, 0.0), 1.0)
        return DEFAULT_NULL_FRACTION if key is not None and key.nullable else 0.0


def resolve_keys(tables: Sequence[TableSpec]) -> dict[str, TableKeys]:
    """Resolve the keys of all tables against each other."""
    by_name = {table.name: table for table in tables}
    references = {table.name: tuple(_resolved(table, key, by_name) for key in table.foreign_keys) for table in tables}
    referenced = _referenced(references.values())
    keys = {
        name: _keys(
            replace(table, foreign_keys=references[name]), leading_keys(name, by_name, references), referenced[name]
        )
        for name, table in by_name.items()
    }
    for name, resolved in keys.items():
        for key in resolved.references:
            _refuse_endless(keys, name, key, ())
    return keys


def generation_order(keys: Mapping[str, TableKeys]) -> tuple[str, ...]:
    """Tables, parents first; where keys form a cycle, nullable ones give way."""
    every = {name: _parents(each, required_only=False) for name, each in keys.items()}
    required = {name: _parents(each, required_only=True) for name, each in keys.items()}
    left, order = dict.fromkeys(keys), list[str]()
    while left:
        name = _first_free(left, every) or _first_free(left, required) or next(iter(left))
        del left[name]
        order.append(name)
    return tuple(order)


def _first_free(left: Mapping[str, None], parents: Mapping[str, Set[str]]) -> str | None:
    return next((name for name in left if left.keys().isdisjoint(parents[name])), None)


def _parents(keys: TableKeys, *, required_only: bool) -> set[str]:
    drawn = [key for key in keys.references if not (required_only and key.nullable)]
    return {name for key in drawn for name in key.parents} - {keys.table.name}


def _resolved(table: TableSpec, key: ForeignKeySpec, tables: Mapping[str, TableSpec]) -> ForeignKeySpec:
    """Fill in the referenced columns; a key is nullable only if none of its columns is required."""
    parent = tables.get(key.parent_table)
    if parent is None:
        raise InvalidArgument(
            f"{table.name}.{', '.join(key.columns)} refers to table {key.parent_table!r}, which is not there",
            hint=f"tables are {', '.join(tables)}",
            metadata={"table": table.name},
        )
    parent_columns = key.parent_columns or parent.primary_key
    known = {column.name for column in parent.columns}
    if len(parent_columns) != len(key.columns) or not set(parent_columns) <= known:
        raise InvalidArgument(
            f"{table.name}.{', '.join(key.columns)} refers to ({', '.join(parent_columns)}) of {key.parent_table}",
            hint="name as many columns of the parent's key as the foreign key has",
            metadata={"table": table.name},
        )
    bound = {column.name for column in table.columns if column.required} | set(table.primary_key)
    return replace(key, parent_columns=parent_columns, nullable=key.nullable and not bound & set(key.columns))


def _referenced(references: Iterable[Sequence[ForeignKeySpec]]) -> "_Referenced":
    found = _Referenced()
    for keys in references:
        for key in keys:
            found.setdefault(key.parent_table, set()).update(key.parent_columns)
    return found


class _Referenced(dict[str, set[str]]):
    """Columns that are referred to, by table; none where a table has none."""

    def __missing__(self, table: str) -> set[str]:
        return set()


def _keys(table: TableSpec, references: tuple[ForeignKeySpec, ...], referenced: set[str]) -> TableKeys:
    declared = [key for key in (table.primary_key, *table.composite_keys, *table.unique_keys) if key]
    distinct = {column.name for column in table.columns if column.is_unique} | {k[0] for k in declared if len(k) == 1}
    never_null = {column.name for column in table.columns if column.required} | set(table.primary_key) | referenced
    for key in table.composite_keys:
        never_null |= set(key)
    return TableKeys(
        table=table,
        distinct=frozenset(distinct),
        groups=_groups(declared, distinct),
        references=references,
        never_null=frozenset(never_null),
    )


def _groups(declared: Sequence[tuple[str, ...]], distinct: set[str]) -> tuple[tuple[str, ...], ...]:
    """Keys of several columns that no smaller key makes distinct already."""
    wide = [key for key in declared if len(key) > 1 and not distinct & set(key)]
    kept: list[tuple[str, ...]] = []
    for key in sorted(wide, key=len):
        if not any(set(smaller) <= set(key) for smaller in kept):
            kept.append(key)
    return tuple(key for key in dict.fromkeys(wide) if key in kept)


def _refuse_endless(
    keys: Mapping[str, TableKeys], table: str, key: ForeignKeySpec, path: tuple[tuple[str, ...], ...]
) -> None:
    """Refuse keys that are taken from themselves: a column whose value is a parent's value is its own value again."""
    here = (table, *key.columns)
    if here in path:
        raise ImpossibleRule(
            f"key columns refer to each other in a circle: {' -> '.join('.'.join(step[:2]) for step in (*path, here))}",
            hint="a referenced key column must not itself be taken from the table that refers to it",
            metadata={"table": table, "column": key.columns[0]},
        )
    for column in key.parent_columns:
        further = keys[key.parent_table].reference_of(column)
        if further is not None:
            _refuse_endless(keys, key.parent_table, further, (*path, here))
