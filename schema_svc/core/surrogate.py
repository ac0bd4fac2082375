"""Composite primary keys: a surrogate column for generation, the group of the original columns kept unique."""

from schema_svc.core.model import Column, KeyColumns, Table
from schema_svc.core.names import SURROGATE
from schema_svc.core.rules import Rule, SequenceRule


def has_surrogate(table: Table) -> bool:
    """True where the primary key is the surrogate of a composite key."""
    return table.primary_key == [SURROGATE] and bool(table.composite_keys)


def add_surrogate(table: Table, key_name: str = "") -> None:
    """Prepend `_row_id` to a table whose primary key has several columns; it counts from 1 to the table's rows."""
    group = table.primary_key
    if len(group) < 2:
        return
    if any(column.name.casefold() == SURROGATE for column in table.columns):
        table.warnings.append(
            f"Table '{table.name}' has a composite primary key ({', '.join(group)}) and a column '{SURROGATE}' of its "
            "own: no surrogate key column has been added."
        )
        return
    counting = Rule(sequence=SequenceRule(start=1, step=1))
    surrogate = Column(name=SURROGATE, data_type="INT", required=True, is_unique=True, rule=counting)
    table.columns.insert(0, surrogate)
    table.primary_key = [SURROGATE]
    table.composite_keys.insert(0, KeyColumns(columns=group, name=key_name))
    for name in group:
        if column := table.column(name):
            column.required = True
    table.warnings.insert(
        0,
        f"Table '{table.name}' has a composite primary key ({', '.join(group)}). A surrogate key column "
        f"'{SURROGATE}' has been added for generation. Original columns are preserved.",
    )
