"""Foreign keys of a DDL text that cannot hold: they are left out and said, so that one costs no other table."""

import re
from collections.abc import Iterable

from schema_svc.core.model import ColumnForeignKey, Experiment, ForeignKey, Table
from schema_svc.core.problems import Problem

_PLACE = re.compile(r"tables\[(\d+)\]\.(?:columns\[(\d+)\]\.foreign_key|foreign_keys\[(\d+)\])(?:\.|$|\[)")


def leave_out(experiment: Experiment, problems: Iterable[Problem]) -> list[Problem]:
    """Take the foreign keys out that `problems` are about, with a warning each; answer those problems."""
    broken: dict[tuple[int, int, int], Problem] = {}
    about_keys = []
    for problem in problems:
        if found := _PLACE.match(problem.path):
            t, c, k = (int(number) if number else -1 for number in found.groups())
            broken.setdefault((t, c, k), problem)
            about_keys.append(problem)
    for t, c, k in sorted(broken, reverse=True):  # the last key of a table first
        table = experiment.tables[t]
        table.warnings.append(f"Foreign key {_take(table, c, k)} was left out: {broken[t, c, k].message}.")
    return about_keys


def _take(table: Table, column: int, key: int) -> str:
    """Take a key out of a table; answer how it reads."""
    taken: ColumnForeignKey | ForeignKey | None
    if key >= 0:
        taken = table.foreign_keys.pop(key)
        columns = taken.columns
    else:
        owner = table.columns[column]
        taken, owner.foreign_key, columns = owner.foreign_key, None, [owner.name]
    parent = taken.references_table if taken else ""
    return f"{table.name}({', '.join(columns)}) -> {parent}"
