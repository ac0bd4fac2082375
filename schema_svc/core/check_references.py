"""Foreign keys: what they name is there, unique and of the same type, and a first row can exist."""

from collections.abc import Iterator, Mapping

from schema_svc.core.faults import (
    ImpossibleFanOut,
    InvalidKey,
    ReferenceNotUnique,
    RequiredCycle,
    RuleMisfit,
    UnknownReferencedColumn,
    UnknownReferencedTable,
)
from schema_svc.core.graph import required_cycle
from schema_svc.core.model import Column, Experiment, ParentChoice, Table
from schema_svc.core.names import did_you_mean
from schema_svc.core.problems import Problem
from schema_svc.core.values import INTEGER_BITS
from schema_svc.core.vocabulary import TypeKind


def check_references(experiment: Experiment) -> Iterator[Problem]:
    """Every broken foreign key."""
    tables = experiment.tables_by_name()
    for t, table in enumerate(experiment.tables):
        for c, column in enumerate(table.columns):
            if key := column.foreign_key:
                path = f"tables[{t}].columns[{c}].foreign_key"
                names = [key.references_column] if key.references_column else []
                yield from _check_target(tables, table, [column.name], key.references_table, names, path)
                yield from _check_nulls(column, key.nullable, path)
                yield from _check_choice(key.parent_choice, table.name, key.references_table, path)
        for g, group in enumerate(table.foreign_keys):
            path = f"tables[{t}].foreign_keys[{g}]"
            yield from _check_columns(table, group.columns, path)
            yield from _check_target(
                tables, table, group.columns, group.references_table, group.references_columns, path
            )
            for name in group.columns:
                if member := table.column(name):
                    yield from _check_nulls(member, group.nullable, path)
            yield from _check_choice(group.parent_choice, table.name, group.references_table, path)


def check_cycles(experiment: Experiment) -> Iterator[Problem]:
    """The first cycle of required keys, named in order."""
    cycle = required_cycle(experiment)
    if not cycle:
        return
    names = " -> ".join([*(edge.table for edge in cycle), cycle[0].table])
    t = next(t for t, table in enumerate(experiment.tables) if table.name == cycle[0].table)
    columns = ", ".join(f"{edge.table}.{'+'.join(edge.columns)}" for edge in cycle)
    yield Problem(
        f"tables[{t}]",
        f"required foreign keys form the cycle {names}: no first row could exist",
        f"let one of {columns} be NULL",
        RequiredCycle,
        (("cycle", names),),
    )


def _check_columns(table: Table, columns: list[str], path: str) -> Iterator[Problem]:
    known = [column.name for column in table.columns]
    if not columns:
        yield Problem(f"{path}.columns", "a foreign key has no columns", "name them", InvalidKey)
    for place, name in enumerate(columns):
        if name not in known:
            yield Problem(
                f"{path}.columns[{place}]", f"there is no column {name!r}", did_you_mean(name, known), InvalidKey
            )


def _check_target(
    tables: Mapping[str, Table], table: Table, columns: list[str], parent_name: str, names: list[str], path: str
) -> Iterator[Problem]:
    plural = "columns" if ".foreign_keys[" in path else "column"
    parent = tables.get(parent_name)
    shown = f"{table.name}.{', '.join(columns)}"
    if parent is None:
        yield Problem(
            f"{path}.references_table",
            f"{shown} references table {parent_name!r}, which is not there",
            did_you_mean(parent_name, tables, "the experiment has"),
            UnknownReferencedTable,
            (("table", parent_name),),
        )
        return
    missing = [name for name in names if parent.column(name) is None]
    if missing:
        known = [column.name for column in parent.columns]
        yield Problem(
            f"{path}.references_{plural}",
            f"{shown} references column {missing[0]!r}, which {parent_name!r} has not",
            did_you_mean(missing[0], known),
            UnknownReferencedColumn,
            (("table", parent_name), ("column", missing[0])),
        )
    elif len(names) != len(columns):
        yield _wrong_width(parent, columns, names, shown, f"{path}.references_{plural}")
    elif not _is_unique(parent, names):
        keys = "; ".join(", ".join(key) for key in parent.unique_groups()) or "none"
        yield Problem(
            f"{path}.references_{plural}",
            f"{shown} references {parent_name}.{', '.join(names)}, which is not unique",
            f"unique in {parent_name!r}: {keys}",
            ReferenceNotUnique,
            (("table", parent_name), ("column", ", ".join(names))),
        )
    else:
        yield from _check_types(table, columns, parent, names, path)


def _is_unique(table: Table, names: list[str]) -> bool:
    return any(sorted(names) == sorted(group) for group in table.unique_groups())


def _wrong_width(parent: Table, columns: list[str], names: list[str], shown: str, path: str) -> Problem:
    if names:
        return Problem(path, f"{shown} has {len(columns)} columns and references {len(names)}", "", InvalidKey)
    return Problem(
        path,
        f"{shown} names no column of {parent.name!r}, whose primary key does not fit",
        "name the referenced columns",
        ReferenceNotUnique,
        (("table", parent.name),),
    )


def _check_types(table: Table, columns: list[str], parent: Table, names: list[str], path: str) -> Iterator[Problem]:
    for own, referenced in zip(columns, names, strict=True):
        child, target = table.column(own), parent.column(referenced)
        if child and target and not compatible(child, target):
            yield Problem(
                path,
                f"{table.name}.{own} is {child.data_type} and references {parent.name}.{referenced}, "
                f"which is {target.data_type}",
                "a foreign key has the type of what it references",
                RuleMisfit,
            )


def compatible(child: Column, parent: Column) -> bool:
    """True where values of `parent` are values of `child`; unread types are another problem."""
    if child.logical_type is None or parent.logical_type is None:
        return True
    return _family(child) == _family(parent)


def _family(column: Column) -> TypeKind:
    logical = column.logical_type
    if logical is None:
        return TypeKind.KIND_UNSPECIFIED
    whole = logical.kind in INTEGER_BITS or (logical.kind is TypeKind.DECIMAL and logical.scale == 0)
    return TypeKind.INT64 if whole else logical.kind


def _check_nulls(column: Column, nullable: bool, path: str) -> Iterator[Problem]:
    if nullable and column.required:
        yield Problem(f"{path}.nullable", f"{column.name!r} is required and cannot be NULL", "set one of the two")


def _check_choice(choice: ParentChoice | None, table: str, parent: str, path: str) -> Iterator[Problem]:
    if choice is None:
        return
    kinds = [name for name in ParentChoice.model_fields if getattr(choice, name) is not None]
    if len(kinds) > 1:
        yield Problem(f"{path}.parent_choice", f"parents are chosen in one way, not {', '.join(kinds)}")
    if choice.tree and table != parent:
        yield Problem(f"{path}.parent_choice.tree", f"a tree references its own table, not {parent!r}")
    if choice.fan_out and choice.fan_out.max and choice.fan_out.min > choice.fan_out.max:
        yield Problem(f"{path}.parent_choice.fan_out.min", "min is above max", "swap them", ImpossibleFanOut)
