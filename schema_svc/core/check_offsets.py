"""Offset rules: the column that they add to is there, and of a fitting type."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from schema_svc.core.check_dependents import nested_rules, parents_of
from schema_svc.core.model import Column, Experiment, Table
from schema_svc.core.names import did_you_mean
from schema_svc.core.problems import Problem
from schema_svc.core.rules import OffsetRule
from schema_svc.core.values import FLOATS, INTEGER_BITS, MOMENTS, NUMERIC
from schema_svc.core.vocabulary import OffsetUnit, TypeKind

_INTEGERS = frozenset(INTEGER_BITS)
_SOURCES: Mapping[TypeKind, frozenset[TypeKind]] = {
    **dict.fromkeys(_INTEGERS, _INTEGERS),
    **dict.fromkeys(FLOATS, _INTEGERS | FLOATS),
    **dict.fromkeys(MOMENTS, MOMENTS),
    TypeKind.DECIMAL: _INTEGERS | {TypeKind.DECIMAL},
    TypeKind.TIME: frozenset({TypeKind.TIME}),
}
"""Kinds that a column may add to, by its own kind."""


class _Offset(NamedTuple):
    """An offset rule and where it stands."""

    table: Table
    columns: Mapping[str, Column]
    column: Column
    rule: OffsetRule
    path: str


def check_offsets(experiment: Experiment) -> Iterator[Problem]:
    """Every broken offset rule."""
    tables = experiment.tables_by_name()
    for t, table in enumerate(experiment.tables):
        columns = {column.name: column for column in table.columns}
        for c, column in enumerate(table.columns):
            for rule, path in nested_rules(column.rule, f"tables[{t}].columns[{c}].rule"):
                if rule.offset:
                    offset = _Offset(table, columns, column, rule.offset, f"{path}.offset")
                    yield from _check_amounts(offset)
                    yield from _check_source(offset, tables)


def may_add(column: Column, source: Column) -> bool:
    """True where `column` may be `source` plus an amount; unread types are another problem."""
    if column.logical_type is None or source.logical_type is None:
        return True
    return source.logical_type.kind in _SOURCES.get(column.logical_type.kind, frozenset())


def _check_amounts(offset: _Offset) -> Iterator[Problem]:
    rule, kind = offset.rule, offset.column.logical_type and offset.column.logical_type.kind
    if rule.min > rule.max:
        yield Problem(f"{offset.path}.min", f"min {rule.min} is above max {rule.max}", "swap them")
    if rule.unit is not OffsetUnit.UNIT_UNSPECIFIED and kind in NUMERIC:
        yield Problem(
            f"{offset.path}.unit", f"{offset.column.data_type} has no {rule.unit.lower()}", "leave unit out for numbers"
        )


def _check_source(offset: _Offset, tables: Mapping[str, Table]) -> Iterator[Problem]:
    name, path = offset.rule.column, f"{offset.path}.column"
    source, known = offset.columns.get(name), list[str]()
    keys, (key, _, wanted) = parents_of(offset.table), name.partition(".")
    if source is None and (parent := tables.get(keys.get(key, ""))):
        name = wanted
        source, known = parent.column(name), [column.name for column in parent.columns]
    elif source and name in keys:
        yield Problem(path, f"{name!r} is a foreign key, to which nothing can be added", "add to a plain column")
    if source is None:
        yield Problem(path, f"there is no column {name!r} to add to", did_you_mean(name, known or offset.columns))
    elif not may_add(offset.column, source):
        yield Problem(
            path,
            f"{offset.column.data_type} cannot be {source.data_type} plus an amount",
            "add to a column of its own kind: numbers to numbers, dates and moments to each other",
        )
