"""Offset rules: the column that they add to is there, of a fitting type, and no circle leads back to them."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

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

    columns: Mapping[str, Column]
    column: Column
    rule: OffsetRule
    path: str


def check_offsets(experiment: Experiment) -> Iterator[Problem]:
    """Every broken offset rule."""
    tables = experiment.tables_by_name()
    for t, table in enumerate(experiment.tables):
        sources, columns = {}, {column.name: column for column in table.columns}
        for c, column in enumerate(table.columns):
            if column.rule and (rule := column.rule.offset):
                offset = _Offset(columns, column, rule, f"tables[{t}].columns[{c}].rule.offset")
                yield from _check_amounts(offset)
                yield from _check_source(offset, tables)
                sources[column.name] = rule.column
        yield from _check_circles(sources, table, f"tables[{t}]")


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
    key = offset.columns.get(name.partition(".")[0]) if source is None else None
    if key and key.foreign_key and (parent := tables.get(key.foreign_key.references_table)):
        name = name.partition(".")[2]
        source, known = parent.column(name), [column.name for column in parent.columns]
    elif source and source.foreign_key:
        yield Problem(path, f"{name!r} is a foreign key, to which nothing can be added", "add to a plain column")
    if source is None:
        yield Problem(path, f"there is no column {name!r} to add to", did_you_mean(name, known or offset.columns))
    elif not may_add(offset.column, source):
        yield Problem(
            path,
            f"{offset.column.data_type} cannot be {source.data_type} plus an amount",
            "add to a column of its own kind: numbers to numbers, dates and moments to each other",
        )


def _check_circles(sources: Mapping[str, str], table: Table, path: str) -> Iterator[Problem]:
    done: set[str] = set()
    for start in sources:
        walked: dict[str, None] = {}
        name = start
        while name in sources and name not in done and name not in walked:
            walked[name] = None
            name = sources[name]
        if name in walked:
            names = list(walked)
            circle = " -> ".join([*names[names.index(name) :], name])
            place = next(c for c, column in enumerate(table.columns) if column.name == name)
            yield Problem(
                f"{path}.columns[{place}].rule.offset.column",
                f"offsets add to each other in a circle: {circle}",
                "let one of them be drawn on its own",
                metadata=(("cycle", circle),),
            )
        done |= walked.keys()
