"""Rows against what keys and parents can have: unique columns and groups, fan-outs."""

from collections.abc import Collection, Iterator, Mapping

from schema_svc.core.domains import limits
from schema_svc.core.faults import DomainTooSmall, ImpossibleFanOut
from schema_svc.core.model import Experiment, FanOut, ForeignKeyTerms, Table
from schema_svc.core.problems import Problem

FEWEST_LEVELS = 2


def check_domains(experiment: Experiment, misfits: Collection[str] = ()) -> Iterator[Problem]:
    """Every key with fewer values than rows, every fan-out that cannot be.

    `misfits` are paths of tables with rules that do not fit their columns: these have no number of values.
    """
    tables = experiment.tables_by_name()
    for t, table in enumerate(experiment.tables):
        keys = list(_keys(table, f"tables[{t}]"))
        derived = any(key.parent_choice and _derives(key) for key, _ in keys)
        if not derived and f"tables[{t}]" not in misfits:
            yield from _check_keys(table, tables, f"tables[{t}]")
        for key, path in keys:
            if parent := tables.get(key.references_table):
                yield from _check_fan_out(table, parent, key, path)


def _keys(table: Table, path: str) -> Iterator[tuple[ForeignKeyTerms, str]]:
    for c, column in enumerate(table.columns):
        if column.foreign_key:
            yield column.foreign_key, f"{path}.columns[{c}].foreign_key"
    for k, key in enumerate(table.foreign_keys):
        yield key, f"{path}.foreign_keys[{k}]"


def _derives(key: ForeignKeyTerms) -> bool:
    return bool(key.parent_choice and key.parent_choice.fan_out and key.parent_choice.fan_out.derive_rows)


def _check_keys(table: Table, tables: Mapping[str, Table], path: str) -> Iterator[Problem]:
    rows = table.target_rows or 0
    for limit in limits(table, tables):
        if limit.rows < rows:
            yield Problem(
                f"{path}.{limit.path}",
                f"{table.name}.{', '.join(limit.columns)} is unique and has {limit.rows} values for {rows} rows",
                f"lower target_rows to {limit.rows}, or widen its type, bounds or choices",
                DomainTooSmall,
                (("table", table.name), ("domain_size", str(limit.rows))),
            )


def _check_fan_out(table: Table, parent: Table, key: ForeignKeyTerms, path: str) -> Iterator[Problem]:
    rows, parents = table.target_rows or 0, parent.target_rows or 0
    choice = key.parent_choice
    if choice and choice.tree and 0 < choice.tree.levels < FEWEST_LEVELS:
        levels = choice.tree.levels
        yield _impossible(table, f"{path}.parent_choice.tree.levels", f"a tree of {levels} level has no children", "")
    if parent is table or _derives(key):
        return
    if rows and not parents and not key.nullable:
        message = f"{table.name} has {rows} rows and {parent.name}, which each of them needs, has none"
        yield _impossible(table, path, message, f"give {parent.name} rows, or let the key be NULL")
    if choice and choice.fan_out and parents:
        yield from _check_children(table, parent, choice.fan_out, key, f"{path}.parent_choice.fan_out")


def _check_children(table: Table, parent: Table, fan_out: FanOut, key: ForeignKeyTerms, path: str) -> Iterator[Problem]:
    rows, parents = table.target_rows or 0, parent.target_rows or 0
    shown = f"{rows} rows of {table.name} over {parents} of {parent.name}"
    hint = "change target_rows, min or max, or set derive_rows"
    if fan_out.max and not key.nullable and rows > fan_out.max * parents:
        yield _impossible(table, f"{path}.max", f"{shown} is more than {fan_out.max} children each", hint)
    if rows < fan_out.min * parents:
        yield _impossible(table, f"{path}.min", f"{shown} is less than {fan_out.min} children each", hint)


def _impossible(table: Table, path: str, message: str, hint: str) -> Problem:
    return Problem(path, message, hint, ImpossibleFanOut, (("table", table.name),))
